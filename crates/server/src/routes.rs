//! The calls of the protocol, and what surrounds each of them: the token, a name, a count and an event.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rhapsode_speech::{Description, Purpose, SharedBackend};
use serde_json::{Value, json};

use crate::{
    Answer, CallKind, Listener, Outcome, ServerEvent, ServerOptions, Spoken, about, dependencies,
    metrics::{self, Metrics},
    queue::Queue,
    readiness::Readiness,
    refusal::{Refusal, RefusalCode},
    speech,
};

/// When to look again at a backend that was ready and no longer is.
const RECOVERY: Duration = Duration::from_secs(5);

/// What every request shares.
pub(crate) struct Service {
    pub(crate) backend: SharedBackend,
    pub(crate) options: ServerOptions,
    pub(crate) queue: Arc<Queue>,
    pub(crate) readiness: Readiness,
    pub(crate) listener: Arc<dyn Listener>,
    metrics: Metrics,
    requests: AtomicU64,
}

impl Service {
    pub(crate) fn new(backend: SharedBackend, options: ServerOptions, listener: Arc<dyn Listener>) -> Self {
        Self {
            queue: Queue::new(backend.describe().max_concurrency, options.queue),
            readiness: Readiness::new(),
            metrics: Metrics::new(),
            requests: AtomicU64::new(0),
            backend,
            options,
            listener,
        }
    }

    pub(crate) fn describe(&self) -> &Description {
        self.backend.describe()
    }

    pub(crate) fn ffmpeg(&self) -> &Path {
        &self.options.ffmpeg
    }
}

/// What a request is for, as its header says.
pub(crate) fn purpose(headers: &HeaderMap) -> Purpose {
    match headers.get("x-rhapsode-probe") {
        Some(value) if value == "1" => Purpose::Probe,
        _ => Purpose::Take,
    }
}

/// All calls.
pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/v1/audio/speech", post(speech::speech))
        .route("/v1/audio/voices", get(about::voices))
        .route("/v1/models", get(about::models))
        .route("/v1/models/{model}", get(about::model))
        .route("/v1/capabilities", get(about::capabilities))
        .route("/v1/dependencies", get(dependencies::dependencies))
        .route("/metrics", get(figures))
        .fallback(unknown_call)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), guard))
        // Whoever watches over the process has no token.
        .route("/health", get(health))
        .route("/ready", get(ready))
        .layer(middleware::from_fn_with_state(Arc::clone(&service), attend))
        .with_state(service)
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(service): State<Arc<Service>>) -> Result<Json<Value>, Refusal> {
    service.readiness.check()?;
    let backend = service.backend.ready().await;
    backend.map_err(|error| Refusal::not_ready(format!("failed to {error}"), RECOVERY))?;
    Ok(Json(json!({ "status": "ready" })))
}

async fn figures(State(service): State<Arc<Service>>) -> Result<Response, Refusal> {
    let ready = service.readiness.check().is_ok();
    let text = service.metrics.text(&service.queue, ready);
    let text =
        text.map_err(|error| Refusal::failed("metrics_failed", format!("failed to write: {error}")))?;
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}

async fn unknown_call(request: Request) -> Refusal {
    let message = format!("there is no {} here", request.uri().path());
    Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
}

async fn wrong_method(request: Request) -> Refusal {
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

async fn guard(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let checked = service.options.token.as_ref().map_or(Ok(()), |token| token.check(request.headers()));
    match checked {
        Ok(()) => next.run(request).await,
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// Names, counts and tells a request.
async fn attend(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let attendance = Attendance::begin(service, &request);
    let mut response = next.run(request).await;
    attendance.end(&mut response);
    response
}

/// A request on its way. Dropped before its end, its client has gone away.
struct Attendance {
    service: Arc<Service>,
    began: Instant,
    answer: Answer,
}

impl Attendance {
    fn begin(service: Arc<Service>, request: &Request) -> Self {
        let number = service.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = Answer {
            id: format!("req-{number}"),
            call: CallKind::of(request.uri().path()),
            probe: purpose(request.headers()) == Purpose::Probe,
            outcome: Outcome::Abandoned,
            elapsed: Default::default(),
            spoken: None,
        };
        Self { service, began: Instant::now(), answer }
    }

    fn end(mut self, response: &mut Response) {
        let answer = &mut self.answer;
        let code = response.extensions().get().map(|code: &RefusalCode| code.0);
        answer.outcome = Outcome::Answered { status: response.status().as_u16(), code };
        answer.spoken = response.extensions_mut().remove::<Spoken>();
        let id = HeaderValue::from_str(&answer.id).expect("a name is letters and digits");
        response.headers_mut().insert("x-request-id", id);
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let mut answer = self.answer.clone();
        answer.elapsed = self.began.elapsed();
        self.service.metrics.count(&answer);
        self.service.listener.hear(ServerEvent::Answered(answer));
    }
}
