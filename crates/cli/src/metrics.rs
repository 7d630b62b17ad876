//! `--metrics`: the figures of a run for Prometheus, from the same events that everything else is told from.

use std::sync::{Arc, atomic::AtomicU64};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use rhapsode_engine::{BackendStatus, Breaker, Event, Listener};
use tokio::net::TcpListener;

use crate::failure::{Failure, Kind};

/// The media type of the text that Prometheus reads.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Seconds = Gauge<f64, AtomicU64>;
type Total = Counter<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Backend {
    backend: String,
}

/// The figures.
#[derive(Debug, Default)]
struct Figures {
    chunks: Gauge,
    chunks_done: Gauge,
    takes: Family<Backend, Counter>,
    defects: Counter,
    retries: Counter,
    hedges: Counter,
    inconclusive: Counter,
    speech_seconds: Total,
    tracks: Counter,
    books: Counter,
    waiting: Gauge,
    busy: Family<Backend, Gauge>,
    slots: Family<Backend, Gauge>,
    most_slots: Family<Backend, Gauge>,
    errors: Family<Backend, Gauge>,
    times_real_time: Family<Backend, Seconds>,
    works: Family<Backend, Gauge>,
}

/// The listener with the figures beside it, served at `address` if there is one: a port of this machine, or an
/// address with a port.
pub(crate) async fn beside(
    listener: Arc<dyn Listener>,
    address: Option<&str>,
) -> Result<Arc<dyn Listener>, Failure> {
    let Some(address) = address else { return Ok(listener) };
    let parsed = crate::address::parse("metrics", address)?;
    let socket = TcpListener::bind(parsed).await.map_err(|error| {
        let hint = Some("choose another port, or 0 for one that is free");
        Failure::new(Kind::Usage, format!("failed to serve metrics at {parsed}: {error}"), hint)
    })?;
    if let Ok(bound) = socket.local_addr()
        && parsed.port() == 0
    {
        crate::commands::say(&format!("metrics are at http://{bound}/metrics"));
    }
    let figures = Figures::default();
    let registry = Arc::new(figures.registry());
    let page = move || {
        let registry = Arc::clone(&registry);
        async move {
            let mut text = String::new();
            // Writing into a string does not fail.
            let _ = encode(&mut text, &registry);
            ([(header::CONTENT_TYPE, TEXT)], text).into_response()
        }
    };
    let router = Router::new().route("/metrics", get(page));
    tokio::spawn(async move { axum::serve(socket, router).await });
    Ok(Arc::new(Beside { listener, figures }))
}

/// Tells a listener and counts.
struct Beside {
    listener: Arc<dyn Listener>,
    figures: Figures,
}

impl Listener for Beside {
    fn tell(&self, event: Event) {
        self.figures.count(&event);
        self.listener.tell(event);
    }
}

impl Figures {
    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("rhapsode");
        registry.register("chunks", "Chunks of the book", self.chunks.clone());
        registry.register(
            "chunks_done",
            "Chunks of the book whose takes are there",
            self.chunks_done.clone(),
        );
        registry.register("takes", "Takes made in this run", self.takes.clone());
        registry.register("defects", "Takes with a defect made in this run", self.defects.clone());
        registry.register("retries", "Chunks tried again", self.retries.clone());
        registry.register("hedges", "Chunks given to a second backend", self.hedges.clone());
        let help = "Takes that the listening check could not judge";
        registry.register("inconclusive", help, self.inconclusive.clone());
        let help = "Speech made in this run";
        registry.register_with_unit("speech", help, Unit::Seconds, self.speech_seconds.clone());
        registry.register("tracks", "Chapters mastered", self.tracks.clone());
        registry.register("books", "Books finished", self.books.clone());
        registry.register("waiting", "Whether no backend works and the job waits", self.waiting.clone());
        registry.register("backend_busy", "Requests in flight", self.busy.clone());
        registry.register("backend_slots", "Requests that it gets at the same time", self.slots.clone());
        registry.register("backend_slots_max", "Requests that it would get at most", self.most_slots.clone());
        registry.register("backend_errors", "Failed requests and rejected takes", self.errors.clone());
        let help = "Seconds of speech a second, all slots together";
        registry.register("backend_times_real_time", help, self.times_real_time.clone());
        registry.register("backend_works", "Whether its breaker is closed", self.works.clone());
        registry
    }

    fn count(&self, event: &Event) {
        match event {
            Event::Scripted { chunks, .. } => {
                self.chunks.set(*chunks as i64);
                self.chunks_done.set(0);
            }
            Event::LookedUp { present, .. } => {
                self.chunks_done.set(*present as i64);
            }
            Event::Take { seconds, defects, backend, .. } => {
                self.chunks_done.inc();
                self.takes.get_or_create(&Backend { backend: backend.clone() }).inc();
                self.speech_seconds.inc_by(*seconds);
                if !defects.is_empty() {
                    self.defects.inc();
                }
            }
            Event::Retry { .. } => drop(self.retries.inc()),
            Event::Hedged { .. } => drop(self.hedges.inc()),
            Event::Inconclusive { .. } => drop(self.inconclusive.inc()),
            Event::Track { .. } => drop(self.tracks.inc()),
            Event::Finished(_) => drop(self.books.inc()),
            Event::Waiting { .. } => drop(self.waiting.set(1)),
            Event::GoesOn => drop(self.waiting.set(0)),
            Event::Backend(status) => self.note(status),
            _ => {}
        }
    }

    fn note(&self, status: &BackendStatus) {
        let label = Backend { backend: status.backend.clone() };
        self.busy.get_or_create(&label).set(status.busy as i64);
        self.slots.get_or_create(&label).set(status.slots as i64);
        self.most_slots.get_or_create(&label).set(status.most_slots as i64);
        self.errors.get_or_create(&label).set(status.errors as i64);
        self.works.get_or_create(&label).set(i64::from(status.breaker == Breaker::Closed));
        if let Some(times) = status.times_real_time {
            self.times_real_time.get_or_create(&label).set(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_the_events() {
        let figures = Figures::default();
        let registry = figures.registry();
        figures.count(&Event::Take {
            ordinal: 3,
            chapter: 0,
            characters: 10,
            seconds: 2.5,
            defects: vec!["silent".into()],
            backend: "studio".into(),
        });
        figures.count(&Event::Backend(BackendStatus {
            backend: "studio".into(),
            busy: 2,
            slots: 3,
            most_slots: 4,
            takes: 1,
            errors: 5,
            times_real_time: Some(7.5),
            busy_seconds: 1.0,
            breaker: Breaker::Open,
        }));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "rhapsode_takes_total{backend=\"studio\"} 1",
            "rhapsode_speech_seconds_total 2.5",
            "rhapsode_defects_total 1",
            "rhapsode_backend_slots{backend=\"studio\"} 3",
            "rhapsode_backend_works{backend=\"studio\"} 0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
