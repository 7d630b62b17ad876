//! What the parsers make of `uv.lock`, `pylock.toml`, includes and wheels.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{fs, io::Write, path::Path};

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};
use rhapsode_deps::{
    DepsError, Kind, Lock, LockEntry, LockFile, Packages, Provenance, WheelFolder, open, read,
};

fn project(file: &str) -> Lock {
    lock(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/project").join(file))
}

fn lock(path: &Path) -> Lock {
    match open(path).unwrap().packages {
        Packages::Lock(lock) => *lock,
        other => panic!("{} is no lock: {other:?}", path.display()),
    }
}

fn entries<'a>(lock: &'a Lock, name: &str) -> Vec<&'a LockEntry> {
    lock.entries.iter().filter(|entry| entry.name.as_ref() == name).collect()
}

fn python(version: &str, system: &str) -> MarkerEnvironment {
    let short = version.rsplit_once('.').unwrap().0;
    MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: version,
        os_name: if system == "win32" { "nt" } else { "posix" },
        platform_machine: "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: if system == "win32" { "Windows" } else { "Linux" },
        platform_version: "",
        python_full_version: version,
        python_version: short,
        sys_platform: system,
    }
    .try_into()
    .unwrap()
}

#[test]
fn exactly_one_of_the_forks_of_a_uv_lock_holds_on_each_python() {
    let lock = project("uv.lock");
    assert_eq!(lock.file, LockFile::Uv);
    let forks = entries(&lock, "networkx");
    assert_eq!(forks.len(), 4);
    for (at, one) in forks.iter().enumerate() {
        for other in &forks[at + 1..] {
            assert!(one.marker.is_disjoint(&other.marker));
        }
    }
    for (version, expected) in
        [("3.9.1", "3.2.1"), ("3.10.2", "3.4.2"), ("3.11.7", "3.6.1"), ("3.13.0", "3.7")]
    {
        let environment = python(version, "linux");
        let holding: Vec<String> = forks
            .iter()
            .filter(|entry| entry.marker.evaluate(&environment, &[]))
            .map(|entry| entry.version.as_ref().unwrap().to_string())
            .collect();
        assert_eq!(holding, [expected], "{version}");
    }
}

#[test]
fn a_uv_lock_tells_who_is_installed_where() {
    let lock = project("uv.lock");
    let [colorama] = entries(&lock, "colorama")[..] else { panic!("colorama") };
    assert!(colorama.marker.evaluate(&python("3.11.7", "win32"), &[]));
    assert!(!colorama.marker.evaluate(&python("3.11.7", "linux"), &[]), "only Windows asks for it");
    let [pysocks] = entries(&lock, "pysocks")[..] else { panic!("pysocks") };
    assert!(pysocks.marker.evaluate(&python("3.11.7", "linux"), &[]), "requests[socks] asks for it");
    let fast = ["fast".parse().unwrap()];
    for orjson in entries(&lock, "orjson") {
        assert!(!orjson.marker.evaluate(&python("3.11.7", "linux"), &[]), "nobody asked for the extra");
    }
    let is_there = |entry: &&&LockEntry| entry.marker.evaluate(&python("3.11.7", "linux"), &fast);
    assert_eq!(entries(&lock, "orjson").iter().filter(is_there).count(), 1);
}

#[test]
fn the_project_of_a_uv_lock_is_no_file_of_an_index_and_says_what_it_asks_for() {
    let lock = project("uv.lock");
    let [reader] = entries(&lock, "reader")[..] else { panic!("reader") };
    assert_eq!(reader.provenance, Provenance::Direct(".".to_owned()));
    assert!(reader.files.is_none() && reader.hashes.is_empty());
    let requires: Vec<String> = reader.requires.iter().flatten().map(ToString::to_string).collect();
    assert!(requires.contains(&"networkx>=3".to_owned()), "{requires:?}");
    assert!(requires.contains(&"requests[socks]>=2.31".to_owned()), "{requires:?}");
    let [markupsafe] = entries(&lock, "charset-normalizer")[..] else { panic!("charset-normalizer") };
    assert!(markupsafe.files.iter().flatten().any(|file| file == "charset_normalizer-3.5.2.tar.gz"));
    assert!(markupsafe.hashes.iter().all(|hash| hash.starts_with("sha256:")));
    assert_eq!(markupsafe.index.as_deref(), Some("https://index.example/simple"));
    assert!(markupsafe.line.is_some_and(|line| line > 1));
}

