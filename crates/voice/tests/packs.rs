//! Packs: fetched, added, damaged, and mended. The files are those of the installed default voice, served from
//! here over loopback.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use std::{
    cell::RefCell,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rhapsode_voice::{
    Voice, VoiceError, VoicePack,
    pack::{self, MANIFEST, PackSettings, Progress, PythonClient, Role, Source},
};

/// The installed default voice.
fn original() -> VoicePack {
    let dirs = directories::ProjectDirs::from("", "", "rhapsode").expect("there is a home");
    VoicePack::open(&dirs.data_dir().join("voices/hibari"))
        .unwrap_or_else(|error| panic!("run `rhapsode voices fetch` first: failed to {error}"))
}

fn quiet(_: Progress<'_>) {}

fn settings(voices_dir: &Path, sources: Vec<Source>) -> PackSettings {
    PackSettings { voices_dir: voices_dir.to_owned(), sources, patience: Duration::from_secs(1) }
}

fn repository(endpoint: &str) -> Source {
    Source::Repository { endpoint: endpoint.to_owned() }
}

/// What a server makes of the file that it was asked for.
type Answer = fn(&str, Vec<u8>) -> Vec<u8>;

/// A model repository on loopback with the files of the default voice. Returns its address and a count of the
/// requests.
fn serve(answer: Answer) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || respond(stream, answer));
        }
    });
    (endpoint, count)
}

fn respond(mut stream: TcpStream, answer: Answer) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let path = request.split(' ').nth(1).unwrap();
    let name = path.strip_prefix("/maureesewilliams/hibari/resolve/main/").unwrap_or("nothing");
    let response = match fs::read(original().dir().join(name)) {
        Ok(content) => {
            let content = answer(name, content);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len());
            [head.into_bytes(), content].concat()
        }
        Err(_) => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
    };
    // The other side may have heard enough.
    let _ = stream.write_all(&response);
}

/// Nothing but what should be in a voices directory.
fn folders(voices_dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(voices_dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_voice_is_fetched_once_with_progress_and_then_opened_from_disk() {
    let (endpoint, requests) = serve(|_, content| content);
    let dir = tempfile::tempdir().unwrap();
    let voices = dir.path().join("not/there/yet");
    let settings = settings(&voices, vec![repository(&endpoint)]);
    let seen = RefCell::new(Vec::new());
    let pack = pack::resolve(&settings, "heart", &|progress| {
        assert!(progress.source.contains(&endpoint));
        seen.borrow_mut().push((progress.done, progress.total));
    })
    .unwrap();
    let seen = seen.into_inner();
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&(10_915_305, 10_915_305)));
    assert_eq!(pack.manifest().name, "hibari");
    assert_eq!(pack.manifest().licence, "Apache-2.0");
    assert_eq!(pack.manifest().provenance.source, format!("{endpoint}/maureesewilliams/hibari"));
    assert_eq!(pack.revision(), original().revision());
    pack.verify().unwrap();
    Voice::open(&pack).unwrap();
    assert_eq!(folders(&voices), ["hibari"]);

    let before = requests.load(Ordering::Relaxed);
    pack::resolve(&settings, "hibari", &quiet).unwrap();
    assert_eq!(requests.load(Ordering::Relaxed), before);
}

#[test]
fn a_falsified_file_is_refused_and_leaves_nothing_behind() {
    let (endpoint, _) = serve(|name, mut content| {
        if name == "oov.onnx" {
            content[1000] ^= 1;
        }
        content
    });
    let dir = tempfile::tempdir().unwrap();
    let error =
        pack::resolve(&settings(dir.path(), vec![repository(&endpoint)]), "hibari", &quiet).unwrap_err();
    let VoiceError::Unavailable { attempts, .. } = &error else { panic!("{error}") };
    assert!(attempts[1].reason.contains("oov.onnx has the hash"), "{error}");
    assert!(folders(dir.path()).is_empty());
}

#[test]
fn a_download_that_ends_early_or_never_is_refused() {
    for answer in [
        (|_, mut content| {
            content.truncate(content.len() / 2);
            content
        }) as Answer,
        |_, mut content| {
            content.push(0);
            content
        },
    ] {
        let (endpoint, _) = serve(answer);
        let dir = tempfile::tempdir().unwrap();
        let error =
            pack::resolve(&settings(dir.path(), vec![repository(&endpoint)]), "hibari", &quiet).unwrap_err();
        assert!(error.to_string().contains("bytes instead of"), "{error}");
    }
}

