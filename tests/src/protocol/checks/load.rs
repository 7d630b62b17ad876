//! Many at once, and those who go away. What proves it is the order of answers and what the server counts, never a
//! clock.

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::{
    answer::Refusal,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{Crowd, SENTENCE, Session, sentences},
    sound::Sound,
};
use super::life::retry_after;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "load.health",
        expected: "`/health` is answered while speech is made",
        need: Need::Own,
        without: "asks seldom, and takes a server that is silent while it works for alive",
        run: |session| Box::pin(health(session)),
    },
    Check {
        id: "load.concurrency",
        expected: "as many requests at once as the capabilities tell are all good, each with the sound of its own text",
        need: Need::Always,
        without: "cannot use the server: chunks would be mixed up",
        run: |session| Box::pin(concurrency(session)),
    },
    Check {
        id: "load.overflow",
        expected: "one request more than slots and queue hold is refused with 429, `queue_full` and `Retry-After`",
        need: Need::Own,
        without: "adapts the number of requests to how long they take",
        run: |session| Box::pin(overflow(session)),
    },
    Check {
        id: "load.cancellation",
        expected: "clients that go away give their slots and places back, and are counted as `abandoned`",
        need: Need::Own,
        without: "waits longer for others, while the server speaks for nobody",
        run: |session| Box::pin(cancellation(session)),
    },
    Check {
        id: "load.survived",
        expected: "after all this it is ready and speaks as before",
        need: Need::Always,
        without: "takes the server out of the pool until it has proved itself again",
        run: |session| Box::pin(survived(session)),
    },
];

/// Requests at once that are tried until one is refused.
const CROWDS: [usize; 3] = [64, 192, 448];

/// How often a server is asked while it speaks.
const TRIES: usize = 5;

/// A long text that is answered within this leaves no time for a question. This decides only whether there is anything
/// to be seen.
const TOO_SOON: Duration = Duration::from_millis(50);

/// The most requests that are compared one by one.
const COMPARED: usize = 8;

/// Starts so many long texts, and returns when the server tells that it speaks. None if the first was answered before.
async fn speaking(session: &Session, count: usize) -> Result<Option<Crowd>, Fault> {
    let texts = (0..count).map(|n| session.body(&session.long_text(n)));
    let mut crowd = session.crowd(texts);
    loop {
        // A look that is answered counts, whatever else is done by then.
        tokio::select! {
            biased;
            figures = session.figures() => {
                if figures?.is_speaking() {
                    return Ok(Some(crowd));
                }
            }
            Some(first) = crowd.join_next() => {
                Sound::of(joined(first)?)?;
                return Ok(None);
            }
        }
    }
}

fn joined<T>(joined: Result<Result<T, Fault>, tokio::task::JoinError>) -> Result<T, Fault> {
    joined.map_err(|error| Fault::wrong(format!("a request broke down: {error}")))?
}

async fn health(session: &Session) -> Seen {
    session.get("/health").await?.success()?;
    let mut soonest = Duration::MAX;
    for attempt in 0..TRIES {
        let began = Instant::now();
        // A server without figures may not have begun when it is asked, which is still better than no question.
        let crowd = match speaking(session, 1).await {
            Err(Fault::Absent(_)) => Some(session.crowd([session.body(&session.long_text(attempt))])),
            crowd => crowd?,
        };
        if let Some(mut crowd) = crowd {
            tokio::select! {
                biased;
                answer = session.get("/health") => return answer?.success().map(|_| "it is".to_owned()),
                Some(first) = crowd.join_next() => drop(Sound::of(joined(first)?)?),
            }
        }
        soonest = soonest.min(began.elapsed());
    }
    if soonest < TOO_SOON {
        return Err(Fault::skipped("it speaks too fast to be asked meanwhile"));
    }
    Err(Fault::wrong(format!("{TRIES} texts were spoken, each before `/health` was answered")))
}

async fn concurrency(session: &Session) -> Seen {
    let slots = session.slots().min(COMPARED);
    let limit = session.long_text(0).chars().count();
    let seed = if session.is_own() { json!({ "seed": 9 }) } else { json!({}) };
    // Lengths differ, so that a sound that went to the wrong client is known by its length at least.
    let texts: Vec<String> = (0..slots).map(|n| sentences(n, (60 + 70 * n).min(limit))).collect();
    let mut alone = Vec::new();
    for text in &texts {
        alone.push(session.speak(&session.body_with(text, seed.clone())).await?);
    }
    let calls = texts.iter().map(|text| session.post_owned(session.body_with(text, seed.clone())));
    let together = futures_util::future::join_all(calls).await;
    for ((answer, text), alone) in together.into_iter().zip(&texts).zip(&alone) {
        let sound = Sound::of(answer?)?.judged(text, 1.0, session.options.judged)?;
        if session.is_own() {
            demand(sound.is_same_as(alone), || {
                format!("{} for a text that is {} alone, with the same seed", sound.shown(), alone.shown())
            })?;
        }
    }
    Ok(format!("{slots} at once"))
}

async fn overflow(session: &Session) -> Seen {
    if !session.is_own() {
        return Err(Fault::skipped("a foreign server is not driven to its limit"));
    }
    for size in CROWDS {
        session.until_idle().await?;
        let mut crowd = session.crowd((0..size).map(|n| session.body(&session.long_text(n))));
        while let Some(answer) = crowd.join_next().await {
            let answer = joined(answer)?;
            if answer.status.is_success() {
                continue;
            }
            let refusal = Refusal::of(&[429], &["queue_full"]).for_now();
            let seen = refusal.check(&answer, session.options.level)?;
            let seconds = retry_after(&answer)?;
            drop(crowd);
            session.until_idle().await?;
            demand(seconds < 3_600, || format!("Retry-After: {seconds}"))?;
            return Ok(seen);
        }
    }
    Err(Fault::absent(format!("{} requests at once are all taken", CROWDS[CROWDS.len() - 1])))
}

async fn cancellation(session: &Session) -> Seen {
    let abandoned = [("call", "speech"), ("status", "abandoned")];
    let before = session.figures().await?.count("rhapsode_requests_total", &abandoned);
    let Some(crowd) = speaking(session, session.slots() + 2).await? else {
        return Err(Fault::skipped("it speaks faster than a client can go away"));
    };
    drop(crowd);
    session.until_idle().await?;
    let gone = |figures: &super::super::figures::Figures| {
        figures.count("rhapsode_requests_total", &abandoned) > before
    };
    demand(!session.is_own() || gone(&session.until(gone).await?), || {
        "none is counted as abandoned".to_owned()
    })?;
    Ok(session.speak(&session.body(SENTENCE)).await?.judged(SENTENCE, 1.0, session.options.judged)?.shown())
}

async fn survived(session: &Session) -> Seen {
    let ready = session.get("/ready").await?;
    demand(ready.status.is_success() || ready.is_unknown_call(), || ready.shown())?;
    Ok(session.speak(&session.body(SENTENCE)).await?.judged(SENTENCE, 1.0, session.options.judged)?.shown())
}
