//! What a backend does not take: long texts, many requests at a time; and what it leaves out.

use std::{sync::Arc, time::Duration};

use rhapsode_audio::Pcm;
use rhapsode_dispatch::{DispatchEvent, DispatchOutcome};
use rhapsode_speech::{Heard, ListeningCheck, Request};
use rhapsode_store::Verdict;
use tokio::time::Instant;

use crate::server::{Act, Hall, Server, finished, texts};

const LONG: &str = "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, \
                    I thought I would sail about a little and see the watery part of the world.";

#[tokio::test(start_paused = true)]
async fn a_text_that_is_too_long_is_spoken_in_pieces_and_is_one_take() {
    for says_so in [true, false] {
        let server = Arc::new(Server::new("short", 1).with_limit(60, says_so));
        let hall = Hall::new(&[&server]);
        let mut texts = texts(3);
        texts.insert(0, LONG.to_owned());
        let order = hall.order(&texts);
        let key = order.work[0].variants[0].key();
        let (outcome, events) = hall.run(order).await;
        assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 4, ..Default::default() });
        let take = hall.store.get(&key.0).unwrap().unwrap();
        let seconds = take.samples.len() as f64 / f64::from(take.rate);
        let spoken = LONG.chars().count() as f64 * 0.07;
        assert!((seconds - spoken).abs() < 1.5, "{seconds} s of {spoken} s");
        let learnt = events.iter().find_map(|event| match event {
            DispatchEvent::LimitLearnt { max_chars, .. } => Some(*max_chars),
            _ => None,
        });
        assert!(learnt.is_some_and(|learnt| learnt <= 60 && says_so == (learnt == 60)), "{learnt:?}");
        let spoken: Vec<_> = server.texts().into_iter().filter(|text| text.chars().count() <= 60).collect();
        assert!(spoken.concat().replace(' ', "").contains(&LONG.replace(' ', "")), "{spoken:#?}");
        let again = hall.order(&[format!("{LONG} And so on.")]);
        let refused = server.texts().iter().filter(|text| text.chars().count() > 60).count();
        hall.run(again).await.0.unwrap();
        let now = server.texts().iter().filter(|text| text.chars().count() > 60).count();
        assert_eq!(now, refused, "what was learnt holds for the next order");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_middle_does_not_cost_the_pieces_before_it() {
    let act = |text: &str, before| if before < 3 && text.contains("sail") { Act::Fail } else { Act::Speak };
    let server = Arc::new(Server::new("short", 1).with_limit(60, true).acts(act));
    let hall = Hall::new(&[&server]);
    let outcome = hall.run(hall.order(&[LONG.to_owned()])).await.0.unwrap();
    assert_eq!(outcome.finished, 1);
    assert_eq!(
        server.texts().iter().filter(|text| text.starts_with("Call me")).count(),
        2,
        "refused, spoken"
    );
}

#[tokio::test(start_paused = true)]
async fn a_word_that_is_too_long_goes_to_a_backend_that_takes_it() {
    let short = Arc::new(Server::new("short", 1).with_limit(30, true));
    let able = Arc::new(Server::new("able", 1));
    let word = "Donaudampfschifffahrtsgesellschaftskapitänsmütze".to_owned();
    let hall = Hall::new(&[&short, &able]);
    assert_eq!(hall.run(hall.order(&[word])).await.0.unwrap().finished, 1);
}

