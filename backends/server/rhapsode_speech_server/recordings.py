"""Recordings that voices are taken from: read once, known by their hash, and kept as WAV, because not every engine
reads what libsndfile reads.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from rhapsode_speech_server.engine import Samples

#: Bytes and seconds of a recording at most. Engines use some seconds of it; more is a mistake, or an attack on memory.
LARGEST = 64 << 20
LONGEST = 600.0
#: Recordings of requests that are kept. More than can wait at the same time, so that none goes before its turn.
KEPT = 1_024


class UnusableRecording(Exception):
    """Why a recording cannot be used. The text fits after its name."""


@dataclass(frozen=True)
class Recording:
    """A recording as a mono WAV file."""

    path: Path
    sha256: str
    seconds: float


class Recordings:
    """The recordings of a server, in its cache folder. Used by several threads: each step is one file operation."""

    def __init__(self, cache_dir: Path) -> None:
        self._folder = cache_dir / "voices"
        self._passing: OrderedDict[str, Path] = OrderedDict()

    def keep(self, data: bytes) -> Recording:
        """Keeps a recording of the voices folder. Raises `UnusableRecording`."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._folder / f"{sha256}.wav"
        if path.is_file():
            return Recording(path, sha256, soundfile.info(path).duration)
        samples, rate = _decode(data)
        try:
            self._write(path, samples, rate)
        except OSError as error:
            raise UnusableRecording(f"cannot be kept in {self._folder}: {error.strerror}") from error
        return Recording(path, sha256, len(samples) / rate)

    def keep_for_a_while(self, data: bytes) -> Recording:
        """Keeps a recording that came with a request, until many others came. Raises `UnusableRecording`."""
        recording = self.keep(data)
        self._passing[recording.sha256] = recording.path
        self._passing.move_to_end(recording.sha256)
        while len(self._passing) > KEPT:
            _, oldest = self._passing.popitem(last=False)
            oldest.unlink(missing_ok=True)
        return recording

    def _write(self, path: Path, samples: Samples, rate: int) -> None:
        """Writes beside the place and renames, so that nobody reads half of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                soundfile.write(file, samples, rate, "PCM_16", format="WAV")
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise


def read(path: Path) -> bytes:
    """The bytes of a recording. Raises `UnusableRecording`."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnusableRecording(f"has more than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UnusableRecording(f"cannot be read: {error.strerror}") from error


def _decode(data: bytes) -> tuple[Samples, int]:
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            # The head tells the length before memory is spent on it.
            if file.frames > LONGEST * file.samplerate:
                raise UnusableRecording(f"is longer than {LONGEST:g} s")
            samples = file.read(dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (RuntimeError, ValueError, TypeError) as error:
        raise UnusableRecording("is no sound that can be read: WAV, FLAC, MP3 and Ogg can") from error
    mono = samples.mean(axis=1, dtype=np.float32)
    if mono.size == 0 or not np.isfinite(mono).all() or float(np.abs(mono).max()) == 0.0:
        raise UnusableRecording("has no sound in it")
    return np.clip(mono, -1.0, 1.0), rate
