"""The traps of Chatterbox."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import perth
import pytest
from conftest import of
from serving import ENGINES, MULTILINGUAL, TURBO, Engine, Server, add_voices, recording


@of("chatterbox")
def test_a_guidance_of_zero_is_spoken(server: Server) -> None:
    assert len(server.speak("Yes, it is.", params={"cfg_weight": 0.0})) > 0


@of("chatterbox")
def test_the_tokenizers_own_words_are_taken_out_and_told(server: Server) -> None:
    answer = server.ask("He said [STOP] and went [START].")
    assert answer.headers["x-rhapsode-text-dropped"] == "[STOP] [START]"
    assert server.refusal("[STOP]")["code"] == "unspeakable"


@of("chatterbox")
def test_speech_that_comes_to_no_end_is_not_passed_off_as_speech(server: Server) -> None:
    # Each tilde counts for forty letters, so the model would speak for 60 s and the package stops it at 40.
    refused = server.refusal("Yes " + "~" * 24)
    assert (refused["status"], refused["code"], refused["retryable"]) == (500, "synthesis_failed", True)
    assert "40 s" in refused["message"]


@of("chatterbox")
def test_a_text_whose_speech_cannot_fit_is_refused_before_it_is_spoken(server: Server) -> None:
    # Few enough characters, but each is a syllable.
    refused = server.refusal("日" * 250)
    assert (refused["status"], refused["code"]) == (413, "text_too_long")


@of("chatterbox")
def test_what_one_request_sets_does_not_stay_with_the_voice(server: Server) -> None:
    before = server.speak("Yes, it is.")
    server.speak("Yes, it is.", params={"exaggeration": 1.5})
    assert np.array_equal(before, server.speak("Yes, it is."))


@of("chatterbox")
def test_speech_carries_the_watermark(server: Server) -> None:
    samples = server.speak("The lamp was lit, and the reading began.")
    marked = perth.PerthImplicitWatermarker().get_watermark(samples, sample_rate=24000)
    assert float(marked) == 1.0


def test_a_model_without_a_voice_waits_for_a_recording(tmp_path: Path) -> None:
    server = Server(ENGINES["chatterbox"], tmp_path)
    try:
        server.until(lambda: server.client.get("/ready").json()["error"].get("phase") == "warming-up")
        assert "recording" in server.client.get("/ready").json()["error"]["message"]
        add_voices(server.voices)
        server.ready()
    finally:
        server.close()


@pytest.mark.parametrize(
    ("engine", "text", "dropped"),
    [(MULTILINGUAL, "[de] Yes, it is.", "[de]"), (TURBO, "Yes, it is.<|endoftext|>", "<|endoftext|>")],
    ids=["multilingual", "turbo"],
)
def test_the_other_models_speak_without_a_network_repeat_a_seed_and_lose_their_tokens(
    engine: Engine, text: str, dropped: str, tmp_path: Path
) -> None:
    server = Server(engine, tmp_path)
    try:
        # Turbo wants more than five seconds.
        recording(server.voices / "narrator.wav", seconds=6.0)
        server.ready()
        answer = server.ask(text)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-rhapsode-text-dropped"] == dropped
        spoken = server.speak("Yes, it is.", seed=7)
        assert np.array_equal(spoken, server.speak("Yes, it is.", seed=7))
        assert not np.array_equal(spoken, server.speak("Yes, it is.", seed=8))
    finally:
        server.close()


def test_the_multilingual_model_speaks_other_languages(tmp_path: Path) -> None:
    server = Server(MULTILINGUAL, tmp_path)
    try:
        add_voices(server.voices)
        languages = server.ready().client.get("/v1/capabilities").json()["languages"]
        assert {"de", "fr"} <= set(languages)
        short, long = (server.speak(text, language="de") for text in ("Ja.", "Am Abend kam der Wind von der See."))
        assert len(long) > 2 * len(short)
    finally:
        server.close()
