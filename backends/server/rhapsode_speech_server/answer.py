"""A request that is over, for the log and the figures. Nothing of a text is in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rhapsode_speech_server.waiting import Spoken

#: The calls of the protocol by their paths.
CALLS = {
    "/v1/audio/speech": "speech",
    "/v1/audio/voices": "voices",
    "/v1/capabilities": "capabilities",
    "/v1/dependencies": "dependencies",
    "/v1/models": "models",
    "/health": "health",
    "/ready": "ready",
    "/metrics": "metrics",
}


def call_of(path: str) -> str:
    """The call that a path belongs to; a path that is none of ours must not become a label of its own."""
    return "models" if path.startswith("/v1/models/") else CALLS.get(path, "other")


@dataclass
class Answer:
    """Filled in while the request is on its way."""

    id: str
    call: str
    probe: bool
    began: float = field(default_factory=time.monotonic)
    #: None: the client went away before there was an answer.
    status: int | None = None
    code: str | None = None
    characters: int = 0
    voice: str | None = None
    format: str | None = None
    spoken: Spoken | None = None

    @property
    def outcome(self) -> str:
        return "abandoned" if self.status is None else str(self.status)

    def fields(self) -> dict[str, object]:
        """What the log says of it."""
        told: dict[str, object] = {
            "id": self.id,
            "call": self.call,
            "outcome": self.outcome,
            "seconds": round(time.monotonic() - self.began, 4),
        }
        if self.probe:
            told["probe"] = True
        if self.code is not None:
            told["code"] = self.code
        if self.spoken is not None:
            told |= {
                "voice": self.voice,
                "characters": self.characters,
                "format": self.format,
                "audio_seconds": round(self.spoken.sound.seconds, 3),
                "waited": round(self.spoken.waited, 4),
                "synthesis": round(self.spoken.synthesis, 4),
                "batch": self.spoken.batch,
            }
            if self.spoken.sound.scaled != 1.0:
                told["scaled"] = round(self.spoken.sound.scaled, 4)
        return told