#[test]
fn a_pylock_has_files_hashes_and_markers() {
    let lock = project("pylock.toml");
    assert_eq!(lock.file, LockFile::Pylock);
    assert_eq!(lock.requires_python.as_ref().unwrap().to_string(), ">=3.9");
    let forks = entries(&lock, "networkx");
    let holding = forks.iter().filter(|entry| entry.marker.evaluate(&python("3.11.7", "linux"), &[]));
    assert_eq!(
        holding.map(|entry| entry.version.as_ref().unwrap().to_string()).collect::<Vec<_>>(),
        ["3.6.1"]
    );
    let [certifi] = entries(&lock, "certifi")[..] else { panic!("certifi") };
    assert_eq!(certifi.files.as_ref().unwrap().len(), 2);
    assert_eq!(certifi.hashes.len(), 2);
}

#[test]
fn a_dependency_of_a_pylock_is_asked_for_where_its_package_is() {
    let text = "lock-version = '1.0'\n[[packages]]\nname = 'click'\nversion = '8.0'\ndependencies = [{name = 'colorama'}]\n\
                [[packages]]\nname = 'colorama'\nversion = '0.4.6'\nmarker = \"sys_platform == 'win32'\"\n";
    let Packages::Lock(lock) = read(Kind::Pylock, "pylock.toml", text.as_bytes()).unwrap().packages else {
        panic!("no lock")
    };
    let requires = lock.entries[0].requires.as_ref().unwrap();
    assert!(requires[0].evaluate_markers(&python("3.11.7", "win32"), &[]));
    assert!(!requires[0].evaluate_markers(&python("3.11.7", "linux"), &[]));
}

#[test]
fn every_kind_of_line_of_a_requirements_file_is_understood() {
    let text = "--index-url https://index.example/simple --trusted-host index.example\n\
                -fwheels\n\
                foo[a, b]==1.0 ; python_version >= '3.8' \\\n  --hash=sha256:aa --hash sha256:bb # via bar\n\
                bar>=1,<2\n\
                baz @ https://files.example/baz-1.2-py3-none-any.whl#sha256=cc\n\
                local @ ./packages/local ; os_name == 'posix'\n\
                -e git+https://git.example/x/engine.git@v1#egg=engine[gpu]\n\
                ./wheels/other-2.0-py3-none-any.whl\n\
                https://files.example/source-3.1.tar.gz\n\
                -e .\n\
                ../somewhere\n";
    let Packages::Lock(lock) =
        read(Kind::Requirements, "requirements.txt", text.as_bytes()).unwrap().packages
    else {
        panic!("no lock")
    };
    let options: Vec<(&str, &str)> =
        lock.options.iter().map(|o| (o.name.as_str(), o.value.as_str())).collect();
    assert_eq!(
        options,
        [
            ("--index-url", "https://index.example/simple"),
            ("--trusted-host", "index.example"),
            ("--find-links", "wheels"),
        ]
    );
    let said: Vec<String> = lock
        .entries
        .iter()
        .map(|entry| {
            format!("{} {}", entry.name, entry.version.as_ref().map_or("-".into(), ToString::to_string))
        })
        .collect();
    assert_eq!(said, ["foo 1.0", "bar -", "baz 1.2", "local -", "engine -", "other 2.0", "source 3.1"]);
    assert_eq!(lock.entries[0].hashes, ["sha256:aa", "sha256:bb"]);
    assert_eq!(lock.entries[0].via, ["bar"]);
    assert_eq!(lock.entries[2].hashes, ["sha256:cc"]);
    assert_eq!(lock.entries[3].provenance, Provenance::Direct("./packages/local".to_owned()));
    assert_eq!(
        lock.unnamed.iter().map(|u| (u.text.as_str(), u.line)).collect::<Vec<_>>(),
        [("-e .", 11), ("../somewhere", 12)]
    );
}

#[test]
fn included_files_bring_their_entries_with_file_and_line_and_cannot_include_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("parts")).unwrap();
    write("all.txt", "-r parts/base.txt\n-c limits.txt\nfoo==1\n");
    write("parts/base.txt", "\nbar==2\n-r more.txt\n");
    write("parts/more.txt", "baz==3\n--find-links here\n");
    write("limits.txt", "foo<2\n");
    let all = lock(&folder.path().join("all.txt"));
    let names: Vec<&str> = all.entries.iter().map(|entry| entry.name.as_ref()).collect();
    assert_eq!(names, ["bar", "baz", "foo"]);
    assert_eq!(all.entries[0].line, Some(2));
    assert_eq!(all.entries[0].file.as_deref(), Some(folder.path().join("parts/base.txt").as_path()));
    assert_eq!(all.entries[2].file, None);
    assert_eq!(all.constraints.len(), 1);
    assert_eq!(all.options[0].file.as_deref(), Some(folder.path().join("parts/more.txt").as_path()));

    write("parts/more.txt", "-r ../all.txt\n");
    let error = open(&folder.path().join("all.txt")).unwrap_err().to_string();
    assert!(error.contains("more.txt, line 1") && error.contains("includes itself"), "{error}");
    write("all.txt", "foo==1\n-r gone.txt\n");
    let error = open(&folder.path().join("all.txt")).unwrap_err().to_string();
    assert!(error.contains("all.txt, line 2") && error.contains("gone.txt"), "{error}");
    write("all.txt", "foo==1\n\nfoo bar baz\n");
    let error = open(&folder.path().join("all.txt")).unwrap_err().to_string();
    assert!(error.contains("all.txt, line 3"), "{error}");
}

