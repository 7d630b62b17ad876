"""The traps of IndexTTS-2."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from conftest import of
from serving import FOLDER, Server


@of("index-tts")
def test_samples_of_sixteen_bits_leave_as_fractions(server: Server) -> None:
    samples = server.speak("Yes, it is.")
    assert 0.001 < float(np.abs(samples).max()) <= 1.0


@of("index-tts")
def test_speech_that_was_cut_off_is_not_passed_off_as_speech(server: Server) -> None:
    refused = server.refusal("The lamp was lit, and the reading began.", params={"max_mel_tokens": 50})
    assert (refused["status"], refused["code"], refused["retryable"]) == (500, "synthesis_failed", True)


@of("index-tts")
def test_emotions_are_heard_and_must_be_eight(server: Server) -> None:
    plain = server.speak("Yes, it is.")
    sad = server.speak("Yes, it is.", params={"emo_vector": [0, 0, 0.8, 0, 0, 0, 0, 0]})
    assert not np.array_equal(plain, sad)
    assert np.array_equal(plain, server.speak("Yes, it is."))
    assert server.refusal("Yes, it is.", params={"emo_vector": [0.5]})["status"] == 400


@of("index-tts")
def test_what_the_vocabulary_lacks_is_told(server: Server) -> None:
    # The vocabulary of the tiny checkpoint has Latin letters alone.
    answer = server.ask("Yes, жж it is.")
    assert "ж" in answer.headers["x-rhapsode-text-dropped"].lower()
    assert server.refusal("жж")["code"] == "unspeakable"


@of("index-tts")
def test_a_voice_is_always_needed(server: Server) -> None:
    told = server.client.get("/v1/capabilities").json()
    assert told["reference"] == "required"
    assert server.refusal("Yes, it is.", voice="default")["code"] == "voice_not_found"


@of("index-tts")
def test_grammars_are_built_into_the_cache_and_not_into_the_package(server: Server) -> None:
    server.speak("Yes, it is.")
    spec = find_spec("indextts")
    assert spec is not None and spec.submodule_search_locations is not None
    assert not list(Path(spec.submodule_search_locations[0]).rglob("*.far"))
    assert list((FOLDER / "cache" / "index-tts" / "grammars").rglob("*.far"))
