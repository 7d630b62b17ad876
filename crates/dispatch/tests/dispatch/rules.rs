//! Order, limits, retries, defects, failures and stopping.

use std::sync::Arc;

use rhapsode_dispatch::{DispatchError, DispatchEvent, DispatchOutcome, FailedChunk, StopSignal};
use rhapsode_store::Verdict;
use tokio::sync::{Semaphore, mpsc};

use crate::fake::{Answer, Fake, Run};

const SENTENCES: [&str; 6] = [
    "Call me Ishmael, if you please.",
    "Some years ago I had no money.",
    "There was nothing on the shore.",
    "So I thought I would sail about.",
    "It is a way I have of driving off the spleen.",
    "This is my substitute for pistol and ball.",
];

fn finished(events: &[DispatchEvent]) -> Vec<u32> {
    let ordinal = |event: &DispatchEvent| match event {
        DispatchEvent::Finished { ordinal, .. } => Some(*ordinal),
        _ => None,
    };
    events.iter().filter_map(ordinal).collect()
}

fn retries(events: &[DispatchEvent]) -> usize {
    events.iter().filter(|event| matches!(event, DispatchEvent::Retried { .. })).count()
}

#[tokio::test]
async fn chunks_are_spoken_in_reading_order_whatever_the_order_of_the_work() {
    let mut run = Run::new(SENTENCES);
    run.work.reverse();
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good));
    let (outcome, events) = run.with(&[&fake]).await;
    assert_eq!(fake.texts(), SENTENCES);
    let mut finished = finished(&events);
    finished.sort_unstable();
    assert_eq!(finished, [0, 1, 2, 3, 4, 5], "checks run side by side and end in any order");
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 6, ..Default::default() });
}

#[tokio::test]
async fn equal_chunks_are_spoken_once_and_all_finish() {
    let run = Run::new(["He said.", "She left.", "He said.", "He said."]);
    let fake = Arc::new(Fake::new("fake", 4, |_, _| Answer::Good));
    let (outcome, events) = run.with(&[&fake]).await;
    assert_eq!(fake.texts(), ["He said.", "She left."]);
    let mut ordinals = finished(&events);
    ordinals.sort_unstable();
    assert_eq!(ordinals, [0, 1, 2, 3]);
    assert_eq!(outcome.unwrap().finished, 4);
    let worked = |event: &&DispatchEvent| matches!(event, DispatchEvent::Finished { elapsed, ordinal, .. } if *ordinal != 1 && !elapsed.is_zero());
    assert_eq!(events.iter().filter(worked).count(), 1, "shared work is counted once");
}

#[tokio::test]
async fn a_take_is_in_the_store_when_its_chunk_is_said_to_be_finished() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 3, |_, _| Answer::Good));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    let mut seen = 0;
    while let Some(event) = hear.recv().await {
        if let DispatchEvent::Finished { ordinal, key, verdict, seconds_of_audio, .. } = event {
            let take = run.store.get(&key.0).unwrap().expect("stored before it is said");
            assert_eq!(key, run.work[ordinal as usize].variants[0].key());
            assert_eq!((take.record.verdict, verdict), (Verdict::Accepted, Verdict::Accepted));
            assert!((take.samples.len() as f64 / f64::from(take.rate) - seconds_of_audio).abs() < 1e-9);
            assert_eq!(take.record.identity["engine"], "fake");
            assert!(take.record.measurements["seconds"].is_number());
            seen += 1;
        }
    }
    assert_eq!(seen, 6);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn no_backend_gets_more_than_it_takes_and_every_slot_is_used() {
    let texts: Vec<String> = (0..60).map(|n| format!("This is sentence number {n} of the book.")).collect();
    let run = Run::new(texts.iter().map(String::as_str));
    let gate = Arc::new(Semaphore::new(0));
    let narrow = Arc::new(Fake::new("narrow", 2, |_, _| Answer::Good).behind(&gate));
    let wide = Arc::new(Fake::new("wide", 5, |_, _| Answer::Good).behind(&gate));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let running = tokio::spawn(run.begin(&[&narrow, &wide], tell));
    // Nothing can finish before every slot has been filled.
    for _ in 0..7 {
        assert!(matches!(hear.recv().await, Some(DispatchEvent::Started { .. })));
    }
    gate.add_permits(60);
    assert_eq!(running.await.unwrap().unwrap().finished, 60);
    assert_eq!((narrow.most_speaking(), wide.most_speaking()), (2, 5));
}

