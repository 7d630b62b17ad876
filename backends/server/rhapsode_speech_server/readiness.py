"""Whether texts can be spoken: only after one sentence was really spoken, and why not before."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum

from rhapsode_speech_server.errors import SpeechFault


class Phase(Enum):
    """What the server does while it cannot speak."""

    STARTING = "starting"
    LOADING = "loading"
    WARMING_UP = "warming-up"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True)
class NotReady:
    """Why nothing can be spoken, and from when on it is worth asking again, on the monotonic clock."""

    phase: Phase
    reason: str
    again_at: float


class Readiness:
    """Read by the event loop, written by the generation thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: NotReady | None = NotReady(Phase.STARTING, "the server is starting", 0.0)

    @property
    def ready(self) -> bool:
        with self._lock:
            return self._state is None

    def check(self) -> None:
        """Raises `SpeechFault` if nothing can be spoken now."""
        with self._lock:
            state = self._state
        if state is not None:
            left = state.again_at - time.monotonic()
            raise SpeechFault.not_ready(state.phase.value, state.reason, max(left, 1.0))

    def set_ready(self) -> None:
        with self._lock:
            # A server that stops does not become ready any more.
            if self._state is None or self._state.phase is not Phase.STOPPING:
                self._state = None

    def set_not_ready(self, phase: Phase, reason: str, again_in: float = 1.0) -> None:
        with self._lock:
            if self._state is None or self._state.phase is not Phase.STOPPING:
                self._state = NotReady(phase, reason, time.monotonic() + again_in)
