//! Who is told of books, with the built program: a server that does what Audiobookshelf documents, a webhook that was away, and
//! the `[watch]` section that names them.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path as Part, State},
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use rhapsode_tests::{Outcome, World, shelf::scan_library};

use crate::watch_folder::{book, drop_book, shelved, watch_once};

/// A server with one library in one folder, by Audiobookshelf's API: a bearer token for everything, `POST /api/upload` with the
/// fields `library`, `folder`, `title`, `author` and `series` and the files, `POST /api/libraries/{id}/scan`.
struct Audiobookshelf {
    port: u16,
    folder: PathBuf,
    /// Titles that it found when it was asked to look.
    found: Arc<Mutex<Vec<Vec<String>>>>,
    _running: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Shelf {
    folder: PathBuf,
    found: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Audiobookshelf {
    fn start(folder: PathBuf) -> Self {
        let running =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = running.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let found = Arc::<Mutex<Vec<Vec<String>>>>::default();
        let shelf = Shelf { folder: folder.clone(), found: Arc::clone(&found) };
        let app = Router::new()
            .route("/api/upload", post(upload))
            .route("/api/libraries/{id}/scan", post(scan))
            .layer(DefaultBodyLimit::disable())
            .with_state(shelf);
        running.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { port, folder, found, _running: running }
    }
}

fn is_welcome(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer secret-token")
}

async fn scan(State(shelf): State<Shelf>, Part(id): Part<String>, headers: HeaderMap) -> StatusCode {
    match (is_welcome(&headers), id.as_str()) {
        (false, _) => StatusCode::UNAUTHORIZED,
        (true, "lib_1") => {
            let titles = scan_library(&shelf.folder).into_iter().map(|book| book.title).collect();
            shelf.found.lock().unwrap().push(titles);
            StatusCode::OK
        }
        (true, _) => StatusCode::NOT_FOUND,
    }
}

async fn upload(State(shelf): State<Shelf>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_welcome(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    let (fields, files) = parts(kind.split_once("boundary=").unwrap().1, &body);
    let field = |name: &str| fields.get(name).map(String::as_str);
    if (field("library"), field("folder")) != (Some("lib_1"), Some("fol_1")) {
        return StatusCode::NOT_FOUND;
    }
    let Some(title) = field("title").filter(|_| !files.is_empty()) else { return StatusCode::BAD_REQUEST };
    let folder: PathBuf = [field("author"), field("series"), Some(title)].into_iter().flatten().collect();
    let folder = shelf.folder.join(folder);
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    StatusCode::OK
}

/// Files by their names.
type Files = Vec<(String, Vec<u8>)>;

/// The fields and the files of a form.
fn parts(boundary: &str, body: &[u8]) -> (BTreeMap<String, String>, Files) {
    let find = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).position(|it| it == wanted);
    let fence = format!("--{boundary}");
    let (mut fields, mut files, mut rest) = (BTreeMap::new(), Vec::new(), body);
    while let Some(at) = find(rest, fence.as_bytes()) {
        rest = &rest[at + fence.len()..];
        let Some(end) = find(rest, b"\r\n\r\n") else { break };
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let content = &rest[end + 4..];
        let content = &content[..find(content, format!("\r\n{fence}").as_bytes()).unwrap()];
        let attribute =
            |name: &str| Some(head.split_once(&format!("; {name}=\""))?.1.split('"').next()?.to_owned());
        let name = attribute("name").unwrap();
        match attribute("filename") {
            Some(file) => files.push((file, content.to_vec())),
            None => drop(fields.insert(name, String::from_utf8(content.to_vec()).unwrap())),
        }
    }
    (fields, files)
}

fn configure(world: &World, hooks: &str) {
    world.write("rhapsode.toml", format!("[watch]\nlibrary = \"library\"\nstate = \"state\"\n{hooks}"));
}

fn listed(world: &World) -> String {
    let listed: Outcome = world.command(["queue", "list"]).output().unwrap().into();
    listed.success().stdout
}

#[test]
fn a_book_is_uploaded_to_audiobookshelf_and_stands_there_as_it_does_here() {
    let world = World::new();
    let server = Audiobookshelf::start(world.path("their library"));
    fs::create_dir_all(&server.folder).unwrap();
    let hook = |name: &str, more: &str| {
        format!(
            "[[watch.hook]]\nname = \"{name}\"\nkind = \"audiobookshelf\"\nurl = \"http://127.0.0.1:{}\"\n\
             library = \"lib_1\"\ntoken-file = \"token\"\n{more}",
            server.port
        )
    };
    world.write("token", "secret-token\n");
    configure(&world, &(hook("upload", "upload-to = \"fol_1\"\n") + &hook("rescan", "")));
    drop_book(&world, "one/one.md", book("The First: a \"Book\"", "It was short."));
    drop_book(&world, "one/book.toml", "[metadata]\nseries = \"Numbers\"\nseries-position = \"2\"\n");
    drop_book(&world, "two.md", book("Zwölf Bücher 本", "It was shorter."));
    let outcome = watch_once(&world, &[]).success();
    assert_eq!(outcome.stderr.matches("the hook upload was told").count(), 2, "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("the hook rescan was told").count(), 2, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("secret-token"));
    let (here, there) = (shelved(&world), scan_library(&server.folder));
    assert_eq!((here.len(), there.len()), (2, 2));
    for (ours, theirs) in here.iter().zip(&there) {
        assert_eq!(
            (&ours.author, &ours.series, &ours.sequence, &ours.title),
            (&theirs.author, &theirs.series, &theirs.sequence, &theirs.title)
        );
        assert_eq!(ours.metadata(), theirs.metadata());
        assert_eq!(fs::read(&ours.sound[0]).unwrap(), fs::read(&theirs.sound[0]).unwrap());
    }
    assert_eq!(server.found.lock().unwrap().len(), 2);
    assert!(!listed(&world).contains("hook"));
}

#[test]
fn a_hook_that_is_away_fails_no_book_is_listed_and_is_told_by_the_next_run() {
    let world = World::new();
    let hook = "[[watch.hook]]\nname = \"chat\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n";
    configure(&world, hook);
    drop_book(&world, "one.md", book("The First", "It was short."));
    let outcome = watch_once(&world, &[]).success();
    assert!(outcome.stderr.contains("the hook chat was not told"), "{}", outcome.stderr);
    assert_eq!(shelved(&world).len(), 1);
    assert!(listed(&world).contains("hook chat: "), "{}", listed(&world));
    let written = hook.replace(
        "kind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"",
        "kind = \"command\"\ncommand = [\"/bin/sh\", \"-c\", \"cat >news.json\"]",
    );
    configure(&world, &written);
    let outcome = watch_once(&world, &[]).success();
    assert!(outcome.stderr.contains("the hook chat was told"), "{}", outcome.stderr);
    let news: serde_json::Value =
        serde_json::from_slice(&fs::read(world.path("news.json")).unwrap()).unwrap();
    assert_eq!((news["event"].as_str(), news["title"].as_str()), (Some("done"), Some("The First")));
    assert!(!listed(&world).contains("hook"));
}

#[test]
fn the_folders_may_stand_in_the_configuration_and_flags_count_over_it() {
    let world = World::new();
    world.write(
        "rhapsode.toml",
        "[watch]\ninbox = \"inbox\"\nlibrary = \"library\"\nstate = \"state\"\nsettle = 0\npoll = 0.05\nin-place = true\n",
    );
    drop_book(&world, "one.md", book("The First", "It was short."));
    let _ = world.run(["watch", "--until-idle", "--library", "other"]).success();
    assert!(world.path("other/A. Writer/The First").is_dir() && world.path("inbox/one.md").is_file());
    assert!(!world.path("library").exists());
    let shown = world.run(["config", "show"]).success().stdout;
    assert!(shown.contains("watch.in-place = true"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_hook_or_missing_is_told_before_the_first_book() {
    let world = World::new();
    let outcome = world.run(["watch", "--library", "library"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint: name it with INBOX"), "{}", outcome.stderr);
    for (hook, reason) in [
        ("kind = \"pigeon\"", "pigeon"),
        ("kind = \"command\"\ncommand = [\"say\", \"{titel}\"]", "{titel}"),
        ("kind = \"command\"\ncommand = []", "empty"),
        ("kind = \"webhook\"\nurl = \"ftp://nas\"", "http"),
        ("kind = \"webhook\"\nurl = \"http://nas\"\nsecret-env = \"RHA_NONE\"", "RHA_NONE"),
        ("kind = \"audiobookshelf\"\nurl = \"http://nas\"\nlibrary = \"lib\"", "token-file"),
        ("kind = \"webhook\"\nurl = \"http://nas\"\non = [\"never\"]", "never"),
        ("kind = \"webhook\"\nurl = \"http://nas\"\ntime-out = 0", "86400"),
    ] {
        configure(&world, &format!("[[watch.hook]]\nname = \"one\"\n{hook}\n"));
        let outcome = watch_once(&world, &[]);
        assert_eq!(outcome.code, Some(4), "{hook}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(reason) && outcome.stderr.contains("hint:"),
            "{hook}: {}",
            outcome.stderr
        );
    }
}