#[tokio::test]
async fn a_rejected_take_is_made_again_with_the_next_seed() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 2, |text, before| match (text == SENTENCES[2], before) {
        (true, 0 | 1) => Answer::Silence,
        _ => Answer::Good,
    }));
    let (outcome, events) = run.with(&[&fake]).await;
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 6, ..Default::default() });
    assert_eq!(fake.seeds(SENTENCES[2]), [100, 101, 102]);
    assert_eq!(retries(&events), 2);
    let record = run.record(2).unwrap();
    assert_eq!((record.verdict, record.seed), (Verdict::Accepted, 102));
}

#[tokio::test]
async fn a_take_that_was_rejected_with_another_seed_too_is_made_by_another_backend() {
    let run = Run::new([SENTENCES[0], SENTENCES[1]]);
    let gate = Arc::new(Semaphore::new(0));
    let good = Arc::new(Fake::new("good", 1, |_, _| Answer::Good).behind(&gate));
    let hoarse = Arc::new(Fake::new("hoarse", 1, |_, _| Answer::Silence));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let running = tokio::spawn(run.begin(&[&good, &hoarse], tell));
    // The good one is busy with the first text, so the hoarse one is free to take the second as often as it may.
    for _ in 0..2 {
        while !matches!(hear.recv().await, Some(DispatchEvent::Retried { ordinal: 1, .. })) {}
    }
    gate.add_permits(2);
    assert_eq!(running.await.unwrap().unwrap(), DispatchOutcome { finished: 2, ..Default::default() });
    assert_eq!((hoarse.seeds(SENTENCES[1]), good.seeds(SENTENCES[1])), (vec![100, 101], vec![102]));
    assert_eq!(run.record(1).unwrap().verdict, Verdict::Accepted);
}

#[tokio::test]
async fn the_best_of_the_rejected_takes_is_kept_and_named_as_a_defect() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 1, |text, before| match (text == SENTENCES[1], before) {
        (true, 1) => Answer::Long,
        (true, _) => Answer::Silence,
        _ => Answer::Good,
    }));
    let (outcome, events) = run.with(&[&fake]).await;
    assert_eq!(
        outcome.unwrap(),
        DispatchOutcome { finished: 6, defects: vec![1], ..Default::default() },
        "a defect is used, and nothing else suffers"
    );
    assert_eq!(fake.seeds(SENTENCES[1]), [100, 101, 102]);
    let record = run.record(1).unwrap();
    assert_eq!(record.seed, 101, "too much speech is better than silence");
    let Verdict::Defect(names) = &record.verdict else { panic!("{:?}", record.verdict) };
    assert!(names.contains(&"too-long".to_owned()), "{names:?}");
    let said = events.iter().find_map(|event| match event {
        DispatchEvent::Finished { ordinal: 1, verdict, .. } => Some(verdict),
        _ => None,
    });
    assert_eq!(said, Some(&record.verdict));
}

#[tokio::test]
async fn an_error_that_passes_is_tried_again_with_the_same_seed() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 2, |text, before| match (text == SENTENCES[0], before) {
        (true, 0..4) => Answer::Transient,
        _ => Answer::Good,
    }));
    let (outcome, _) = run.with(&[&fake]).await;
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 6, ..Default::default() });
    assert_eq!(fake.seeds(SENTENCES[0]), [100; 5]);
}

