"""What the server needs of a speech engine. An engine is one module in `engines/` and one row in its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from rhapsode_speech_server.errors import SpeechFault

Samples: TypeAlias = npt.NDArray[np.float32]


class Numbers(Enum):
    """Which numbers a range holds."""

    REAL = "real"
    WHOLE = "whole"


@dataclass(frozen=True)
class Range:
    """A number that a request may set. `default` is what the engine takes without it; None leaves it to the engine."""

    minimum: float
    maximum: float
    default: float | None = None
    numbers: Numbers = Numbers.REAL


@dataclass(frozen=True)
class Flag:
    """Something that a request may switch on or off."""

    default: bool


@dataclass(frozen=True)
class Vector:
    """A list of so many numbers, each between the bounds."""

    length: int
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Phrase:
    """Words for the engine, such as how to feel. They are treated like the text: never logged."""

    max_characters: int


Parameter: TypeAlias = Range | Flag | Vector | Phrase
Value: TypeAlias = float | int | bool | str | tuple[float, ...]


class Need(Enum):
    """Whether a voice must come from a recording."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Reference:
    """What the engine wants of the recording that a voice is taken from. `max_seconds` None: it cuts by itself."""

    min_seconds: float
    max_seconds: float | None
    need: Need


class Seeds(Enum):
    """What a seed promises when requests share a forward pass."""

    #: The same request gives the same samples alone and in every batch.
    ANY_BATCH = "any-batch"
    #: Only alone, or in the same batch: arithmetic differs with the shape of a batch.
    ALONE = "alone"


@dataclass(frozen=True)
class Description:
    """What an engine is and can do, once it is loaded."""

    engine: str
    model: str
    #: Hash or revision of the weights; empty if nobody knows it.
    revision: str
    sample_rate: int
    #: Characters of a text, at most and at least.
    max_characters: int
    #: BCP 47 primary subtags; none means that any may be tried.
    languages: Sequence[str] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    #: None: the engine cannot take a voice from a recording.
    reference: Reference | None = None
    #: Utterances of one forward pass.
    max_batch: int = 1
    #: Such as `cpu` or `cuda:0`.
    device: str = "cpu"
    min_characters: int = 1
    #: Speeds that it can speak at; None: one only.
    speed: Range | None = None
    seeds: Seeds = Seeds.ANY_BATCH
    #: Raised whenever the code around the model changes what is heard.
    sound_revision: int = 1


@dataclass(frozen=True)
class Voice:
    """A voice: one that the engine has by itself, or one that is taken from a recording."""

    name: str
    #: The recording as a mono WAV file of its own rate; None for a voice of the engine.
    audio: Path | None = None
    #: SHA-256 of the recording as it was given, in hex.
    sha256: str = ""
    seconds: float = 0.0
    #: The words of the recording, from a text file of the same name beside it.
    transcript: str | None = None


def never() -> bool:
    """Nobody gives up."""
    return False


@dataclass(frozen=True)
class Utterance:
    """One text to be spoken.

    `language` is a primary subtag from the description, or empty. `parameters` holds those of the description that
    the request sets or that have a default, checked already. `prepared` is what `prepare` made of the voice. An engine
    that generates step by step may ask `abandoned` between two steps and give up when it is true.
    """

    text: str
    voice: Voice
    language: str
    speed: float
    seed: int
    parameters: Mapping[str, Value]
    prepared: object = None
    abandoned: Callable[[], bool] = never


@dataclass(frozen=True)
class Sound:
    """Speech: mono samples, nominally between -1 and 1. The server checks and mends them before they leave."""

    samples: Samples
    sample_rate: int
    #: What of the text was not spoken.
    text_dropped: str | None = None


class Engine(Protocol):
    """A speech engine. It is called from one thread only, and never by two calls at the same time."""

    def load(self) -> None:
        """Makes the engine ready to speak; may take minutes. Raises `EngineFault`."""

    def describe(self) -> Description:
        """What was loaded. Called after every `load`."""

    def voices(self) -> Sequence[Voice]:
        """The voices that it has without a recording. Called after every `load`."""

    def prepare(self, voice: Voice) -> object:
        """What `synthesize` needs to know of a voice, kept until the model goes. Raises `SpeechFault`."""

    def synthesize(self, batch: Sequence[Utterance]) -> Sequence[Sound | SpeechFault]:
        """Speaks a batch: at most `max_batch` utterances of one language, speed and set of parameters.

        An answer for each, in order. `EngineFault` says that the model is beyond use; any other exception that the
        batch failed and that each utterance may be tried alone.
        """

    def close(self) -> None:
        """Frees the model. `load` may follow."""
