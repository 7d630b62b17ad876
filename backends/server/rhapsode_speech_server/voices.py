"""The voices of a server: those of the engine, and a voice for each recording in the mounted folder."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rhapsode_speech_server.engine import Reference, Voice
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.recordings import Recordings, UnusableRecording, read

#: What libsndfile reads.
SUFFIXES = {".wav", ".flac", ".mp3", ".ogg"}
#: Characters of the words beside a recording.
LONGEST_TRANSCRIPT = 2_000
#: Voices whose preparation is kept.
PREPARED = 64


class Origin(Enum):
    """Where a voice comes from."""

    ENGINE = "engine"
    RECORDING = "recording"


@dataclass(frozen=True)
class ListedVoice:
    """A voice as it is listed."""

    voice: Voice
    origin: Origin
    #: Why it cannot be used; None if it can.
    problem: str | None = None

    def as_json(self) -> dict[str, object]:
        listed: dict[str, object] = {
            "id": self.voice.name,
            "name": self.voice.name,
            "origin": self.origin.value,
            "usable": self.problem is None,
        }
        if self.origin is Origin.RECORDING:
            listed["seconds"] = round(self.voice.seconds, 3)
            listed["sha256"] = self.voice.sha256 or None
        if self.problem is not None:
            listed["problem"] = self.problem
        return listed


@dataclass(frozen=True)
class _File:
    """What a recording was when it was read: another size or time, and it is read again."""

    stamp: tuple[object, ...]
    voice: Voice
    problem: str | None


class VoiceLibrary:
    """Voices by name. Names are only ever looked up in a list, so no name can lead out of the folder."""

    def __init__(self, folder: Path, recordings: Recordings) -> None:
        self._folder = folder
        self._recordings = recordings
        self._known: dict[Path, _File] = {}
        self._scanning = threading.Lock()

    def list(self, built_in: Sequence[Voice], reference: Reference | None) -> Sequence[ListedVoice]:
        """All voices, the engine's first. Files that appeared or changed since the last time are read."""
        listed = {voice.name: ListedVoice(voice, Origin.ENGINE) for voice in built_in}
        if reference is not None:
            for found in self._scan():
                name = found.voice.name
                problem = found.problem or length_problem(found.voice.seconds, reference)
                # A recording does not take the name of another voice.
                if name not in listed:
                    listed[name] = ListedVoice(found.voice, Origin.RECORDING, problem)
        return list(listed.values())

    def find(self, name: str | None, listed: Sequence[ListedVoice]) -> Voice:
        """The voice of a name, or the first that can be used. Raises `SpeechFault`."""
        usable = [entry.voice for entry in listed if entry.problem is None]
        if name is None and usable:
            return usable[0]
        if name is None:
            raise SpeechFault.unusable_voice("there is no voice here: put a recording into the folder of voices")
        entry = next((entry for entry in listed if entry.voice.name == name), None)
        if entry is None:
            known = ", ".join(voice.name for voice in usable) or "none"
            message = f"there is no voice {name!r} here, known are {known}"
            raise SpeechFault("voice_not_found", message, 404, param="voice")
        if entry.problem is not None:
            raise SpeechFault.unusable_voice(f"the recording of the voice {name!r} {entry.problem}")
        return entry.voice

    def of_request(self, name: str | None, data: bytes, reference: Reference) -> Voice:
        """A voice from the recording that a request carries. Raises `SpeechFault`."""
        try:
            recording = self._recordings.keep_for_a_while(data)
        except UnusableRecording as error:
            raise SpeechFault.unusable_voice(f"the recording of the request {error}") from error
        problem = length_problem(recording.seconds, reference)
        if problem is not None:
            raise SpeechFault.unusable_voice(f"the recording of the request {problem}")
        return Voice(name or "recording", recording.path, recording.sha256, recording.seconds)

    def _scan(self) -> Sequence[_File]:
        with self._scanning:
            files: dict[Path, _File] = {}
            for path in self._files():
                stamp = (_stamp(path), _stamp(path.with_suffix(".txt")))
                known = self._known.get(path)
                files[path] = known if known is not None and known.stamp == stamp else self._read(path, stamp)
            self._known = files
            return list(files.values())

    def _files(self) -> Sequence[Path]:
        """The recordings, by name. What a link reaches outside the folder is not among them."""
        try:
            root = self._folder.resolve(strict=True)
            entries = sorted(self._folder.iterdir())
        except OSError:
            # No folder is mounted, or it is away for a moment.
            return []
        sounds = [path for path in entries if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
        return [path for path in sounds if path.is_file() and path.resolve().is_relative_to(root)]

    def _read(self, path: Path, stamp: tuple[object, ...]) -> _File:
        try:
            recording = self._recordings.keep(read(path))
        except UnusableRecording as error:
            return _File(stamp, Voice(path.stem), str(error))
        voice = Voice(path.stem, recording.path, recording.sha256, recording.seconds, _transcript(path))
        return _File(stamp, voice, None)


class PreparedVoices:
    """What an engine made of the voices that were used lately. For the generation thread alone."""

    def __init__(self) -> None:
        self._prepared: OrderedDict[tuple[str, ...], object] = OrderedDict()

    def get(self, voice: Voice, prepare: Callable[[Voice], object]) -> object:
        # The name of a recording does not matter, its sound and its words do.
        key = (voice.sha256, voice.transcript or "") if voice.audio else (voice.name,)
        if key not in self._prepared:
            self._prepared[key] = prepare(voice)
        self._prepared.move_to_end(key)
        while len(self._prepared) > PREPARED:
            self._prepared.popitem(last=False)
        return self._prepared[key]

    def clear(self) -> None:
        self._prepared.clear()


def length_problem(seconds: float, reference: Reference) -> str | None:
    """Why a recording of this length is of no use; None if it is."""
    if seconds < reference.min_seconds:
        return f"has {seconds:.1f} s, and the engine needs {reference.min_seconds:g} s at least"
    if reference.max_seconds is not None and seconds > reference.max_seconds:
        return f"has {seconds:.1f} s, and the engine takes {reference.max_seconds:g} s at the most"
    return None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size)


def _transcript(path: Path) -> str | None:
    try:
        words = path.with_suffix(".txt").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return None
    return words[:LONGEST_TRANSCRIPT] or None
