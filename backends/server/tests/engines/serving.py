"""Servers of the engines, each in a process and an environment of its own: the real ones on tiny checkpoints, and the
stand-in, which needs neither their packages nor a checkpoint.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from driving import DrivenServer

BACKENDS = Path(__file__).resolve().parents[3]
#: Where scripts/test-engines keeps the checkpoints, and servers their caches.
FOLDER = Path(os.environ["ENGINES_DIR"])
#: A guard against waiting for ever, no measure: two busy cores take minutes to load.
PATIENCE = 900.0


@dataclass(frozen=True)
class Engine:
    """What the suite must know of an engine to ask it for something."""

    name: str
    sample_rate: int
    voice: str
    environment: dict[str, str]
    #: The folder of its tiny checkpoint; None: it needs none.
    checkpoint: str | None
    #: What the take checks find in the noise of that checkpoint, all of it in every chunk.
    defects: frozenset[str] = field(default_factory=frozenset)


def chatterbox(variant: str, checkpoint: str) -> Engine:
    """One of its three models, with its code made small."""
    patch = str(BACKENDS / "tiny-checkpoints" / "patch")
    tiny = {"PYTHONPATH": patch, "RHAPSODE_TINY_CHATTERBOX": variant}
    return Engine("chatterbox", 24000, "narrator", tiny, checkpoint, defects=frozenset({"cut-off", "noisy"}))


ENGINES = {
    engine.name: engine
    for engine in (
        chatterbox("plain", "chatterbox"),
        Engine(
            "index-tts",
            22050,
            "narrator",
            {"RHAPSODE_DEPENDENCY_FACTS": "index-tts-package"},
            "index-tts",
            defects=frozenset({"cut-off", "noisy", "offset"}),
        ),
        Engine("sesame", 24000, "speaker-0", {}, "sesame"),
        # Slow enough to be asked for something else while it speaks.
        Engine("stand-in", 24000, "alto", {"RHAPSODE_STAND_IN_SECONDS_PER_CHARACTER": "0.02"}, None),
    )
}
#: Those with packages and weights of their own.
REAL = tuple(name for name in ENGINES if name != "stand-in")
MULTILINGUAL = chatterbox("multilingual", "chatterbox-multilingual")
TURBO = chatterbox("turbo", "chatterbox-turbo")


class Server(DrivenServer):
    """A server of an engine. The voice of a request is the engine's unless one is named."""

    def __init__(self, engine: Engine, folder: Path, **settings: object) -> None:
        self.engine = engine
        self.voices = folder / "voices"
        self.voices.mkdir(exist_ok=True)
        self.working_directory = folder / "cwd"
        self.working_directory.mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            # As in a container: there is no home, and one core for each thread of computation.
            "OMP_NUM_THREADS": "1",
            "RHAPSODE_ENGINE": engine.name,
            "RHAPSODE_PORT": "0",
            "RHAPSODE_VOICES_DIR": str(self.voices),
            # Grammars take a minute to build; they are kept between runs.
            "RHAPSODE_CACHE_DIR": str(FOLDER / "cache"),
            "RHAPSODE_DEVICE": "cpu",
            **engine.environment,
            **{f"RHAPSODE_{name.upper()}": str(value) for name, value in settings.items()},
        }
        if engine.checkpoint is not None:
            environment["RHAPSODE_MODEL_DIR"] = str(FOLDER / "models" / engine.checkpoint)
        asking = {"voice": engine.voice, "seed": 1}
        super().__init__(environment, patience=PATIENCE, folder=self.working_directory, asking=asking)

    def refusal(self, text: str, **fields: Any) -> dict[str, Any]:
        """The error of a request that must fail, with its status."""
        answer = self.ask(text, **fields)
        assert answer.status_code != 200, "it was spoken"
        return {"status": answer.status_code, **answer.json()["error"]}


def recording(path: Path, pitch: float = 180.0, seconds: float = 4.0, rate: int = 24000) -> Path:
    """Writes something to take a voice from: a tone that rises and falls, over a little noise."""
    moments = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(round(pitch)).normal(scale=0.01, size=len(moments))
    tone = np.sin(2 * np.pi * pitch * moments) * (1 + 0.5 * np.sin(2 * np.pi * 3 * moments))
    soundfile.write(path, 0.2 * tone + noise, rate)
    return path


def add_voices(folder: Path) -> None:
    """The recordings that every server of the suite has."""
    recording(folder / "narrator.wav", 180.0)
    (folder / "narrator.txt").write_text("Yes.", encoding="utf-8")
    recording(folder / "other.wav", 260.0, rate=44100)
    recording(folder / "hardly.wav", 200.0, seconds=0.5)
