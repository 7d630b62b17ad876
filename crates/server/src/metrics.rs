//! Figures for Prometheus. Probes are counted apart, so that a gate that looks often does not pass for work.

use std::{fmt, sync::atomic::AtomicU64};

use crate::{Answer, CallKind, Outcome, queue::Queue};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// What the answer of `GET /metrics` is.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    probes: Family<Labels, Counter>,
    speaking: Gauge,
    waiting: Gauge,
    ready: Gauge,
    audio: Counter<f64, AtomicU64>,
    characters: Counter,
    synthesis: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    call: &'static str,
    /// The HTTP status, or `abandoned`.
    status: String,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("rhapsode");
        let requests = Family::default();
        registry.register("requests", "Requests by call and HTTP status, without probes", requests.clone());
        let probes = Family::default();
        registry.register("probes", "Probes by call and HTTP status", probes.clone());
        let speaking = Gauge::default();
        registry.register("in_flight", "Requests that are spoken", speaking.clone());
        let waiting = Gauge::default();
        registry.register("queue", "Requests that wait for a slot", waiting.clone());
        let ready = Gauge::default();
        registry.register("ready", "1 once the warm-up was good", ready.clone());
        let characters = Counter::default();
        registry.register("characters", "Characters that were spoken, without probes", characters.clone());
        let audio = Counter::default();
        let about = "Speech that was made, without probes";
        registry.register_with_unit("audio", about, Unit::Seconds, audio.clone());
        // 50 ms to 3 minutes.
        let synthesis = Histogram::new(exponential_buckets(0.05, 1.8, 15));
        let about = "Time that the backend took for a request, without probes";
        registry.register_with_unit("synthesis", about, Unit::Seconds, synthesis.clone());
        Self { registry, requests, probes, speaking, waiting, ready, audio, characters, synthesis }
    }

    /// Counts a request that is over.
    pub(crate) fn count(&self, answer: &Answer) {
        let status = match &answer.outcome {
            Outcome::Answered { status, .. } => status.to_string(),
            Outcome::Abandoned => "abandoned".to_owned(),
        };
        let family = if answer.probe { &self.probes } else { &self.requests };
        family.get_or_create(&Labels { call: answer.call.name(), status }).inc();
        if let (Some(spoken), CallKind::Speech, false) = (&answer.spoken, answer.call, answer.probe) {
            self.audio.inc_by(spoken.seconds_of_audio);
            self.characters.inc_by(spoken.characters as u64);
            self.synthesis.observe(spoken.synthesis.as_secs_f64());
        }
    }

    /// The figures as Prometheus reads them.
    pub(crate) fn text(&self, queue: &Queue, ready: bool) -> Result<String, fmt::Error> {
        self.speaking.set(queue.speaking() as i64);
        self.waiting.set(queue.waiting() as i64);
        self.ready.set(i64::from(ready));
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
