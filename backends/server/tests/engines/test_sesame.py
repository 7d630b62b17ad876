"""The traps of Sesame's CSM, and its batches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import of
from serving import ENGINES, FOLDER, Server, recording

from rhapsode_speech_server.engine import Sound, Utterance, Voice
from rhapsode_speech_server.engines import open_engine
from rhapsode_speech_server.settings import EngineName, Settings

#: Of two recordings.
PITCHES = (("a.wav", 180.0), ("b.wav", 260.0))


@of("sesame")
def test_control_tokens_and_a_speakers_number_are_taken_out_and_told(server: Server) -> None:
    answer = server.ask("[3] He said <|AUDIO|> and went <|audio_eos|> home.")
    assert answer.status_code == 200
    assert answer.headers["x-rhapsode-text-dropped"] == "<|AUDIO|> <|audio_eos|> [3]"
    assert server.refusal("[3] <|AUDIO|>")["code"] == "unspeakable"


@of("sesame")
def test_speech_that_ends_before_it_begins_is_worth_another_try(server: Server) -> None:
    refused = server.refusal("^a")
    assert (refused["status"], refused["code"], refused["retryable"]) == (500, "empty_audio", True)


@of("sesame")
def test_speech_that_comes_to_no_end_is_not_passed_off_as_speech(server: Server) -> None:
    refused = server.refusal("~~a~~")
    assert (refused["status"], refused["code"], refused["retryable"]) == (500, "synthesis_failed", True)


@of("sesame")
def test_more_than_the_positions_of_the_model_is_refused(server: Server) -> None:
    refused = server.refusal("日" * 390)
    assert (refused["status"], refused["code"]) == (413, "text_too_long")
    assert "2048" in refused["message"]


@of("sesame")
def test_speech_may_be_longer_than_the_ten_seconds_of_the_weights(server: Server) -> None:
    assert len(server.speak("The lamp was lit, and the reading began. " * 6)) > 12 * 24000


@of("sesame")
def test_the_speakers_of_the_model_are_voices(server: Server) -> None:
    listed = [voice["id"] for voice in server.client.get("/v1/audio/voices").json()["voices"]]
    assert listed[:2] == ["speaker-0", "speaker-1"]
    assert len(server.speak("Yes, it is.", voice="speaker-9")) > 0


@of("sesame")
def test_the_words_of_a_recording_count(server: Server) -> None:
    with_words = server.speak("Yes, it is.", voice="narrator")
    beside = server.voices / "narrator.txt"
    words = beside.read_text(encoding="utf-8")
    beside.unlink()
    try:
        without = server.speak("Yes, it is.", voice="narrator")
    finally:
        beside.write_text(words, encoding="utf-8")
    assert not np.array_equal(with_words, without)


@of("sesame")
def test_texts_of_all_lengths_share_a_forward_pass_and_sound_as_alone(server: Server) -> None:
    texts = [f"{'It was late. ' * number}Good night." for number in range(1, 9)]
    voices = ["speaker-0", "narrator"] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text, voice: server.ask(text, voice=voice), texts, voices))
    batches = [int(answer.headers["x-rhapsode-batch"]) for answer in answers]
    assert max(batches) > 1, batches
    for text, voice, answer in zip(texts, voices, answers, strict=True):
        assert server.ask(text, voice=voice).content == answer.content, text


def test_a_recording_is_encoded_once_and_not_for_each_text_that_goes_on_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import MimiModel

    from rhapsode_speech_server.engines.sesame_recordings import Encoded

    encoded: list[object] = []
    encode = MimiModel.encode
    monkeypatch.setattr(MimiModel, "encode", lambda *given, **more: encoded.append(given) or encode(*given, **more))
    engine = open_engine(Settings(EngineName.SESAME, FOLDER / "models" / "sesame", device="cpu"))
    engine.load()
    parameters = {name: parameter.default for name, parameter in engine.describe().parameters.items()}
    voices = [
        Voice(name, recording(tmp_path / name, pitch), name, 4.0) for name, pitch in (("a.wav", 180), ("b.wav", 260))
    ]
    prepared = [engine.prepare(voice) for voice in voices]
    batch = [
        Utterance("Yes, it is.", voices[number % 2], "en", 1.0, number, parameters, prepared[number % 2])
        for number in range(4)
    ]

    def speak() -> list[Sound]:
        answers = engine.synthesize(batch)
        assert all(isinstance(answer, Sound) for answer in answers), answers
        return list(answers)

    kept = speak()
    assert len(encoded) == len(voices)
    # The model does it for every text where it is left to it, and it sounds the same.
    monkeypatch.setattr(Encoded, "holds", lambda *_: False)
    left = speak()
    assert len(encoded) == len(voices) + len(batch)
    for one, other in zip(kept, left, strict=True):
        assert np.array_equal(one.samples, other.samples)


def test_a_model_that_is_loaded_anew_loses_no_request(tmp_path: Path) -> None:
    server = Server(ENGINES["sesame"], tmp_path, restart_after_requests=3).ready()
    try:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda number: _persistent(server, number), range(8)))
        assert answers == [200] * 8
        assert server.figure("model_loads_total") > 1
        assert server.stop() == 0
    finally:
        server.close()


def _persistent(server: Server, number: int) -> int:
    """Asks until the server is ready again, as rhapsode does."""
    while True:
        answer = server.ask(f"This is number {number}.")
        if answer.status_code != 503:
            return answer.status_code
        server.ready()
