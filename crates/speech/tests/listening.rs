//! The listening check against a server on loopback that answers as it is told. Whatever the server does wrong, no
//! take is rejected for it.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, StatusCode},
    routing::post,
};
use rhapsode_audio::{Pcm, SampleRate};
use rhapsode_speech::{Heard, ListeningCheck, ListeningOptions, Part, Request, WordCheck};
use tokio::{net::TcpListener, sync::Barrier};

const TEXT: &str = "There was a clock in the hall that had never been right.";

/// What the server says next.
enum Answer {
    Transcript(&'static str),
    Status(u16, &'static str),
    RetryAfter(u16, &'static str),
    Junk(usize),
    HalfABody,
    Never,
}

#[derive(Default)]
struct Ear {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<(HeaderMap, Bytes)>>,
}

impl Ear {
    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn hear(State(ear): State<Arc<Ear>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    ear.asked.lock().unwrap().push((headers, body));
    let answer = ear.answers.lock().unwrap().pop_front();
    let build = |status: u16, body: Body| Response::builder().status(status).body(body).unwrap();
    match answer.expect("no more was expected to be asked") {
        Answer::Transcript(text) => build(200, serde_json::json!({ "text": text }).to_string().into()),
        Answer::Status(status, body) => build(status, body.into()),
        Answer::RetryAfter(status, wait) => {
            Response::builder().status(status).header("Retry-After", wait).body(Body::empty()).unwrap()
        }
        Answer::Junk(bytes) => build(200, vec![b'x'; bytes].into()),
        Answer::HalfABody => {
            let pieces = [Ok(Bytes::from("{\"text\": \"there was")), Err(std::io::Error::other("gone"))];
            build(200, Body::from_stream(futures_util::stream::iter(pieces)))
        }
        Answer::Never => std::future::pending().await,
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn options() -> ListeningOptions {
    ListeningOptions { retry_delay: Duration::from_millis(1), ..Default::default() }
}

/// A server with these answers, and a check that asks it.
async fn ear(options: ListeningOptions, answers: Vec<Answer>) -> (Arc<Ear>, WordCheck) {
    let ear = Arc::new(Ear { answers: Mutex::new(answers.into()), ..Default::default() });
    let router = Router::new().route("/v1/audio/transcriptions", post(hear)).with_state(Arc::clone(&ear));
    let address = serve(router).await;
    (ear, WordCheck::new(&format!("http://{address}"), options).unwrap())
}

fn request(language: &str) -> Request {
    Request {
        text: vec![Part::Text(TEXT.to_owned())],
        voice: "any".to_owned(),
        reference: None,
        language: language.to_owned(),
        speed: 1.0,
        parameters: Default::default(),
        seed: 0,
        generation: 0,
    }
}

fn take() -> Pcm {
    Pcm { rate: SampleRate(24_000), samples: vec![0.1; 24_000] }
}

async fn listen(check: &WordCheck) -> Heard {
    check.listen(&request("en-GB"), &take()).await
}

#[track_caller]
fn why_inconclusive(heard: Heard) -> String {
    match heard {
        Heard::Inconclusive { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_take_is_sent_as_every_such_server_wants_it() {
    let options = ListeningOptions {
        model: "small.en".to_owned(),
        secret: Some("open sesame".to_owned()),
        ..options()
    };
    let (ear, check) =
        ear(options, vec![Answer::Transcript("there was a clock in the hall that had never been right")])
            .await;
    assert_eq!(listen(&check).await, Heard::Words);
    let asked = ear.asked.lock().unwrap();
    let (headers, body) = &asked[0];
    assert_eq!(headers["authorization"], "Bearer open sesame");
    assert!(headers["content-length"].to_str().unwrap().parse::<usize>().unwrap() > 32_000);
    let form = String::from_utf8_lossy(body);
    for (field, value) in [("model", "small.en"), ("language", "en"), ("response_format", "verbose_json")] {
        assert!(form.contains(&format!("name=\"{field}\"\r\n\r\n{value}\r\n")), "{field}");
    }
    assert!(form.contains("filename=\"take.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF"));
}

#[tokio::test]
async fn other_words_are_a_reason_to_reject() {
    let (_, check) = ear(options(), vec![Answer::Transcript("there was a clock in the hall")]).await;
    let Heard::Otherwise { reason } = listen(&check).await else { panic!("it passed") };
    assert_eq!(reason, "5 words at the end were not heard: “that had never been right”");
}

#[tokio::test]
async fn a_server_without_room_is_asked_again_when_it_says() {
    let patient = ListeningOptions { retry_delay: Duration::from_secs(86_400), ..options() };
    let answers = vec![
        Answer::RetryAfter(429, "0"),
        Answer::RetryAfter(503, "Sun, 06 Nov 1994 08:49:37 GMT"),
        Answer::Transcript(TEXT),
    ];
    let (ear, check) = ear(patient, answers).await;
    assert_eq!(listen(&check).await, Heard::Words);
    assert_eq!(ear.requests(), 3);
}

#[tokio::test]
async fn a_server_cannot_make_it_wait_for_ever() {
    let hasty = ListeningOptions { longest_retry_delay: Duration::from_millis(1), ..options() };
    let (_, check) = ear(hasty, vec![Answer::RetryAfter(429, "86400"), Answer::Transcript(TEXT)]).await;
    assert_eq!(listen(&check).await, Heard::Words);
}

#[tokio::test]
async fn a_server_that_never_has_room_makes_it_inconclusive() {
    let answers = (0..=options().retries).map(|_| Answer::Status(503, "busy")).collect();
    let (ear, check) = ear(options(), answers).await;
    let reason = why_inconclusive(listen(&check).await);
    assert!(reason.contains("no room"), "{reason}");
    assert_eq!(ear.requests(), options().retries as usize + 1);
}

#[tokio::test]
async fn a_server_that_fails_makes_it_inconclusive_at_once() {
    let cases = [
        (Answer::Status(500, "boiler exploded"), "boiler exploded"),
        (Answer::Status(401, "wrong key"), "401"),
        (Answer::Status(404, ""), "404"),
        (Answer::Status(400, "no such language"), "no such language"),
        (Answer::Status(200, "<html>welcome</html>"), "<html>welcome"),
        (Answer::Status(200, "{\"words\": 3}"), "missing field `text`"),
        (Answer::Junk(20_000_000), "longer than"),
        (Answer::HalfABody, "reach the transcription server"),
    ];
    for (answer, expected) in cases {
        let (ear, check) = ear(options(), vec![answer]).await;
        let reason = why_inconclusive(listen(&check).await);
        assert!(reason.starts_with("failed to ") && reason.contains(expected), "{expected}: {reason}");
        assert_eq!(ear.requests(), 1, "{expected}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_makes_it_inconclusive() {
    let hasty = ListeningOptions { time_out: Duration::from_millis(20), ..options() };
    let (_, check) = ear(hasty, vec![Answer::Never]).await;
    assert!(why_inconclusive(listen(&check).await).contains("in time"));
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_left_alone() {
    let answers = (0..3).map(|_| Answer::Status(500, "boiler exploded")).collect();
    let (ear, check) = ear(options(), answers).await;
    for _ in 0..10 {
        why_inconclusive(listen(&check).await);
    }
    assert_eq!(ear.requests(), 3);
}

#[tokio::test]
async fn a_server_that_is_not_there_makes_it_inconclusive() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let check = WordCheck::new(&format!("http://{address}/v1"), options()).unwrap();
    assert!(why_inconclusive(listen(&check).await).contains("reach the transcription server"));
}

#[tokio::test]
async fn a_server_without_verbose_json_is_asked_for_json_from_then_on() {
    let refusal = "response_format 'verbose_json' is not compatible with this model";
    let answers = vec![Answer::Status(400, refusal), Answer::Transcript(TEXT), Answer::Transcript(TEXT)];
    let (ear, check) = ear(options(), answers).await;
    assert_eq!(listen(&check).await, Heard::Words);
    assert_eq!(listen(&check).await, Heard::Words);
    let asked = ear.asked.lock().unwrap();
    let terse: Vec<bool> =
        asked.iter().map(|(_, body)| !String::from_utf8_lossy(body).contains("verbose_json")).collect();
    assert_eq!(terse, [false, true, true]);
}

#[tokio::test]
async fn another_language_is_inconclusive_and_nobody_is_asked() {
    let (ear, check) = ear(options(), Vec::new()).await;
    let reason = why_inconclusive(check.listen(&request("de-DE"), &take()).await);
    assert!(reason.contains("de-DE"), "{reason}");
    assert_eq!(ear.requests(), 0);
}

#[tokio::test]
async fn a_take_without_sound_is_inconclusive_and_nobody_is_asked() {
    let (ear, check) = ear(options(), Vec::new()).await;
    let nothing = Pcm { rate: SampleRate(24_000), samples: Vec::new() };
    why_inconclusive(check.listen(&request("en"), &nothing).await);
    assert_eq!(ear.requests(), 0);
}

#[tokio::test]
async fn silence_counts_only_from_a_server_that_has_heard_something() {
    let answers = vec![Answer::Transcript(""), Answer::Transcript(TEXT), Answer::Transcript("")];
    let (_, check) = ear(options(), answers).await;
    why_inconclusive(listen(&check).await);
    assert_eq!(listen(&check).await, Heard::Words);
    assert!(matches!(listen(&check).await, Heard::Otherwise { .. }));
}

#[tokio::test]
async fn a_server_has_no_more_takes_at_the_same_time_than_agreed() {
    struct Room {
        inside: AtomicUsize,
        most: AtomicUsize,
        pairs: Barrier,
    }
    async fn enter(State(room): State<Arc<Room>>, _: Bytes) -> (StatusCode, String) {
        let inside = room.inside.fetch_add(1, Ordering::SeqCst) + 1;
        room.most.fetch_max(inside, Ordering::SeqCst);
        // Goes on only with a second one: fewer at the same time would never end.
        room.pairs.wait().await;
        room.inside.fetch_sub(1, Ordering::SeqCst);
        (StatusCode::OK, serde_json::json!({ "text": TEXT }).to_string())
    }
    let room =
        Arc::new(Room { inside: AtomicUsize::new(0), most: AtomicUsize::new(0), pairs: Barrier::new(2) });
    let router = Router::new().route("/v1/audio/transcriptions", post(enter)).with_state(Arc::clone(&room));
    let address = serve(router).await;
    let two = ListeningOptions { concurrency: 2, ..options() };
    let check = WordCheck::new(&format!("http://{address}"), two).unwrap();
    let heard = futures_util::future::join_all((0..6).map(|_| listen(&check))).await;
    assert!(heard.iter().all(|heard| *heard == Heard::Words), "{heard:?}");
    assert_eq!(room.most.load(Ordering::SeqCst), 2);
}