#[tokio::test]
async fn a_chunk_that_never_comes_through_fails_by_name_and_the_job_goes_on() {
    for answer in [Answer::Transient, Answer::Nothing, Answer::Panic] {
        let run = Run::new(SENTENCES);
        let fake = Arc::new(Fake::new("fake", 2, move |text, _| match text == SENTENCES[0] {
            true => answer,
            false => Answer::Good,
        }));
        let (outcome, events) = run.with(&[&fake]).await;
        let outcome = outcome.unwrap();
        assert_eq!((outcome.finished, outcome.stopped), (5, false), "{answer:?}");
        let [FailedChunk { ordinal: 0, reason }] = outcome.failed.as_slice() else { panic!("{outcome:?}") };
        let expected = match answer {
            Answer::Nothing => "it returned no sound",
            Answer::Panic => "the fake was told to panic",
            _ => "the line broke",
        };
        assert!(reason.contains(expected), "{reason}");
        let asked = fake.texts().iter().filter(|text| *text == SENTENCES[0]).count();
        assert_eq!(asked as u32, 1 + run.options.retries, "{answer:?}");
        assert!(events.contains(&DispatchEvent::Failed { ordinal: 0, reason: reason.clone() }));
        assert_eq!(run.record(0), None);
    }
}

#[tokio::test]
async fn a_rejected_take_is_better_than_none_when_no_other_comes_through() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 1, |text, before| match (text == SENTENCES[3], before) {
        (true, 0) => Answer::Long,
        (true, _) => Answer::Transient,
        _ => Answer::Good,
    }));
    let outcome = run.with(&[&fake]).await.0.unwrap();
    assert_eq!(outcome, DispatchOutcome { finished: 6, defects: vec![3], ..Default::default() });
}

#[tokio::test]
async fn a_panicking_backend_loses_neither_the_chunk_nor_the_slot() {
    let run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 1, |_, before| match before {
        0 => Answer::Panic,
        _ => Answer::Good,
    }));
    let (outcome, events) = run.with(&[&fake]).await;
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 6, ..Default::default() });
    assert_eq!(retries(&events), 6);
}

#[tokio::test]
async fn what_one_backend_cannot_speak_another_is_asked_for() {
    let run = Run::new(SENTENCES);
    let limited = Arc::new(Fake::new("limited", 3, |text, _| match text == SENTENCES[4] {
        true => Answer::Unspeakable,
        false => Answer::Good,
    }));
    let able = Arc::new(Fake::new("able", 1, |_, _| Answer::Good));
    let outcome = run.with(&[&limited, &able]).await.0.unwrap();
    assert_eq!(outcome, DispatchOutcome { finished: 6, ..Default::default() });
    assert!(limited.seeds(SENTENCES[4]).len() <= 1, "it is not asked twice");
}

#[tokio::test]
async fn what_no_backend_can_speak_fails_at_once() {
    let run = Run::new(SENTENCES);
    let script = |text: &str, _| if text == SENTENCES[4] { Answer::Unspeakable } else { Answer::Good };
    let (one, two) = (Arc::new(Fake::new("one", 1, script)), Arc::new(Fake::new("two", 2, script)));
    let outcome = run.with(&[&one, &two]).await.0.unwrap();
    assert_eq!(outcome.finished, 5);
    assert_eq!(outcome.failed.iter().map(|failed| failed.ordinal).collect::<Vec<_>>(), [4]);
    assert_eq!(one.seeds(SENTENCES[4]).len() + two.seeds(SENTENCES[4]).len(), 2);
}

#[tokio::test]
async fn a_chunk_is_not_forgotten_when_the_only_backend_that_might_speak_it_goes() {
    let run = Run::new([SENTENCES[0]]);
    let gate = Arc::new(Semaphore::new(0));
    // Whoever is asked first refuses the chunk; the other one is found to be gone.
    let refusing = Arc::new(Fake::new("refusing", 1, |_, _| Answer::Unspeakable));
    let gone = Arc::new(Fake::new("gone", 1, |_, _| Answer::Unavailable).behind(&gate));
    gate.add_permits(1);
    let (outcome, events) = run.with(&[&refusing, &gone]).await;
    assert_eq!(outcome.unwrap().failed.len(), 1);
    assert!(
        events.iter().any(|e| matches!(e, DispatchEvent::BackendLost { backend, .. } if backend == "gone"))
    );
}