#[test]
fn a_lock_is_stale_when_the_input_that_its_header_names_was_changed_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("requirements.in");
    let other = folder.path().join("other.in");
    let path = folder.path().join("requirements.lock.txt");
    fs::write(&input, "foo\n").unwrap();
    fs::write(&other, "foo\n").unwrap();
    fs::write(&path, "#    pip-compile --output-file=requirements.lock.txt requirements.in\nfoo==1\n")
        .unwrap();
    let at = |path: &Path, seconds: u64| {
        let time = fs::metadata(path).unwrap().modified().unwrap() + std::time::Duration::from_secs(seconds);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    assert!(lock(&path).newer_inputs.is_empty(), "a checkout gives all files one time");
    at(&other, 3600);
    assert!(lock(&path).newer_inputs.is_empty(), "the header does not name it");
    at(&input, 3600);
    assert_eq!(lock(&path).newer_inputs, std::slice::from_ref(&input));
    at(&path, 7200);
    assert!(lock(&path).newer_inputs.is_empty());
}

/// A wheel of a distribution, with its requirements.
fn wheel(folder: &Path, name: &str, version: &str, requires: &[&str]) {
    let file = fs::File::create(folder.join(format!("{name}-{version}-py3-none-any.whl"))).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file(format!("{name}-{version}.dist-info/METADATA"), options).unwrap();
    write!(zip, "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n").unwrap();
    for requirement in requires {
        writeln!(zip, "Requires-Dist: {requirement}").unwrap();
    }
    zip.finish().unwrap();
}

fn wheels(path: &Path) -> WheelFolder {
    match open(path).unwrap().packages {
        Packages::Wheels(wheels) => *wheels,
        other => panic!("no wheels: {other:?}"),
    }
}

#[test]
fn a_wheel_folder_tells_names_requirements_sources_and_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    wheel(folder.path(), "numpy", "1.25.2", &[]);
    wheel(folder.path(), "numpy", "2.2.6", &[]);
    wheel(folder.path(), "engine", "0.1.4", &["numpy (>=1.24,<1.26)"]);
    fs::write(folder.path().join("sphn-0.1.4.tar.gz"), b"").unwrap();
    fs::write(folder.path().join("broken-1.0-py3-none-any.whl"), b"PK\x03\x04 and no more").unwrap();
    let found = wheels(folder.path());
    let names: Vec<&str> = found.wheels.iter().map(|wheel| wheel.file_name.as_str()).collect();
    assert_eq!(
        names,
        ["engine-0.1.4-py3-none-any.whl", "numpy-1.25.2-py3-none-any.whl", "numpy-2.2.6-py3-none-any.whl"]
    );
    assert_eq!(found.wheels[0].distribution.requires[0].to_string(), "numpy>=1.24,<1.26");
    assert_eq!(found.sources, ["sphn-0.1.4.tar.gz"]);
    assert_eq!(found.unreadable[0].0, "broken-1.0-py3-none-any.whl");
    let one = wheels(&folder.path().join("engine-0.1.4-py3-none-any.whl"));
    assert_eq!(one.wheels.len(), 1);
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        open(&folder.path().join(name)).unwrap_err()
    };
    assert!(matches!(error("book.epub", "text"), DepsError::Unknown { .. }));
    assert!(matches!(error("other.json", "{}"), DepsError::Unknown { .. }));
    let broken = error("pip_inspect.json", "{\n\"installed\": [\n{]");
    assert!(broken.to_string().contains("pip_inspect.json, line 3"), "{broken}");
    let broken = error("uv.lock", "version = 1\n[[package]]\nname = 'foo'\nversion = 'x y'\n");
    assert!(broken.to_string().contains("uv.lock, line 3: foo"), "{broken}");
    assert!(matches!(open(&folder.path().join("gone")).unwrap_err(), DepsError::Read { .. }));
    for file in ["uv.lock", "pip_inspect.json"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    assert!(matches!(open(folder.path()).unwrap_err(), DepsError::Unknown { .. }));
}
