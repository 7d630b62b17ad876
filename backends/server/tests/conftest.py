"""Real servers with the stand-in engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from driving import PROGRAM, DrivenServer, Samples

SENTENCE = "The quick brown fox jumps over the lazy dog."
#: A guard against waiting for ever, no measure.
PATIENCE = 60.0


class Server(DrivenServer):
    """A server with the stand-in engine."""

    def __init__(self, folder: Path, environment: dict[str, str], program: Path = PROGRAM) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("RHAPSODE_")}
        self.gate = folder / "gate"
        settings = {
            "RHAPSODE_ENGINE": "stand-in",
            "RHAPSODE_PORT": "0",
            "RHAPSODE_VOICES_DIR": str(folder / "voices"),
            "RHAPSODE_ARTIFACTS_DIR": str(folder / "artifacts"),
            "RHAPSODE_ENVIRONMENT_DIR": str(folder / "environment"),
            "RHAPSODE_CACHE_DIR": str(folder / "cache"),
            "RHAPSODE_STAND_IN_GATE": str(self.gate),
        }
        super().__init__({**own, **settings, **environment}, patience=PATIENCE, program=program)

    def ask(self, text: str = SENTENCE, **fields: Any) -> httpx.Response:
        return super().ask(text, **fields)

    def speak(self, text: str = SENTENCE, **fields: Any) -> Samples:
        return super().speak(text, **fields)

    def until_figures(self, **wanted: float) -> None:
        """Waits for figures such as `queue=2`."""
        names = {f"rhapsode_{name}": value for name, value in wanted.items()}
        self.until(lambda: names.items() <= self.figures().items())

    def shut(self) -> None:
        """Nothing is spoken from now on; what is asked for waits in the engine or in the queue."""
        self.gate.touch()

    def open(self) -> None:
        self.gate.unlink(missing_ok=True)


def recording(path: Path, seconds: float, rate: int = 16_000) -> Path:
    """Writes something to take a voice from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moments = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 220 * moments) * np.sin(2 * np.pi * 3 * moments), rate)
    return path


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers; settings are given without their prefix."""
    servers: list[Server] = []

    def starter(program: Path = PROGRAM, **settings: object) -> Server:
        environment = {f"RHAPSODE_{name.upper()}": str(value) for name, value in settings.items()}
        servers.append(Server(tmp_path, environment, program))
        return servers[-1]

    yield starter
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that leave nothing behind."""
    shared = Server(tmp_path_factory.mktemp("shared"), {})
    yield shared.ready()
    shared.close()


def error(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer, which has OpenAI's shape."""
    told: dict[str, Any] = answer.json()["error"]
    assert {"message", "type", "param", "code", "retryable"} <= told.keys()
    return told
