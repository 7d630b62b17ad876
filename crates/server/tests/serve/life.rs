//! From the start to the end of a server.

use std::sync::Arc;

use rhapsode_server::{Outcome, Server, ServerError, ServerEvent, ServerOptions};
use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    singer::Singer,
    stage::{Events, Stage, error, options},
};

#[tokio::test]
async fn it_is_ready_only_after_a_good_warm_up() {
    let stage = Stage::set(Singer::new(24_000).with_stage_fright(1), options()).await;
    stage.events.wait_for(|event| matches!(event, ServerEvent::NotReady { .. })).await;
    assert_eq!(stage.get("/health").await.status(), 200);
    let (status, refusal, again) = error(stage.get("/ready").await).await;
    assert_eq!((status, &refusal["code"]), (503, &json!("not_ready")));
    assert!(refusal["message"].as_str().unwrap().contains("stage fright") && again.is_some(), "{refusal}");
    let (status, _, again) = error(stage.speak(&json!({ "input": "A song." })).await).await;
    assert!(status == 503 && again.is_some());
    assert_eq!(stage.figure("rhapsode_ready").await, Some(0.0));

    stage.events.wait_for(|event| matches!(event, ServerEvent::Ready { .. })).await;
    assert_eq!(stage.get("/ready").await.status(), 200);
    let spoken = stage.speak(&json!({ "input": "A song.", "response_format": "wav" })).await;
    assert_eq!(spoken.status(), 200);
}

#[tokio::test]
async fn at_its_end_it_finishes_what_is_in_flight_and_takes_nothing_new() {
    let mut stage = Stage::open(Singer::on_cue(1, 24_000), options()).await;
    let speaking = stage.begin("one");
    stage.singer.begun(1).await;
    let waiting = stage.begin("two");
    while stage.figure("rhapsode_queue").await != Some(1.0) {}
    stage.ask_to_end();
    stage.events.wait_for(|event| matches!(event, ServerEvent::Draining)).await;
    assert!(TcpStream::connect(stage.address).await.is_err(), "it still accepts connections");
    stage.singer.cue(2);
    for song in [speaking, waiting] {
        let response = song.await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.unwrap().starts_with(b"RIFF"));
    }
    stage.ended().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error_that_names_it() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let options = ServerOptions { listen: stage.address, ..options() };
    let again = Server::bind(Arc::clone(&stage.singer) as _, options, Arc::new(Events::default())).await;
    let Err(ServerError::Bind { address, .. }) = again else { panic!("it was bound twice") };
    assert_eq!(address, stage.address);
}

#[tokio::test]
async fn each_request_is_told_with_its_figures_and_without_its_text() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let response = stage.speak(&json!({ "input": "A secret song.", "response_format": "flac" })).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let told = stage.events.wait_for(|event| matches!(event, ServerEvent::Answered(_))).await;
    assert!(!format!("{told:?}").contains("secret"));
    let ServerEvent::Answered(answer) = told else { unreachable!() };
    assert_eq!((answer.id, answer.outcome), (id, Outcome::Answered { status: 200, code: None }));
    let spoken = answer.spoken.unwrap();
    assert_eq!((spoken.characters, spoken.voice.as_str(), spoken.format.name()), (14, "alto", "flac"));
}
