"""Voices that are taken from recordings."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import Server, Start, error, recording

from rhapsode_speech_server.engine import Need, Reference, Voice
from rhapsode_speech_server.recordings import Recordings
from rhapsode_speech_server.voices import PREPARED, PreparedVoices, VoiceLibrary

REFERENCE = Reference(1.0, 30.0, Need.OPTIONAL)


def listed(server: Server) -> dict[str, dict[str, object]]:
    return {voice["id"]: voice for voice in server.client.get("/v1/audio/voices").json()["voices"]}


def test_recordings_are_listed_with_length_and_hash_when_they_appear(start: Start, tmp_path: Path) -> None:
    server = start().ready()
    assert list(listed(server)) == ["alto", "bass"]
    path = recording(tmp_path / "voices" / "ann.flac", 2.5)
    ann = listed(server)["ann"]
    assert ann == {
        "id": "ann",
        "name": "ann",
        "origin": "recording",
        "usable": True,
        "seconds": 2.5,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert server.client.get("/v1/capabilities").json()["voices"] == ["alto", "bass", "ann"]
    assert not np.array_equal(server.speak(voice="ann"), server.speak(voice="alto"))


def test_a_recording_is_prepared_once_and_not_for_each_request(start: Start, tmp_path: Path) -> None:
    for name, seconds in (("ann", 2), ("ben", 3)):
        recording(tmp_path / "voices" / f"{name}.wav", seconds)
    server = start().ready()
    # The first sentence took a voice as well.
    before = server.figure("voices_prepared_total")
    for name in ("ann", "ben", "ann", "ben", "ann"):
        server.speak(voice=name)
    assert server.figure("voices_prepared_total") == before + 2


def test_another_recording_under_the_same_name_is_another_voice(start: Start, tmp_path: Path) -> None:
    server = start().ready()
    recording(tmp_path / "voices" / "ann.wav", 2)
    before = server.speak(voice="ann")
    recording(tmp_path / "voices" / "ann.wav", 3)
    assert not np.array_equal(server.speak(voice="ann"), before)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "has 0.4 s, and the engine needs 1 s at least"), (31, "takes 30 s at the most")]
)
def test_a_recording_of_the_wrong_length_is_listed_and_refused(
    start: Start, tmp_path: Path, seconds: float, said: str
) -> None:
    server = start().ready()
    recording(tmp_path / "voices" / "ann.wav", seconds)
    ann = listed(server)["ann"]
    assert (ann["usable"], said in str(ann["problem"])) == (False, True)
    assert "ann" not in server.client.get("/v1/capabilities").json()["voices"]
    answer = server.ask(voice="ann")
    assert (answer.status_code, error(answer)["code"]) == (422, "voice_unusable")
    assert said in error(answer)["message"]


def test_a_recording_may_come_with_the_request(server: Server, tmp_path: Path) -> None:
    data = recording(tmp_path / "guest.wav", 2).read_bytes()
    params = {"reference_audio": base64.b64encode(data).decode()}
    guest = server.speak(voice="guest", params=params)
    assert not np.array_equal(guest, server.speak(voice="alto"))
    assert np.array_equal(guest, server.speak(voice="another name", params=params))
    assert "guest" not in listed(server)


def test_a_recording_of_a_request_that_is_too_short_is_refused(server: Server, tmp_path: Path) -> None:
    data = recording(tmp_path / "guest.wav", 0.2).read_bytes()
    answer = server.ask(params={"reference_audio": base64.b64encode(data).decode()})
    assert (answer.status_code, error(answer)["param"]) == (422, "voice")


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    (tmp_path / "voices").mkdir()
    return VoiceLibrary(tmp_path / "voices", Recordings(tmp_path / "cache"))


def test_every_kind_of_sound_file_is_read_and_kept_as_wav(library: VoiceLibrary, tmp_path: Path) -> None:
    sound = np.sin(np.arange(32_000) / 20).astype(np.float32) * 0.3
    for name, coding in [("a.wav", "PCM_24"), ("b.flac", "PCM_16"), ("c.mp3", "MPEG_LAYER_III"), ("d.ogg", "VORBIS")]:
        soundfile.write(tmp_path / "voices" / name, np.stack([sound, sound], axis=1), 16_000, coding)
    found = library.list((), REFERENCE)
    assert [entry.voice.name for entry in found] == ["a", "b", "c", "d"]
    for entry in found:
        assert entry.problem is None
        assert entry.voice.audio is not None
        kept = soundfile.info(entry.voice.audio)
        assert (kept.channels, kept.samplerate, kept.format) == (1, 16_000, "WAV")
        assert entry.voice.seconds == pytest.approx(2, abs=0.2)


def test_words_beside_a_recording_are_its_transcript(library: VoiceLibrary, tmp_path: Path) -> None:
    recording(tmp_path / "voices" / "ann.wav", 2)
    assert library.list((), REFERENCE)[0].voice.transcript is None
    (tmp_path / "voices" / "ann.txt").write_text("Call me Ishmael.\n")
    assert library.list((), REFERENCE)[0].voice.transcript == "Call me Ishmael."


def test_what_is_no_sound_and_what_leads_out_of_the_folder_is_no_voice(library: VoiceLibrary, tmp_path: Path) -> None:
    outside = recording(tmp_path / "outside.wav", 2)
    (tmp_path / "voices" / "link.wav").symlink_to(outside)
    (tmp_path / "voices" / "words.wav").write_text("no sound at all")
    (tmp_path / "voices" / "notes.txt").write_text("no voice")
    (tmp_path / "voices" / "folder.wav").mkdir()
    recording(tmp_path / "voices" / ".hidden.wav", 2)
    found = {entry.voice.name: entry.problem for entry in library.list((), REFERENCE)}
    assert found == {"words": "is no sound that can be read: WAV, FLAC, MP3 and Ogg can"}


def test_a_recording_does_not_take_the_name_of_a_voice_of_the_engine(library: VoiceLibrary, tmp_path: Path) -> None:
    recording(tmp_path / "voices" / "alto.wav", 2)
    found = library.list((Voice("alto"),), REFERENCE)
    assert [entry.voice.audio for entry in found] == [None]


def test_of_a_very_long_recording_the_beginning_is_decoded(tmp_path: Path) -> None:
    # Hours of nearly nothing fit into a file that is sent in a moment.
    path = tmp_path / "long.flac"
    sound = np.zeros(8_000 * 700, dtype=np.int16)
    sound[:8_000] = 1_000
    soundfile.write(path, sound, 8_000)
    kept = Recordings(tmp_path / "cache").keep(path.read_bytes())
    assert (kept.seconds, soundfile.info(kept.path).duration) == (700, 60)


def test_recordings_of_requests_are_kept_for_those_who_wait_and_not_for_ever(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "cache", waiting=2)
    kept = []
    for number in range(80):
        sound = np.full(8_000, 0.001 * (number + 1), dtype=np.float32)
        path = tmp_path / "guest.wav"
        soundfile.write(path, sound, 8_000)
        if number == 3:
            # The same sound is also a voice of the folder.
            recordings.keep(path.read_bytes())
        kept.append(recordings.keep_for_a_while(path.read_bytes()).path)
    gone = {number for number, path in enumerate(kept) if not path.exists()}
    assert gone == set(range(14)) - {3}


def test_a_cache_that_cannot_be_written_to_is_told_as_the_reason(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    recording(tmp_path / "voices" / "ann.wav", 2)
    library = VoiceLibrary(tmp_path / "voices", Recordings(tmp_path / "cache"))
    problem = library.list((), REFERENCE)[0].problem
    assert problem is not None
    assert problem.startswith("cannot be kept in ")


def test_what_an_engine_made_of_a_voice_is_kept_by_its_sound_and_only_so_many() -> None:
    prepared = PreparedVoices()
    made: list[str] = []

    def prepare(voice: Voice) -> object:
        made.append(voice.name)
        return object()

    one = Voice("one", Path("a.wav"), "hash")
    assert prepared.get(one, prepare) is prepared.get(Voice("other name", Path("a.wav"), "hash"), prepare)
    for number in range(PREPARED):
        prepared.get(Voice(f"voice {number}", Path("b.wav"), f"hash {number}"), prepare)
    prepared.get(one, prepare)
    assert made.count("one") == 2
