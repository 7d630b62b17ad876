//! Many clients at once: slots, the queue, and those who go away.

use rhapsode_server::{CallKind, Outcome, ServerEvent, ServerOptions};
use serde_json::json;

use crate::{
    singer::Singer,
    stage::{Stage, error, options},
};

#[tokio::test]
async fn when_slots_and_queue_are_full_the_next_is_told_when_to_come_back() {
    let stage = Stage::open(Singer::on_cue(2, 24_000), ServerOptions { queue: 1, ..options() }).await;
    let mut songs = vec![stage.begin("one"), stage.begin("two")];
    stage.singer.begun(2).await;
    songs.push(stage.begin("three"));
    while stage.figure("rhapsode_queue").await != Some(1.0) {}
    assert_eq!(stage.figure("rhapsode_in_flight").await, Some(2.0));

    let (status, refusal, again) = error(stage.begin("four").await.unwrap().unwrap()).await;
    assert_eq!((status, &refusal["code"], &refusal["retryable"]), (429, &json!("queue_full"), &json!(true)));
    assert_eq!(refusal["type"], "rate_limit_error");
    assert!(again.is_some_and(|seconds| seconds >= 1));

    stage.singer.cue(3);
    for song in songs {
        assert_eq!(song.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(stage.singer.ended(), 3);
}

#[tokio::test]
async fn a_client_that_goes_away_gives_its_slot_to_the_next() {
    let stage = Stage::open(Singer::on_cue(1, 24_000), ServerOptions { queue: 1, ..options() }).await;
    let first = stage.begin("one");
    stage.singer.begun(1).await;
    let second = stage.begin("two");
    while stage.figure("rhapsode_queue").await != Some(1.0) {}
    first.abort();
    stage.singer.abandoned(1).await;
    stage.singer.begun(2).await;
    stage.singer.cue(1);
    assert_eq!(second.await.unwrap().unwrap().status(), 200);
    assert_eq!(stage.singer.ended(), 1);
    let abandoned = "rhapsode_requests_total{call=\"speech\",status=\"abandoned\"}";
    assert_eq!(stage.figure(abandoned).await, Some(1.0));
}

#[tokio::test]
async fn a_client_that_goes_away_while_it_waits_leaves_the_queue() {
    let stage = Stage::open(Singer::on_cue(1, 24_000), ServerOptions { queue: 1, ..options() }).await;
    let first = stage.begin("one");
    stage.singer.begun(1).await;
    let second = stage.begin("two");
    while stage.figure("rhapsode_queue").await != Some(1.0) {}
    second.abort();
    stage
        .events
        .wait_for(|event| {
            matches!(event, ServerEvent::Answered(answer)
                if answer.call == CallKind::Speech && answer.outcome == Outcome::Abandoned)
        })
        .await;
    let third = stage.begin("three");
    stage.singer.cue(2);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(third.await.unwrap().unwrap().status(), 200);
    assert_eq!(stage.singer.ended(), 2, "the second was never sung");
}