#[tokio::test(start_paused = true)]
async fn a_backend_without_room_is_left_alone_as_long_as_it_asks() {
    let wait = Duration::from_secs(7);
    let busy = move |_: &str, before| if before == 0 { Act::Busy(Some(wait)) } else { Act::Speak };
    let server = Arc::new(Server::new("busy", 1).acts(busy));
    let hall = Hall::new(&[&server]);
    let (outcome, _) = hall.run(hall.order(&texts(5))).await;
    assert_eq!(outcome.unwrap().finished, 5);
    let seen = server.seen();
    let refused: Vec<Instant> = seen
        .iter()
        .enumerate()
        .filter(|(n, one)| seen[..*n].iter().all(|o| o.text != one.text))
        .map(|(_, one)| one.at)
        .collect();
    for at in refused {
        assert!(seen.iter().all(|other| other.at <= at || other.at >= at + wait), "{seen:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn slots_that_a_server_does_not_have_are_given_up() {
    // It says eight and has room for two.
    let server = Arc::new_cyclic(|me: &std::sync::Weak<Server>| {
        let me = me.clone();
        Server::new("boastful", 8).acts(move |_, _| match me.upgrade() {
            Some(server) if server.speaking() > 2 => Act::Busy(None),
            _ => Act::Speak,
        })
    });
    let hall = Hall::new(&[&server]);
    assert_eq!(hall.pool.status()[0].slots, 8);
    let outcome = hall.run(hall.order(&texts(100))).await.0.unwrap();
    assert_eq!(outcome.finished, 100);
    let slots = hall.pool.status()[0].slots;
    assert!((1..=3).contains(&slots), "{slots}");
    assert!(server.texts().len() < 140, "{} requests", server.texts().len());
}

#[tokio::test(start_paused = true)]
async fn text_that_a_server_says_it_left_out_is_a_defect() {
    let server = Arc::new(Server::new("one", 1).acts(|_, _| Act::LeaveOut));
    let hall = Hall::new(&[&server]);
    let (outcome, events) = hall.run(hall.order(&texts(1))).await;
    assert_eq!(outcome.unwrap().defects, [0]);
    let defect = Verdict::Defect(vec!["text-dropped".to_owned()]);
    assert!(
        events.iter().any(|e| matches!(e, DispatchEvent::Finished { verdict, .. } if *verdict == defect))
    );
}

/// Hears something else in the first take of every text that it is not sure about.
#[derive(Debug, Default)]
struct Listener(std::sync::Mutex<Vec<String>>);

impl ListeningCheck for Listener {
    fn listen<'a>(
        &'a self,
        request: &'a Request,
        pcm: &'a Pcm,
    ) -> std::pin::Pin<Box<dyn Future<Output = Heard> + Send + 'a>> {
        assert!(pcm.samples.iter().any(|&sample| sample != 0.0), "only takes that passed are listened to");
        let text = request.plain_text();
        let mut heard = self.0.lock().unwrap();
        let first = !heard.contains(&text);
        heard.push(text.clone());
        let heard = match (text.contains("Sentence 0"), first) {
            (true, _) => Heard::Inconclusive { reason: "too short".to_owned() },
            (false, true) => Heard::Otherwise { reason: "three words are missing".to_owned() },
            (false, false) => Heard::Words,
        };
        Box::pin(std::future::ready(heard))
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_heard_otherwise_is_spoken_again_and_what_cannot_be_told_passes() {
    let silent_first = |_: &str, before| if before == 0 { Act::Silence } else { Act::Speak };
    let server = Arc::new(Server::new("one", 2).acts(silent_first));
    let hall = Hall::new(&[&server]);
    let mut order = hall.order(&texts(3));
    let listener = Arc::new(Listener::default());
    order.options.listening = Some(Arc::clone(&listener) as Arc<dyn ListeningCheck>);
    let (outcome, events) = hall.run(order).await;
    assert_eq!(outcome.unwrap(), DispatchOutcome { finished: 3, ..Default::default() });
    assert_eq!(finished(&events), [0, 1, 2]);
    let inconclusive = |e: &&DispatchEvent| matches!(e, DispatchEvent::Inconclusive { ordinal: 0, .. });
    assert_eq!(events.iter().filter(inconclusive).count(), 1);
    assert_eq!(listener.0.lock().unwrap().len(), 5);
    let other = |e: &&DispatchEvent| matches!(e, DispatchEvent::Retried { reason, .. } if reason.contains("other-words"));
    assert_eq!(events.iter().filter(other).count(), 2);
}
