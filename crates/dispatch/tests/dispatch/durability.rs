//! When takes are forced to the disk.

use std::sync::Arc;

use rhapsode_dispatch::DispatchEvent;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::fake::{Answer, Fake, Run};

const TEXTS: [&str; 4] =
    ["The first sentence.", "The second sentence.", "The third sentence.", "The fourth sentence."];

async fn wait_for_a_finished_chunk(events: &mut UnboundedReceiver<DispatchEvent>) {
    while !matches!(events.recv().await, Some(DispatchEvent::Finished { .. })) {}
}

#[tokio::test]
async fn every_take_is_on_the_disk_when_the_dispatch_ends() {
    let run = Run::new(TEXTS);
    let fake = Arc::new(Fake::new("fake", 2, |_, _| Answer::Good));
    run.with(&[&fake]).await.0.unwrap();
    assert_eq!(run.store.unsynced_takes(), 0);
}

#[tokio::test]
async fn free_takes_go_to_the_disk_in_groups() {
    let mut run = Run::new(TEXTS);
    run.options.sync_takes = 2;
    run.options.sync_interval = std::time::Duration::from_secs(3_600);
    let gate = Arc::new(Semaphore::new(1));
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good).behind(&gate));
    let (tell, mut events) = unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    wait_for_a_finished_chunk(&mut events).await;
    assert_eq!(run.store.unsynced_takes(), 1, "one take alone waits for another");
    gate.add_permits(1);
    wait_for_a_finished_chunk(&mut events).await;
    // The gate holds the third chunk back, so only the group can be what goes to the disk.
    while run.store.unsynced_takes() > 0 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(2);
    assert_eq!(running.await.unwrap().unwrap().finished, 4);
}

#[tokio::test]
async fn a_free_take_does_not_wait_for_its_group_for_ever() {
    let mut run = Run::new(TEXTS);
    run.options.sync_interval = std::time::Duration::from_millis(5);
    let gate = Arc::new(Semaphore::new(1));
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good).behind(&gate));
    let (tell, mut events) = unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    wait_for_a_finished_chunk(&mut events).await;
    while run.store.unsynced_takes() > 0 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(3);
    assert_eq!(running.await.unwrap().unwrap().finished, 4);
}

#[tokio::test]
async fn a_take_that_cost_money_is_on_the_disk_before_its_chunk_is_said_to_be_finished() {
    let run = Run::new(TEXTS);
    let gate = Arc::new(Semaphore::new(1));
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good).behind(&gate).priced());
    let (tell, mut events) = unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    for _ in TEXTS {
        wait_for_a_finished_chunk(&mut events).await;
        assert_eq!(run.store.unsynced_takes(), 0);
        gate.add_permits(1);
    }
    assert_eq!(running.await.unwrap().unwrap().finished, 4);
}
