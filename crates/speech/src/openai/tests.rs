//! Several addresses of one name, which no test can have a name server say.

use serde_json::{Value, json};

use super::*;
use crate::{ProbeVoice, SpeechError, probe};

#[path = "../../tests/openai/server.rs"]
#[allow(dead_code, reason = "the tests from outside use the rest of it")]
mod server;
#[path = "../../tests/openai/wav.rs"]
#[allow(dead_code, reason = "the tests from outside use the rest of it")]
mod wav;

use server::{Answer, Heard, Server};
use wav::wav;

fn settings(options: Value) -> BackendSettings {
    let mut all = json!({ "name": "fleet", "kind": "openai" });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn answer(heard: &Heard) -> Answer {
    match heard.path.as_str() {
        "/v1/audio/speech" => Answer::sound(wav()),
        _ => Answer::missing(),
    }
}

#[tokio::test]
async fn each_address_of_a_name_is_a_backend_of_its_own_under_that_name() {
    let first = Server::at("127.0.0.1:0", answer).await;
    let second = Server::at(&format!("127.0.0.2:{}", first.port), answer).await;
    let settings = settings(json!({ "url": format!("http://tts.internal:{}", first.port) }));
    let config = Config::read(&settings).unwrap();
    let addresses =
        ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|ip| SocketAddr::new(ip.parse().unwrap(), first.port));
    let backends = open_at(&settings, &config, addresses.to_vec()).await.unwrap();
    let names: Vec<_> = backends.iter().map(|backend| backend.describe().name.clone()).collect();
    assert_eq!(names, ["fleet@127.0.0.1", "fleet@127.0.0.2", "fleet@127.0.0.3"]);
    assert_eq!(backends[0].describe().identity, backends[1].describe().identity);

    let voice = ProbeVoice::first_of(&*backends[1]);
    probe(&*backends[1], &voice).await.unwrap();
    assert_eq!((first.spoken().len(), second.spoken().len()), (0, 1));
    let host = format!("tts.internal:{}", first.port);
    assert_eq!(second.spoken()[0].header("host"), Some(&*host));

    let error = probe(&*backends[2], &voice).await.unwrap_err();
    assert!(
        matches!(&error, SpeechError::Unreachable { backend, .. } if backend == "fleet@127.0.0.3"),
        "{error}"
    );
}

#[tokio::test]
async fn addresses_that_are_doors_to_one_service_are_one_backend() {
    let settings = settings(json!({ "url": "http://localhost:1", "addresses": "one" }));
    assert_eq!(resolve(&Config::read(&settings).unwrap()).await, []);
}

#[test]
fn a_machine_with_addresses_of_both_families_is_one_machine() {
    let at = |ips: &[&str]| -> Vec<SocketAddr> {
        ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80)).collect()
    };
    assert_eq!(one_for_each_machine(at(&["127.0.0.1", "::1"])), []);
    assert_eq!(one_for_each_machine(at(&["10.0.0.1", "10.0.0.1"])), []);
    let fleet = at(&["10.0.0.1", "10.0.0.2"]);
    assert_eq!(one_for_each_machine(at(&["10.0.0.2", "fd00::1", "fd00::2", "10.0.0.1"])), fleet);
    assert_eq!(one_for_each_machine(at(&["fd00::2", "fd00::1"])), at(&["fd00::1", "fd00::2"]));
}
