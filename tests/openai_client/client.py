"""Uses a rhapsode server as the official OpenAI client is used, and prints what it found as JSON.

The server wants the token in OPENAI_API_KEY; OPENAI_BASE_URL says where it is. Nothing here is special to rhapsode
but the names of its model and voice.
"""

import json
import sys
from pathlib import Path

import openai
from openai import OpenAI

TEXT = "The quick brown fox jumps over the lazy dog."


def refusal(kind, call):
    """The code of the error that a call is refused with, which must be of a kind."""
    try:
        call()
    except kind as error:
        return {"status": error.status_code, "code": error.code, "param": error.param, "type": error.type}
    raise AssertionError(f"it was not refused with {kind.__name__}")


def main(folder):
    client = OpenAI(max_retries=0)
    model = client.models.list().data[0].id
    assert client.models.retrieve(model).id == model
    spoken = {"model": model, "voice": model, "input": TEXT}
    found = {"model": model, "files": {}}

    for format in ["wav", "flac", "mp3", "opus", "pcm"]:
        path = folder / f"whole.{format}"
        client.audio.speech.create(**spoken, response_format=format, speed=1.0).write_to_file(path)
        streamed = folder / f"streamed.{format}"
        with client.audio.speech.with_streaming_response.create(**spoken, response_format=format) as response:
            found["files"][format] = response.headers["content-type"]
            response.stream_to_file(streamed)
        if format != "mp3":
            assert path.read_bytes() == streamed.read_bytes(), f"{format}: the same request gave other sound"

    # The client's default is MP3, and so is ours.
    assert client.audio.speech.create(**spoken).read()[:2] in (b"ID", b"\xff\xf3", b"\xff\xfb")
    events = client.audio.speech.with_raw_response.create(**spoken, response_format="pcm", stream_format="sse")
    found["events"] = events.text.count("speech.audio.delta")

    def create(**changes):
        return lambda: client.audio.speech.create(**{**spoken, "response_format": "wav", **changes})

    found["refused"] = {
        "format": refusal(openai.BadRequestError, create(response_format="aac")),
        "model": refusal(openai.NotFoundError, create(model="tts-1")),
        "voice": refusal(openai.NotFoundError, create(voice="nobody")),
        "nothing": refusal(openai.UnprocessableEntityError, create(input="")),
        "token": refusal(
            openai.AuthenticationError,
            lambda: OpenAI(api_key="wrong", max_retries=0).models.list(),
        ),
    }

    # The server has one slot and no queue; the connections of this pool are as many as it takes to overflow it.
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_):
        try:
            client.audio.speech.create(**spoken, response_format="pcm")
        except openai.RateLimitError as error:
            assert int(error.response.headers["retry-after"]) >= 1
            return error.code
        return "spoken"

    with ThreadPoolExecutor(8) as pool:
        found["crowd"] = sorted(set(pool.map(attempt, range(8))))
    # A client that tries again, as it does by default, gets through.
    patient = OpenAI(max_retries=20)
    with ThreadPoolExecutor(3) as pool:
        sounds = list(pool.map(lambda _: patient.audio.speech.create(**spoken, response_format="pcm").read(), range(3)))
    assert len(set(sounds)) == 1 and sounds[0]
    print(json.dumps(found))


main(Path(sys.argv[1]))
