"""Real servers in processes of their own, on ports of loopback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from rhapsode_speech_server.engine import Samples

HERE = Path(__file__).parent
SERVER = HERE.parent / "server.py"
SENTENCE = "The quick brown fox jumps over the lazy dog."
#: A guard against waiting for ever, no measure.
PATIENCE = 60.0


class Server:
    """A server with the stand-in engine."""

    def __init__(self, folder: Path, environment: dict[str, str], program: Path = SERVER) -> None:
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
        self.process = subprocess.Popen(
            [sys.executable, str(program)],
            env={**own, **settings, **environment},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = self.event("listening")["address"]
        headers = {"Content-Type": "application/json"}
        self.client = httpx.Client(base_url=f"http://{self.address}", timeout=PATIENCE, headers=headers)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._told:
                self.lines.append(line.rstrip("\n"))
                self._told.notify_all()
        with self._told:
            self.lines.append("")
            self._told.notify_all()

    def events(self) -> list[dict[str, Any]]:
        with self._told:
            return [json.loads(line) for line in self.lines if line.startswith("{")]

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        """Waits for a line of the log."""

        def found() -> dict[str, Any] | None:
            lines = [json.loads(line) for line in self.lines if line.startswith("{")]
            fitting = (line for line in lines if line["event"] == name and fields.items() <= line.items())
            return next(fitting, None)

        with self._told:
            self._told.wait_for(lambda: found() is not None or self.lines[-1:] == [""], PATIENCE)
            event = found()
        assert event is not None, "\n".join(self.lines)
        return event

    def ready(self) -> Server:
        until(lambda: self.client.get("/ready").status_code == 200)
        return self

    def ask(self, text: str = SENTENCE, **fields: Any) -> httpx.Response:
        body = {"input": text, "response_format": "wav", **fields}
        return self.client.post("/v1/audio/speech", content=json.dumps(body))

    def speak(self, text: str = SENTENCE, **fields: Any) -> Samples:
        answer = self.ask(text, **fields)
        assert answer.status_code == 200, answer.text
        return samples(answer.content)[0]

    def figures(self) -> dict[str, float]:
        lines = self.client.get("/metrics").text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def until_figures(self, **wanted: float) -> None:
        """Waits for figures such as `queue=2`."""
        names = {f"rhapsode_{name}": value for name, value in wanted.items()}
        until(lambda: names.items() <= self.figures().items())

    def shut(self) -> None:
        """Nothing is spoken from now on; what is asked for waits in the engine or in the queue."""
        self.gate.touch()

    def open(self) -> None:
        self.gate.unlink(missing_ok=True)

    def stop(self) -> int:
        """Ends it as an init system does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()
        self._reader.join()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def samples(sound: bytes) -> tuple[Samples, int]:
    decoded, rate = soundfile.read(io.BytesIO(sound), dtype="float32")
    return np.asarray(decoded, dtype=np.float32), int(rate)


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

    def starter(program: Path = SERVER, **settings: object) -> Server:
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