#[test]
fn without_a_network_the_error_says_what_was_tried_and_what_to_do() {
    // One address that refuses, and one that accepts and says nothing.
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let sources = vec![
        Source::PythonIndex { clients: vec![PythonClient::Pip { python: "/nowhere/python3".into() }] },
        repository(&format!("http://{refusing}")),
        repository(&format!("http://{}", silent.local_addr().unwrap())),
    ];
    let dir = tempfile::tempdir().unwrap();
    let error = pack::resolve(&settings(dir.path(), sources), "hibari", &quiet).unwrap_err();
    let VoiceError::Unavailable { attempts, .. } = &error else { panic!("{error}") };
    let reasons: Vec<&str> = attempts.iter().map(|attempt| attempt.reason.as_str()).collect();
    assert_eq!(attempts[0].source, dir.path().display().to_string());
    assert_eq!(reasons[0], "there is no hibari");
    assert_eq!(reasons[1], "neither pip nor uv is on this machine");
    assert!(reasons[2].contains("refused"), "{error}");
    assert!(reasons[3].contains("no answer within 1 s"), "{error}");
    for way in ["rhapsode voices fetch", "rhapsode voices add FILE"] {
        assert!(error.to_string().contains(way), "{error}");
    }
}

#[test]
fn an_unknown_voice_is_an_error_that_names_the_known_ones() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["nobody", "../hibari", ""] {
        let error = pack::resolve(&settings(dir.path(), Vec::new()), name, &quiet).unwrap_err();
        assert!(
            matches!(&error, VoiceError::UnknownVoice { known, .. } if known.contains(&"emma".to_owned())),
            "{error}"
        );
    }
}

#[test]
fn installs_at_the_same_time_end_in_one_whole_voice() {
    let (endpoint, _) = serve(|_, content| content);
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), vec![repository(&endpoint)]);
    thread::scope(|scope| {
        let installs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| pack::resolve(&settings, "hibari", &quiet).map(|pack| pack.verify())))
            .collect();
        for install in installs {
            install.join().unwrap().unwrap().unwrap();
        }
    });
    assert_eq!(folders(dir.path()), ["hibari"]);
}

#[test]
fn a_damaged_voice_is_told_and_mended() {
    let (endpoint, _) = serve(|_, content| content);
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), vec![repository(&endpoint)]);
    let graph = pack::resolve(&settings, "hibari", &quiet).unwrap().dir().join("hibari.onnx");
    fs::write(&graph, b"short").unwrap();
    let error = pack::resolve(&settings, "hibari", &quiet).unwrap_err();
    assert!(error.to_string().contains("its hibari.onnx has 5 bytes instead of 7936868"), "{error}");
    assert!(error.to_string().contains("rhapsode voices fetch"), "{error}");
    pack::fetch(&settings, "hibari", &quiet).unwrap().verify().unwrap();

    // The same length, but another content: only the hash tells.
    let mut content = fs::read(&graph).unwrap();
    content[5000] ^= 1;
    fs::write(&graph, content).unwrap();
    let error = pack::resolve(&settings, "hibari", &quiet).unwrap().verify().unwrap_err();
    assert!(error.to_string().contains("hibari.onnx: its content has changed"), "{error}");
    pack::fetch(&settings, "hibari", &quiet).unwrap().verify().unwrap();
    assert_eq!(folders(dir.path()), ["hibari"]);
}

#[test]
fn a_manifest_of_a_later_version_is_told_from_a_broken_one() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(MANIFEST), r#"{"schema": 2, "voices": []}"#).unwrap();
    assert!(matches!(VoicePack::open(dir.path()), Err(VoiceError::NewerPack { found: 2, .. })));
    fs::write(dir.path().join(MANIFEST), r#"{"schema": 1}"#).unwrap();
    assert!(matches!(VoicePack::open(dir.path()), Err(VoiceError::BrokenPack { .. })));
}

#[test]
fn a_manifest_cannot_point_out_of_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = fs::read_to_string(original().dir().join(MANIFEST)).unwrap();
    fs::write(dir.path().join(MANIFEST), manifest.replace("vocab.json", "../vocab.json")).unwrap();
    let error = VoicePack::open(dir.path()).unwrap_err();
    assert!(
        error.to_string().contains("is no file name") || error.to_string().contains("hibari.onnx"),
        "{error}"
    );
}

/// The files of the default voice and nothing else.
fn loose_files(dir: &Path) -> PathBuf {
    let folder = dir.join("assets");
    fs::create_dir_all(&folder).unwrap();
    let original = original();
    for file in original.manifest().files.values() {
        fs::copy(original.dir().join(&file.name), folder.join(&file.name)).unwrap();
    }
    folder
}

