"""A real server in a process of its own, on a port of loopback: with the stand-in or with a real engine."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import numpy.typing as npt
import soundfile

if TYPE_CHECKING:
    from typing_extensions import Self

Samples = npt.NDArray[np.float32]

PROGRAM = Path(__file__).resolve().parents[1] / "server.py"
#: What its log ends with, in place of a line, when the process has ended.
END = ""


class DrivenServer:
    """A server, what it logs, and a client of it."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        patience: float,
        program: Path = PROGRAM,
        folder: Path | None = None,
        asking: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Waits until it listens.

        `patience`: seconds after which a test does not wait any more, a guard and no measure. `folder`: where the
        process stands. `asking`: fields of every request for speech.
        """
        self.patience = patience
        self._asking = {"response_format": "wav", **asking}
        self.process = subprocess.Popen(
            [sys.executable, str(program)],
            env=dict(environment),
            cwd=folder,
            # Whatever is written must be its log, wherever it is written.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address: str = self.event("listening")["address"]
        self.url = f"http://{self.address}"
        headers = {"Content-Type": "application/json"}
        self.client = httpx.Client(base_url=self.url, timeout=patience, headers=headers)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._tell(line.rstrip("\n"))
        self._tell(END)

    def _tell(self, line: str) -> None:
        with self._told:
            self.lines.append(line)
            self._told.notify_all()

    def events(self) -> list[dict[str, Any]]:
        """The log so far."""
        with self._told:
            return [json.loads(line) for line in self.lines if line.startswith("{")]

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        """Waits for a line of the log."""

        def found() -> dict[str, Any] | None:
            fitting = (line for line in self.events() if line["event"] == name and fields.items() <= line.items())
            return next(fitting, None)

        with self._told:
            self._told.wait_for(lambda: found() is not None or self.lines[-1:] == [END], self.patience)
            event = found()
        assert event is not None, "\n".join(self.lines)
        return event

    def until(self, true: Callable[[], bool]) -> None:
        """Waits for something that must come true."""
        end = time.monotonic() + self.patience
        while not true():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.01)

    def ready(self) -> Self:
        """Waits until it is."""
        self.until(lambda: self.client.get("/ready").status_code == 200)
        return self

    def ask(self, text: str, **fields: Any) -> httpx.Response:
        """Asks for speech."""
        body = {"input": text, **self._asking, **fields}
        return self.client.post("/v1/audio/speech", content=json.dumps(body))

    def speak(self, text: str, **fields: Any) -> Samples:
        """The speech of a request that must be good."""
        answer = self.ask(text, **fields)
        assert answer.status_code == 200, answer.text
        return decoded(answer.content)[0]

    def figures(self) -> dict[str, float]:
        """The metrics by their names, labels included."""
        lines = self.client.get("/metrics").text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def figure(self, name: str) -> float:
        """A figure of the metrics, all labels together."""
        return sum(value for label, value in self.figures().items() if label.split("{")[0] == f"rhapsode_{name}")

    def stop(self) -> int:
        """Ends it as an init system does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(self.patience)

    def close(self) -> None:
        """Ends it at once, if it has not ended."""
        self.client.close()
        self.process.kill()
        self.process.wait()
        self._reader.join()


def decoded(sound: bytes) -> tuple[Samples, int]:
    """The samples of a file, and their rate."""
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="float32")
    return np.asarray(samples, dtype=np.float32), int(rate)
