//! The index client against a server over loopback, and against folders.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use pep508_rs::PackageName;
use rhapsode_deps::IndexFile;

use super::client::{IndexError, Indexes};

const JSON: &str = r#"{"meta": {"api-version": "1.1"}, "name": "x", "files": [
    {"filename": "x-1.0-py3-none-any.whl", "url": "x", "hashes": {}, "requires-python": ">=3.10"}]}"#;
const HTML: &str = r#"<!DOCTYPE html><html><body><a href="/files/x-1.0-py3-none-any.whl#sha256=0"
    data-requires-python="&gt;=3.10">x-1.0-py3-none-any.whl</a></body></html>"#;

/// What the server was asked.
#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    busy: AtomicUsize,
    most: AtomicUsize,
}

async fn page(State(seen): State<Arc<Seen>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let busy = seen.busy.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most.fetch_max(busy, Ordering::SeqCst);
    let earlier = seen.requests.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let json = ([(header::CONTENT_TYPE, "application/vnd.pypi.simple.v1+json")], JSON);
    let answer = match name.as_str() {
        "old" => ([(header::CONTENT_TYPE, "text/html")], HTML).into_response(),
        "moved" => Redirect::permanent("/simple/new/").into_response(),
        "late" if earlier == 0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "private" => match headers.get(header::AUTHORIZATION) {
            // me:hush
            Some(key) if key == "Basic bWU6aHVzaA==" => json.into_response(),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        },
        "nonsense" => "it works!".into_response(),
        "huge" => format!("<html>{}</html>", " ".repeat(1 << 20)).into_response(),
        "nothing" => StatusCode::NOT_FOUND.into_response(),
        _ if accept.starts_with("application/vnd.pypi.simple.v1+json") => json.into_response(),
        _ => StatusCode::NOT_ACCEPTABLE.into_response(),
    };
    seen.busy.fetch_sub(1, Ordering::SeqCst);
    answer
}

async fn serve() -> (String, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let routes = Router::new().route("/simple/{name}/", get(page)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/simple", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, seen)
}

fn names(names: &[&str]) -> Vec<PackageName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn count(files: &BTreeMap<PackageName, Vec<IndexFile>>, name: &str) -> usize {
    files[&names(&[name])[0]].len()
}

async fn fails(address: &str, name: &str) -> String {
    let indexes = Indexes::at(&[address.to_owned()]).unwrap().at_most(1 << 16);
    let error = indexes.files(names(&[name])).await.unwrap_err();
    assert!(matches!(error, IndexError::Answer { .. }));
    error.to_string()
}

#[tokio::test]
async fn pages_come_as_json_or_html_and_from_where_they_moved_to() {
    let (address, seen) = serve().await;
    for address in [address.clone(), format!("{address}/")] {
        let indexes = Indexes::at(&[address]).unwrap();
        let mut files = indexes.files(names(&["new", "old", "moved", "nothing"])).await.unwrap();
        assert!(files.remove(&names(&["nothing"])[0]).unwrap().is_empty());
        assert_eq!(files.keys().map(AsRef::as_ref).collect::<Vec<&str>>(), ["moved", "new", "old"]);
        for files in files.values() {
            assert_eq!(files[0].name, "x-1.0-py3-none-any.whl");
            assert_eq!(files[0].requires_python.as_ref().unwrap().to_string(), ">=3.10");
        }
    }
    // One request a package, and one more for the address that moved.
    assert_eq!(seen.requests.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn a_server_that_is_busy_for_a_moment_is_asked_again() {
    let (address, seen) = serve().await;
    let files = Indexes::at(&[address]).unwrap().files(names(&["late"])).await.unwrap();
    assert_eq!(count(&files, "late"), 1);
    assert_eq!(seen.requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_hundred_packages_are_asked_for_eight_at_a_time() {
    let (address, seen) = serve().await;
    let many = (0..100).map(|number| format!("package-{number}").parse().unwrap());
    assert_eq!(Indexes::at(&[address]).unwrap().files(many).await.unwrap().len(), 100);
    assert!((2..=8).contains(&seen.most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn answers_that_are_none_are_told_with_their_address() {
    let (address, _) = serve().await;
    let told = fails(&address, "nonsense").await;
    assert!(told.contains("/simple/nonsense/") && told.contains("neither JSON nor HTML"), "{told}");
    let told = fails(&address, "huge").await;
    assert!(told.contains("larger than"), "{told}");
    let told = fails(&address, "private").await;
    assert!(told.contains("401"), "{told}");
}

#[tokio::test]
async fn a_password_goes_to_the_server_and_into_no_message() {
    let (address, _) = serve().await;
    let secret = address.replace("http://", "http://me:hush@");
    let files = Indexes::at(std::slice::from_ref(&secret)).unwrap().files(names(&["private"])).await.unwrap();
    assert_eq!(count(&files, "private"), 1);
    let told = fails(&secret, "nonsense").await;
    assert!(!told.contains("hush"), "{told}");
    for wrong in ["ftp://me:hush@host/", "me:hush@host/simple"] {
        let told = Indexes::at(&[wrong.to_owned()]).unwrap_err().to_string();
        assert!(!told.contains("hush"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/simple", listener.local_addr().unwrap());
    drop(listener);
    let told = fails(&address, "x").await;
    assert!(told.contains(&address), "{told}");
}

#[tokio::test]
async fn folders_are_indexes_too_and_several_indexes_add_up() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("one.json"), JSON).unwrap();
    std::fs::create_dir(folder.path().join("two")).unwrap();
    std::fs::write(folder.path().join("two/index.html"), HTML).unwrap();
    let files = Indexes::saved(folder.path()).unwrap().files(names(&["one", "two", "three"])).await.unwrap();
    assert_eq!(["one", "two"].map(|name| count(&files, name)), [1, 1]);
    assert_eq!(files.len(), 2, "nothing is known of what is not saved");
    let url = reqwest::Url::from_file_path(folder.path()).unwrap().to_string();
    let twice = Indexes::at(&[url.clone(), url]).unwrap().files(names(&["one", "three"])).await.unwrap();
    assert_eq!(["one", "three"].map(|name| count(&twice, name)), [2, 0]);
    std::fs::write(folder.path().join("three.json"), "[]").unwrap();
    let error = Indexes::saved(folder.path()).unwrap().files(names(&["three"])).await.unwrap_err();
    assert!(error.to_string().contains("three.json"), "{error}");
    assert!(Indexes::saved(&folder.path().join("nowhere")).is_err());
}