#[test]
fn a_voice_is_added_from_a_folder_a_wheel_or_a_pack() {
    let dir = tempfile::tempdir().unwrap();
    let assets = loose_files(dir.path());
    let wheel = dir.path().join("some.whl");
    let mut archive = zip::ZipWriter::new(fs::File::create(&wheel).unwrap());
    for file in fs::read_dir(&assets).unwrap().flatten() {
        let name = format!("hibari/assets/{}", file.file_name().to_str().unwrap());
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(file.path()).unwrap()).unwrap();
    }
    archive.finish().unwrap();
    // Two folders above the files, as when a wheel was unpacked.
    for (number, file) in [assets.as_path(), &wheel, original().dir(), dir.path()].into_iter().enumerate() {
        let voices = dir.path().join(format!("voices-{number}"));
        let pack = pack::add_from_file(&voices, file).unwrap();
        pack.verify().unwrap();
        assert_eq!(pack.revision(), original().revision());
        assert_eq!(folders(&voices), ["hibari"]);
    }
}

#[test]
fn what_is_not_a_voice_is_refused_with_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let voices = dir.path().join("voices");
    let text = dir.path().join("notes.txt");
    fs::write(&text, "no voice").unwrap();
    let refused = |path: &Path| {
        let error = pack::add_from_file(&voices, path).unwrap_err();
        assert!(matches!(error, VoiceError::NotAVoice { .. }), "{error}");
        error.to_string()
    };
    assert!(refused(&dir.path().join("gone")).contains("there is no such file"));
    refused(&text);
    assert!(refused(tempfile::tempdir().unwrap().path()).contains("it holds none of hibari.onnx"));
    let assets = loose_files(dir.path());
    fs::remove_file(assets.join("vocab.json")).unwrap();
    assert!(refused(&assets).contains("hibari needs vocab.json too"));
}

#[test]
fn the_installed_voices_are_listed_the_damaged_ones_too() {
    let dir = tempfile::tempdir().unwrap();
    assert!(pack::installed(&dir.path().join("none")).is_empty());
    pack::add_from_file(dir.path(), original().dir()).unwrap();
    fs::create_dir(dir.path().join("odd")).unwrap();
    fs::write(dir.path().join("odd").join(MANIFEST), "{").unwrap();
    fs::create_dir(dir.path().join("no-pack")).unwrap();
    let listed = pack::installed(dir.path());
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].as_ref().unwrap().manifest().name, "hibari");
    assert!(matches!(listed[1], Err(VoiceError::BrokenPack { .. })));
}

#[test]
fn a_further_voice_takes_what_it_shares_from_an_installed_one() {
    let (endpoint, requests) = serve(|_, content| content);
    let dir = tempfile::tempdir().unwrap();
    pack::add_from_file(dir.path(), original().dir()).unwrap();
    let settings = settings(dir.path(), vec![repository(&endpoint)]);
    let error = pack::resolve(&settings, "fenrir", &quiet).unwrap_err();
    // Only the graph was asked for, and this repository lacks it.
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    assert!(
        error.to_string().contains("voices/am_fenrir_v2.int8.onnx") && error.to_string().contains("404"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_python_client_that_refuses_or_brings_something_else_is_quoted() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let client = |body: &str| {
        let python = dir.path().join(format!("python-{}", body.len()));
        fs::write(&python, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        PythonClient::Pip { python }
    };
    let attempt = |clients: Vec<PythonClient>| {
        let voices = dir.path().join("voices");
        let sources = vec![Source::PythonIndex { clients }];
        match pack::resolve(&settings(&voices, sources), "hibari", &quiet).unwrap_err() {
            VoiceError::Unavailable { attempts, .. } => attempts[1].reason.clone(),
            other => panic!("{other}"),
        }
    };
    let refusing = client("echo 'ERROR: no matching distribution' >&2; exit 1");
    assert_eq!(attempt(vec![refusing.clone()]), "ERROR: no matching distribution");
    // An interpreter without pip is no client; the next one is asked.
    let bare = client("echo \"$0: No module named pip\" >&2; exit 1");
    assert_eq!(attempt(vec![bare, refusing]), "ERROR: no matching distribution");
    let wrong = client(
        "while [ \"$1\" != --dest ]; do shift; done; echo x > \"$2/hibari_tts-0.2.1-py3-none-any.whl\"",
    );
    assert!(attempt(vec![wrong]).contains("has the hash"));
}

#[test]
fn the_files_of_the_default_voice_are_all_there() {
    let roles: Vec<Role> = original().manifest().files.keys().copied().collect();
    assert_eq!(roles, [Role::Graph, Role::Vocabulary, Role::Speller, Role::SpellerAlphabet]);
    original().verify().unwrap();
}
