"""The calls of the protocol. The protocol suite asks the same and more; here is what it cannot see from outside."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from conftest import SENTENCE, Server, Start, error
from driving import decoded


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("wav", "audio/wav"), ("flac", "audio/flac"), ("mp3", "audio/mpeg"), ("opus", "audio/ogg")],
)
def test_every_format_holds_the_same_sound(server: Server, name: str, media_type: str) -> None:
    expected = server.speak()
    answer = server.ask(response_format=name)
    assert answer.headers["content-type"] == media_type
    sound, rate = decoded(answer.content)
    # MP3 is padded to whole frames at both ends.
    tolerance = 0.1 if name == "mp3" else 0.001
    assert len(sound) / rate == pytest.approx(len(expected) / 24_000, abs=tolerance)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(np.sqrt(np.mean(expected**2)), rel=0.05)


def test_samples_alone_come_at_the_rate_of_the_api_whatever_the_engine_gives(start: Start) -> None:
    server = start(stand_in_rate=22_050).ready()
    seconds = len(server.speak()) / 22_050
    answer = server.ask(response_format="pcm")
    assert answer.headers["content-type"] == "audio/pcm"
    assert len(answer.content) / 2 / 24_000 == pytest.approx(seconds, abs=0.001)


def test_events_carry_the_same_bytes_as_a_body(server: Server) -> None:
    body = server.ask(response_format="flac").content
    answer = server.ask(response_format="flac", stream_format="sse")
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = (line.removeprefix("data: ") for line in answer.text.split("\n\n") if line)
    events = [json.loads(line) for line in lines]
    assert b"".join(base64.b64decode(event["audio"]) for event in events[:-1]) == body
    assert events[-1]["type"] == "speech.audio.done"


def test_a_dropped_text_is_told_in_its_own_letters(server: Server) -> None:
    answer = server.ask("Call\x07 me Ishmael <|eos|>.")
    raw = dict(answer.headers.raw)
    assert raw[b"x-rhapsode-text-dropped"].decode() == "U+0007 <|eos|>"


def test_what_the_engine_gives_in_another_range_is_mended_and_told(server: Server) -> None:
    loud = server.ask("A [loud] word.")
    assert float(loud.headers["x-rhapsode-scaled"]) < 1
    assert np.abs(decoded(loud.content)[0]).max() < 1
    assert 0.05 < np.abs(server.speak("A [pcm-range] word.")).max() < 0.2


@pytest.mark.parametrize("fault", ["[empty]", "[nan]", "[fault]"])
def test_a_failed_synthesis_may_be_tried_again(server: Server, fault: str) -> None:
    answer = server.ask(f"A word {fault}.")
    assert answer.status_code == 500
    told = error(answer)
    assert (told["code"], told["retryable"], told["type"]) == ("synthesis_failed", True, "server_error")


@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"params": {"pitch": 9}}, 422, "invalid_value", "pitch"),
        ({"params": {"pitch": 10**400}}, 422, "invalid_value", "pitch"),
        ({"params": {"pitch": True}}, 400, "invalid_value", "pitch"),
        ({"params": {"voices": 1.5}}, 400, "invalid_value", "voices"),
        ({"params": {"mood": "m" * 41}}, 422, "invalid_value", "mood"),
        ({"params": {"ptich": 1}}, 422, "invalid_value", "ptich"),
        ({"speed": 3}, 422, "unspeakable", "speed"),
        ({"speed": 5}, 400, "invalid_value", "speed"),
        ({"seed": -1}, 400, "invalid_value", "seed"),
        ({"seed": 1 << 64}, 400, "invalid_value", "seed"),
        ({"voice": "../../etc/passwd"}, 404, "voice_not_found", "voice"),
        ({"params": {"reference_audio": "?"}}, 400, "invalid_value", "reference_audio"),
        ({"params": {"reference_audio": "AAAA"}}, 422, "voice_unusable", "voice"),
    ],
)
def test_a_refusal_names_the_field_that_is_to_blame(
    server: Server, fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    answer = server.ask(**fields)
    told = error(answer)
    assert (answer.status_code, told["code"], told["param"], told["retryable"]) == (status, code, param, False)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"input": NaN}', b'{"input": "\\ud800"}', b"[" * 100_000, b'{"input": "\xff"}']
)
def test_a_body_that_is_no_json_object_is_refused(server: Server, body: bytes) -> None:
    answer = server.client.post("/v1/audio/speech", content=body)
    assert (answer.status_code, error(answer)["code"]) == (400, "invalid_json")


def test_the_words_of_a_refusal_for_length_tell_the_limit(server: Server) -> None:
    answer = server.ask("word " * 61)
    assert answer.status_code == 413
    assert "takes at most 300 characters" in error(answer)["message"]


def test_a_parameter_that_the_engine_lacks_does_not_read_like_a_server_without_extensions(server: Server) -> None:
    # rhapsode would leave out seed, language and every parameter from then on.
    message = error(server.ask(params={"ptich": 1}))["message"].lower()
    assert "it has mood, pitch, voices" in message
    assert not any(word in message for word in ["unknown", "unrecognized", "unexpected", "extra", "forbidden"])


def test_capabilities_tell_what_a_request_may_set(server: Server) -> None:
    told = server.client.get("/v1/capabilities").json()
    assert told["parameters"]["pitch"] == {"type": "number", "minimum": 0.5, "maximum": 2.0, "default": 1.0}
    assert (told["min_reference_ms"], told["rate"], told["speeds"]) == (1000, 24_000, [0.5, 2.0])


def test_whoever_watches_needs_no_token_and_everybody_else_does(start: Start, server: Server) -> None:
    file = server.gate.with_name("token")
    file.write_text("s3cret\n")
    guarded = start(token_file=file).ready()
    assert guarded.client.get("/health").status_code == 200
    refused = guarded.client.get("/v1/models")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert error(refused)["code"] == "invalid_api_key"
    for shown, status in [("Bearer s3cre", 401), ("Basic s3cret", 401), ("bearer s3cret", 200)]:
        answer = guarded.client.get("/v1/models", headers={"Authorization": shown})
        assert answer.status_code == status, shown


def test_head_is_answered_where_get_is(server: Server) -> None:
    assert server.client.head("/health").status_code == 200


def test_a_body_over_the_limit_is_refused_in_words(start: Start) -> None:
    server = start(body_limit=1_000).ready()
    answer = server.ask("x" * 2_000)
    assert (answer.status_code, error(answer)["code"]) == (413, "body_too_large")


def test_a_probe_is_counted_apart(server: Server) -> None:
    before = server.figures()
    body = json.dumps({"input": SENTENCE, "response_format": "wav"})
    headers = {"X-Rhapsode-Probe": "1"}
    assert server.client.post("/v1/audio/speech", content=body, headers=headers).status_code == 200
    after = server.figures()
    probes = 'rhapsode_probes_total{call="speech",status="200"}'
    assert after[probes] == before.get(probes, 0) + 1
    assert after["rhapsode_characters_total"] == before["rhapsode_characters_total"]


def test_each_answer_has_a_name_that_is_in_the_log(server: Server) -> None:
    answer = server.ask()
    line = server.event("answered", id=answer.headers["x-request-id"])
    assert (line["voice"], line["characters"], line["format"]) == ("alto", len(SENTENCE), "wav")


def test_a_page_in_a_browser_cannot_make_it_speak(server: Server) -> None:
    answer = httpx.post(f"http://{server.address}/v1/audio/speech", content=b'{"input": "Hello."}')
    assert (answer.status_code, error(answer)["code"]) == (415, "unsupported_media_type")


def test_this_machine_has_every_format(server: Server) -> None:
    assert "OPUS" in soundfile.available_subtypes("OGG")
    assert server.client.get("/v1/capabilities").json()["formats"] == ["mp3", "opus", "flac", "wav", "pcm"]
