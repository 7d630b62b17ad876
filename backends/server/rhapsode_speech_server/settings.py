"""What the environment sets, parsed once: everything behind this file has values that are right."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: Of rhapsode's engines, each has a port of its own.
PORTS = {"index-tts": 5124, "chatterbox": 5125, "sesame": 5126, "stand-in": 5127}


class EngineName(Enum):
    """The engines that there are adapters for."""

    CHATTERBOX = "chatterbox"
    INDEX_TTS = "index-tts"
    SESAME = "sesame"
    STAND_IN = "stand-in"


class SeededRequests(Enum):
    """What becomes of a request with a seed when the engine cannot keep its promise in a batch."""

    #: It shares a batch: fast, and the seed repeats the sound only in a batch of the same shape.
    GROUPED = "grouped"
    #: It has the model for itself: the seed always repeats the sound.
    ALONE = "alone"


class SettingsError(Exception):
    """A variable has a value that it cannot have. The text names both."""


@dataclass(frozen=True)
class Settings:
    """How a server is run."""

    engine: EngineName
    model_dir: Path | None
    voices_dir: Path = Path("/voices")
    artifacts_dir: Path = Path("/opt/dependency_artifacts")
    environment_dir: Path = Path("/opt/environment_info")
    #: The only place that is written to, beside the system's temporary folder.
    cache_dir: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / "rhapsode-speech-server")
    host: str = "127.0.0.1"
    port: int = 0
    #: `auto`, `cpu`, `cuda` or `cuda:N`.
    device: str = "auto"
    #: None: as many as the engine can.
    max_batch: int | None = None
    #: Requests that wait, beside those that are spoken.
    queue: int = 32
    #: None: never.
    restart_after_requests: int | None = None
    restart_above_gib: float | None = None
    seeded: SeededRequests = SeededRequests.GROUPED
    token: str | None = None
    #: Bytes that the body of a request may have: it may hold a recording.
    body_limit: int = 8 << 20
    log_level: str = "info"
    #: Whose dependency facts count: the engine's, or those of a profile of it.
    facts: str = ""
    #: What is set for the engine alone: `RHAPSODE_CHATTERBOX_VARIANT=turbo` is `variant`.
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Reads every `RHAPSODE_…` variable. An empty one is the same as none."""
        read = _Reader({name: value for name, value in environment.items() if value.strip()})
        engine = read.required("RHAPSODE_ENGINE", EngineName)
        default = cls(engine=engine, model_dir=None)
        folder = read.optional
        return cls(
            engine=engine,
            model_dir=folder("RHAPSODE_MODEL_DIR", Path, None),
            voices_dir=folder("RHAPSODE_VOICES_DIR", Path, default.voices_dir),
            artifacts_dir=folder("RHAPSODE_ARTIFACTS_DIR", Path, default.artifacts_dir),
            environment_dir=folder("RHAPSODE_ENVIRONMENT_DIR", Path, default.environment_dir),
            cache_dir=folder("RHAPSODE_CACHE_DIR", _absolute, default.cache_dir),
            host=read.optional("RHAPSODE_HOST", str, default.host),
            port=read.optional("RHAPSODE_PORT", _port, PORTS[engine.value]),
            device=read.optional("RHAPSODE_DEVICE", _device, default.device),
            max_batch=read.optional("RHAPSODE_MAX_BATCH", _positive, None),
            queue=read.optional("RHAPSODE_QUEUE", _natural, default.queue),
            restart_after_requests=read.optional("RHAPSODE_RESTART_AFTER_REQUESTS", _or_never, None),
            restart_above_gib=read.optional("RHAPSODE_RESTART_ABOVE_GIB", _size_or_never, None),
            seeded=read.optional("RHAPSODE_SEEDED", SeededRequests, default.seeded),
            token=read.optional("RHAPSODE_TOKEN_FILE", _token, None),
            body_limit=read.optional("RHAPSODE_BODY_LIMIT", _positive, default.body_limit),
            log_level=read.optional("RHAPSODE_LOG_LEVEL", _log_level, default.log_level),
            facts=read.optional("RHAPSODE_DEPENDENCY_FACTS", str, engine.value),
            options=read.beginning_with(f"RHAPSODE_{engine.name}_"),
        )

    def slots(self, most: int) -> int:
        """Requests of one forward pass, of which the engine takes so many at most."""
        return min(most, self.max_batch or most)


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def required(self, name: str, parse: Callable[[str], T]) -> T:
        if name not in self._environment:
            raise SettingsError(f"{name} is not set; {_wanted(parse)}")
        return self._parsed(name, parse)

    def optional(self, name: str, parse: Callable[[str], T], default: T | None) -> T:
        # The caller's annotation says whether None is among the values.
        return self._parsed(name, parse) if name in self._environment else default  # type: ignore[return-value]

    def beginning_with(self, prefix: str) -> Mapping[str, str]:
        names = (name for name in self._environment if name.startswith(prefix))
        return {name.removeprefix(prefix).lower(): self._environment[name].strip() for name in names}

    def _parsed(self, name: str, parse: Callable[[str], T]) -> T:
        text = self._environment[name].strip()
        try:
            return parse(text)
        except (ValueError, OSError) as error:
            reason = _wanted(parse) or str(error)
            raise SettingsError(f"{name} is {text!r}; {reason}") from error


def _wanted(parse: object) -> str:
    if isinstance(parse, type) and issubclass(parse, Enum):
        return "it must be one of " + ", ".join(str(member.value) for member in parse)
    return ""


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("it must be a whole number from 0 on")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("it must be a whole number from 1 on")
    return number


def _or_never(text: str) -> int | None:
    return _natural(text) or None


def _size_or_never(text: str) -> float | None:
    size = float(text)
    if not 0 <= size < float("inf"):
        raise ValueError("it must be a number of GiB")
    return size or None


def _port(text: str) -> int:
    number = _natural(text)
    if number > 65535:
        raise ValueError("it must be a port")
    return number


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", text):
        raise ValueError("it must be auto, cpu, cuda or cuda:N")
    return text


def _log_level(text: str) -> str:
    level = text.lower()
    if level not in {"debug", "info", "warning", "error"}:
        raise ValueError("it must be debug, info, warning or error")
    return level


def _absolute(text: str) -> Path:
    return Path(text).absolute()


def _token(text: str) -> str:
    """Reads the token of a file. White space around it does not count, so that the file may end with a new line."""
    token = Path(text).read_text(encoding="utf-8").strip()
    if not token or not all("!" <= character <= "~" for character in token):
        raise ValueError("the file must have one line of visible ASCII characters, at least one")
    return token
