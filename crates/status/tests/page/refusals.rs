//! What strangers get, and what every answer tells a browser.

use reqwest::Method;

use crate::stage::Stage;

#[tokio::test]
async fn a_name_that_is_not_the_pages_is_not_answered() {
    let stage = Stage::with(|options| options.names = vec!["nas.local".to_owned()]).await;
    for (host, status) in [
        ("evil.example", 421),
        ("nas.local", 200),
        ("nas.local:80", 200),
        ("localhost", 200),
        ("[::1]:5122", 200),
    ] {
        assert_eq!(stage.get("/").header("host", host).send().await.unwrap().status(), status, "{host}");
    }
    let (status, _) = stage.raw("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(status, 421);
    let absolute = "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(stage.raw(absolute).await.0, 421);
}

#[tokio::test]
async fn another_site_can_use_neither_sound_nor_events() {
    let stage = Stage::new().await;
    stage.finish(1, "Emma", Vec::new());
    for path in ["/books/1/sound/0", "/events", "/status.js", "/"] {
        let answer = stage.get(path).header("sec-fetch-site", "cross-site").send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let stage = Stage::unlocked().await;
    stage.finish(1, "Emma", Vec::new());
    for (method, path, host) in [
        (Method::GET, "/", "localhost"),
        (Method::GET, "/status.css", "localhost"),
        (Method::GET, "/status.js", "localhost"),
        (Method::GET, "/icon.svg", "localhost"),
        (Method::GET, "/events", "localhost"),
        (Method::GET, "/books/1/sound/0", "localhost"),
        (Method::GET, "/nothing", "localhost"),
        (Method::GET, "/", "evil.example"),
        (Method::POST, "/queue/pause", "localhost"),
        (Method::DELETE, "/", "localhost"),
    ] {
        let answer = stage.request(method, path).header("host", host).send().await.unwrap();
        let header =
            |name| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("cache-control").contains("no-"), "{path}");
        assert_eq!(header("set-cookie"), "", "{path}");
        assert_eq!(header("access-control-allow-origin"), "", "{path}");
    }
}
