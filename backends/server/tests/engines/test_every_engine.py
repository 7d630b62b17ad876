"""What each engine does the same, because rhapsode counts on it. The stand-in does it too, so that CI sees this suite
work; what only packages and weights of an engine's own can show is asked of the real ones.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from conftest import of
from driving import decoded
from serving import REAL, Server

SHORT = "Yes, it is."
SENTENCE = "The lamp was lit, and the reading began."
LONG = "Nobody in the village remembered who had lit the lamp, and nobody asked before the morning came."


def test_it_says_which_engine_it_is_and_what_it_computes_on(server: Server) -> None:
    told = server.client.get("/v1/capabilities").json()
    assert told["engine"] == server.engine.name
    assert told["device"] == "cpu"


@of(*REAL)
def test_its_revision_is_that_of_its_weights(server: Server) -> None:
    revision = server.client.get("/v1/capabilities").json()["revision"]
    assert revision.startswith("sha256:"), revision


def test_speech_has_the_rate_of_the_engine_and_a_length_that_follows_the_text(server: Server) -> None:
    answer = server.ask(SENTENCE)
    samples, rate = decoded(answer.content)
    assert rate == server.engine.sample_rate
    assert 1.0 < len(samples) / rate < 8.0
    assert len(samples) > 1.5 * len(server.speak(SHORT))


def test_the_same_seed_is_the_same_sound_and_another_is_another(server: Server) -> None:
    first = server.speak(SHORT, seed=7)
    other = server.speak(SHORT, seed=8)
    assert np.array_equal(first, server.speak(SHORT, seed=7))
    assert not np.array_equal(first, other)


def test_voices_are_not_mixed_up(server: Server) -> None:
    narrator = server.speak(SHORT, voice="narrator")
    other = server.speak(SHORT, voice="other")
    assert not np.array_equal(narrator, other)
    assert np.array_equal(narrator, server.speak(SHORT, voice="narrator"))
    assert np.array_equal(other, server.speak(SHORT, voice="other"))


def test_sixteen_clients_at_once_each_get_what_they_would_get_alone(server: Server) -> None:
    texts = [f"This is number {number}." for number in range(4)]
    alone = [server.speak(text) for text in texts]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(server.speak, texts * 4))
    for number, samples in enumerate(together):
        assert np.array_equal(samples, alone[number % len(texts)]), f"client {number} got something else"


def test_health_is_answered_while_it_speaks(server: Server) -> None:
    with ThreadPoolExecutor(1) as pool:
        spoken = pool.submit(server.speak, LONG)
        server.until(lambda: server.figure("in_flight") == 1)
        while not spoken.done():
            assert server.client.get("/health").status_code == 200
            if server.figure("in_flight") == 1:
                break
        assert len(spoken.result()) > 0


def test_a_client_that_goes_leaves_its_place_to_the_next(server: Server) -> None:
    spoken = server.figure("audio_seconds_total")
    gone = httpx.Client(base_url=server.url, timeout=httpx.Timeout(60, read=0.5))
    body = {"input": LONG, "voice": server.engine.voice, "response_format": "wav"}
    with gone, pytest.raises(httpx.ReadTimeout):
        gone.post("/v1/audio/speech", json=body)
    server.until(lambda: server.figure("in_flight") == 0 and server.figure("queue") == 0)
    # What was broken off was not spoken to its end.
    assert server.figure("audio_seconds_total") == spoken
    assert len(server.speak(SHORT)) > 0


def test_a_recording_that_is_too_short_is_refused_and_shown(server: Server) -> None:
    refused = server.refusal(SHORT, voice="hardly")
    assert (refused["status"], refused["code"]) == (422, "voice_unusable")
    listed = {voice["id"]: voice for voice in server.client.get("/v1/audio/voices").json()["voices"]}
    assert listed["hardly"]["usable"] is False and listed["narrator"]["usable"] is True


def test_more_text_than_the_engine_takes_is_refused(server: Server) -> None:
    limit = server.client.get("/v1/capabilities").json()["max_chars"]
    refused = server.refusal("a" * (limit + 1))
    assert (refused["status"], refused["code"]) == (413, "text_too_long")


def test_a_parameter_beyond_its_range_is_refused(server: Server) -> None:
    parameters = server.client.get("/v1/capabilities").json()["parameters"]
    ranges = {name: told["maximum"] for name, told in parameters.items() if told["type"] in {"number", "integer"}}
    assert ranges
    for name, maximum in ranges.items():
        refused = server.refusal(SHORT, params={name: maximum + 1})
        assert (refused["status"], refused["param"]) == (422, name)


def test_nothing_but_its_own_log_is_written_and_no_text_in_it(server: Server) -> None:
    server.speak("Zanzibar, quoth the tester.")
    for line in server.lines:
        json.loads(line)
        assert "Zanzibar" not in line and "quoth" not in line, line


def test_nothing_is_written_beside_the_cache(server: Server) -> None:
    server.speak(SHORT)
    assert list(server.working_directory.iterdir()) == []


def test_its_dependencies_are_sound(server: Server) -> None:
    imports = server.client.get("/v1/dependencies").json()["imports"]
    assert imports and [probe for probe in imports if not probe["ok"]] == []
