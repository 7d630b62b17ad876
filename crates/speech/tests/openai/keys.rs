//! Keys and certificates.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use rhapsode_speech::{BackendSettings, Secret, SpeechError, open_backend};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::wav::wav;
use crate::{open, settings, speak};

const KEY: &str = "sk-very-secret-0815";

#[tokio::test]
async fn the_key_is_sent_and_shown_nowhere() {
    let server = Server::at("127.0.0.1:0", |heard| {
        let said = heard.header("authorization").unwrap_or("nothing");
        Answer::new(401, &[], json!({ "error": { "message": format!("wrong key: {said}") } }).to_string())
    })
    .await;
    let mut settings = settings(&server.url(), json!({ "api-key-env": "TTS_KEY" }));
    assert_eq!(settings.secret_variable(), Some("TTS_KEY"));
    let missing = open_backend(&settings).await.unwrap_err().to_string();
    assert!(missing.contains("TTS_KEY"), "{missing}");
    settings.secret = Some(Secret::new(&format!("{KEY}\n")));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert_eq!(server.spoken()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert!(error.to_string().contains("wrong key: Bearer [key]"), "{error}");
    let shown = format!(
        "{settings:?} {backend:?} {error:?} {error} {:?} {}",
        backend.ready().await.unwrap_err(),
        serde_json::to_string(&settings).unwrap()
    );
    assert!(!shown.contains("very-secret"), "{shown}");
}

#[tokio::test]
async fn no_part_of_a_key_is_left_where_a_text_is_cut() {
    for (status, filled) in (100..310).flat_map(|filled| [(200, filled), (500, filled)]) {
        let text = format!("{} {KEY}", "x".repeat(filled));
        let server = Server::speaking(move |_| Answer::new(status, &[], &text)).await;
        let mut settings = settings(&server.url(), json!({ "formats": ["wav"] }));
        settings.secret = Some(Secret::new(KEY));
        let backend = open_backend(&settings).await.unwrap().remove(0);
        let error = speak(&backend).await.unwrap_err().to_string();
        assert!(!error.contains("sk-"), "{error}");
    }
}

#[tokio::test]
async fn the_key_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    speak(&open(&server, json!({ "api-key-file": path })).await).await.unwrap();
    assert_eq!(server.spoken()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
    let absent = settings(&server.url(), json!({ "api-key-file": folder.path().join("none") }));
    assert!(matches!(open_backend(&absent).await, Err(SpeechError::Unavailable { .. })));
}

#[tokio::test]
async fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, "none").unwrap();
    let error = open_backend(&settings("https://127.0.0.1:1", json!({ "ca-file": path }))).await.unwrap_err();
    assert!(error.to_string().contains("no certificate"), "{error}");
}

/// Runs `openssl` in a folder; none if it is not there.
fn openssl(folder: &Path, arguments: &str) -> Option<()> {
    let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let Ok(run) = run else {
        println!("skipped: openssl is not installed");
        return None;
    };
    assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    Some(())
}

#[tokio::test]
async fn a_server_with_a_certificate_of_ones_own_is_trusted_with_its_authority_alone() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    std::fs::write(dir.join("san"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    let steps = [
        format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=studio"),
        format!("req {key} -keyout key.pem -out request.pem -subj /CN=localhost"),
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out cert.pem"
            .to_owned(),
    ];
    if steps.iter().any(|step| openssl(dir, step).is_none()) {
        return;
    }
    let mut serving = Command::new("openssl")
        .args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem"])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(serving.stdout.take().unwrap()).lines().map_while(Result::ok);
    let accept = said.find(|line| line.starts_with("ACCEPT")).unwrap();
    let url = format!("https://127.0.0.1:{}", accept.rsplit(':').next().unwrap());
    let ready = async |settings: &BackendSettings| open_backend(settings).await.unwrap()[0].ready().await;
    let trusted = ready(&settings(&url, json!({ "ca-file": dir.join("ca.pem") }))).await;
    let strange = ready(&settings(&url, json!({}))).await;
    serving.kill().unwrap();
    serving.wait().unwrap();
    trusted.unwrap();
    assert!(matches!(strange, Err(SpeechError::Unreachable { .. })), "{strange:?}");
}
