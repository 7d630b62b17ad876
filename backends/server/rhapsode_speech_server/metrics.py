"""Figures for Prometheus. Probes are counted apart, so that a gate that looks often does not pass for work."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from rhapsode_speech_server.answer import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST

# When a counter was made is of no use here, and doubles the lines.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: 50 ms to 3 minutes, as `rhapsode serve` has them.
SECONDS = [0.05 * 1.8**step for step in range(15)]
BATCHES = [1, 2, 3, 4, 6, 8, 12, 16]


class Metrics:
    """The figures of a server."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        labels = ["call", "status"]
        about = "Requests by call and HTTP status, without probes"
        self._requests = Counter("rhapsode_requests", about, labels, registry=registry)
        self._probes = Counter("rhapsode_probes", "Probes by call and HTTP status", labels, registry=registry)
        self._in_flight = Gauge("rhapsode_in_flight", "Requests that are spoken", registry=registry)
        self._queue = Gauge("rhapsode_queue", "Requests that wait for a slot", registry=registry)
        self._ready = Gauge("rhapsode_ready", "1 once the warm-up was good", registry=registry)
        about = "Characters that were spoken, without probes"
        self._characters = Counter("rhapsode_characters", about, registry=registry)
        about = "Speech that was made, without probes"
        self._audio = Counter("rhapsode_audio", about, unit="seconds", registry=registry)
        about = "Time that the engine took for a request, without probes"
        self._synthesis = Histogram("rhapsode_synthesis", about, unit="seconds", buckets=SECONDS, registry=registry)
        #: Told by the generation thread.
        self.batches = Histogram("rhapsode_batch", "Requests of a forward pass", buckets=BATCHES, registry=registry)
        about = "Voices that the engine prepared: each once, while its model stays"
        self.prepared = Counter("rhapsode_voices_prepared", about, registry=registry)
        self.loads = Counter("rhapsode_model_loads", "Loads of the model that were good", registry=registry)
        self._held = Gauge("rhapsode_held", "Memory that is held", unit="bytes", registry=registry)

    def count(self, answer: Answer) -> None:
        """Counts a request that is over."""
        family = self._probes if answer.probe else self._requests
        family.labels(answer.call, answer.outcome).inc()
        spoken = answer.spoken
        if spoken is not None and not answer.probe:
            self._audio.inc(spoken.sound.seconds)
            self._characters.inc(answer.characters)
            self._synthesis.observe(spoken.synthesis)

    def text(self, *, speaking: int, waiting: int, ready: bool, held_bytes: float) -> bytes:
        """The figures as Prometheus reads them."""
        self._in_flight.set(speaking)
        self._queue.set(waiting)
        self._ready.set(int(ready))
        self._held.set(held_bytes)
        text: bytes = generate_latest(self._registry)  # type: ignore[no-untyped-call]
        return text