#[tokio::test]
async fn a_lost_backend_gets_no_more_work_and_the_others_do_it() {
    let run = Run::new(SENTENCES);
    let gone = Arc::new(Fake::new("gone", 1, |_, _| Answer::Unavailable));
    let there = Arc::new(Fake::new("there", 1, |_, _| Answer::Good));
    let (outcome, events) = run.with(&[&gone, &there]).await;
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 6, ..Default::default() });
    assert_eq!(gone.texts().len(), 1);
    assert!(
        events.iter().any(|e| matches!(e, DispatchEvent::BackendLost { backend, .. } if backend == "gone"))
    );
}

#[tokio::test]
async fn with_no_backend_left_the_dispatch_ends_and_says_why() {
    let run = Run::new(SENTENCES);
    let gone = Arc::new(Fake::new("gone", 2, |text, _| match text == SENTENCES[0] {
        true => Answer::Good,
        false => Answer::Unavailable,
    }));
    let error = run.with(&[&gone]).await.0.unwrap_err();
    assert!(matches!(error, DispatchError::NoBackend { .. }));
    assert!(error.to_string().contains("it is not there"), "{error}");
    assert!(run.record(0).is_some(), "what was finished is kept");
    let error = run.with(&[]).await.0.unwrap_err();
    assert_eq!(error.to_string(), "find a backend that works: none is configured");
}

#[tokio::test]
async fn nothing_to_do_needs_no_backend() {
    let outcome = Run::new([]).with(&[]).await.0.unwrap();
    assert_eq!(outcome, DispatchOutcome::default());
}

#[tokio::test]
async fn a_drain_finishes_what_is_in_flight_and_begins_nothing() {
    let run = Run::new(SENTENCES);
    let gate = Arc::new(Semaphore::new(0));
    let fake = Arc::new(Fake::new("fake", 2, |_, _| Answer::Good).behind(&gate));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    for _ in 0..2 {
        assert!(matches!(hear.recv().await, Some(DispatchEvent::Started { .. })));
    }
    run.stop.send(StopSignal::Drain).unwrap();
    tokio::task::yield_now().await;
    gate.add_permits(6);
    let outcome = running.await.unwrap().unwrap();
    assert_eq!(outcome, DispatchOutcome { finished: 2, stopped: true, ..Default::default() });
    assert_eq!(fake.texts().len(), 2);
    assert!(run.record(0).is_some() && run.record(1).is_some());
}

#[tokio::test]
async fn a_stop_at_once_does_not_wait_for_what_is_in_flight() {
    let run = Run::new(SENTENCES);
    let gate = Arc::new(Semaphore::new(1));
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good).behind(&gate));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let running = tokio::spawn(run.begin(&[&fake], tell));
    while !matches!(hear.recv().await, Some(DispatchEvent::Started { ordinal: 1, .. })) {}
    run.stop.send(StopSignal::Now).unwrap();
    // The gate stays shut: only a dispatch that drops the request ends.
    let outcome = running.await.unwrap().unwrap();
    assert_eq!(outcome, DispatchOutcome { finished: 1, stopped: true, ..Default::default() });
    assert!(run.record(0).is_some());
}

#[tokio::test]
async fn a_stop_after_the_last_chunk_stops_nothing() {
    let run = Run::new(SENTENCES);
    run.stop.send_replace(StopSignal::Drain);
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good));
    assert!(run.with(&[&fake]).await.0.unwrap().stopped);
    let mut none = Run::new([]);
    none.stop = run.stop.clone();
    assert!(!none.with(&[&fake]).await.0.unwrap().stopped);
}

#[tokio::test]
async fn the_work_goes_on_when_nobody_listens_and_nobody_can_stop_it() {
    let mut run = Run::new(SENTENCES);
    let fake = Arc::new(Fake::new("fake", 2, |_, _| Answer::Good));
    let (tell, hear) = mpsc::unbounded_channel();
    let running = run.begin(&[&fake], tell);
    drop(hear);
    run.stop = tokio::sync::watch::Sender::default();
    assert_eq!(running.await.unwrap().finished, 6);
}
