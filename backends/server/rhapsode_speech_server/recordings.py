"""Recordings that voices are taken from: read once, known by their hash, and kept as WAV, because not every engine
reads what libsndfile reads.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from rhapsode_speech_server.engine import Samples

#: Bytes of a recording at most.
LARGEST = 64 << 20
#: Seconds of a recording that are decoded and kept. No engine uses more than 30, and hours of silence fit into a small
#: file.
USED = 60
#: Recordings of requests that are kept beside those that may wait.
SPARE = 64


class UnusableRecording(Exception):
    """Why a recording cannot be used. The text fits after its name."""


@dataclass(frozen=True)
class Recording:
    """A recording, and its beginning as a mono WAV file."""

    path: Path
    sha256: str
    #: Length of the whole.
    seconds: float


class Recordings:
    """The recordings of a server, in its cache folder. Used by several threads."""

    def __init__(self, cache_dir: Path, waiting: int = 0) -> None:
        """`waiting`: requests that may wait, whose recordings must not go before their turn."""
        self._folder = cache_dir / "voices"
        self._passing: OrderedDict[str, Path] = OrderedDict()
        self._kept = waiting + SPARE
        self._mounted: set[str] = set()
        self._counting = threading.Lock()

    def keep(self, data: bytes) -> Recording:
        """Keeps a recording of the voices folder. Raises `UnusableRecording`."""
        recording = self._keep(data)
        with self._counting:
            self._mounted.add(recording.sha256)
        return recording

    def keep_for_a_while(self, data: bytes) -> Recording:
        """Keeps a recording that came with a request, until many others came. Raises `UnusableRecording`."""
        recording = self._keep(data)
        with self._counting:
            self._passing[recording.sha256] = recording.path
            self._passing.move_to_end(recording.sha256)
            while len(self._passing) > self._kept:
                sha256, oldest = self._passing.popitem(last=False)
                # A guest may have sent what is also mounted.
                if sha256 not in self._mounted:
                    oldest.unlink(missing_ok=True)
        return recording

    def _keep(self, data: bytes) -> Recording:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._folder / f"{sha256}.wav"
        seconds, samples, rate = _decode(data)
        try:
            if not path.is_file():
                self._write(path, samples, rate)
        except OSError as error:
            raise UnusableRecording(f"cannot be kept in {self._folder}: {error.strerror}") from error
        return Recording(path, sha256, seconds)

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


def _decode(data: bytes) -> tuple[float, Samples, int]:
    """The length of a recording, the samples of its beginning, and their rate."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate = int(file.samplerate)
            seconds = file.frames / rate
            samples = file.read(USED * rate, dtype="float32", always_2d=True)
    except (RuntimeError, ValueError, TypeError) as error:
        raise UnusableRecording("is no sound that can be read: WAV, FLAC, MP3 and Ogg can") from error
    mono = samples.mean(axis=1, dtype=np.float32)
    if mono.size == 0 or not np.isfinite(mono).all() or float(np.abs(mono).max()) == 0.0:
        raise UnusableRecording("has no sound in it")
    return seconds, np.clip(mono, -1.0, 1.0), rate
