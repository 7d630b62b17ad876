"""`POST /v1/audio/speech`: from the body of a request to the sound of its answer."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from rhapsode_speech_server import text as texts
from rhapsode_speech_server.attendance import answer_of
from rhapsode_speech_server.engine import Voice
from rhapsode_speech_server.errors import Retry, SpeechFault
from rhapsode_speech_server.service import Service
from rhapsode_speech_server.speech_request import Delivery, SpeechCall, parse
from rhapsode_speech_server.waiting import Spoken, Ticket

#: Seconds that a client has to send its body.
BODY_PATIENCE = 30.0
#: What is read and thrown away of a body that is too large, so that its sender comes to hear the answer.
OVERRUN = 8 << 20
#: Bytes of sound in one event.
EVENT_BYTES = 24 << 10


class _Gone(Exception):
    """The client has gone away."""


async def speech(service: Service, request: Request) -> Response:
    """The call."""
    answer = answer_of(request.scope)
    try:
        _check_media_type(request)
        body = await _body(request, service.settings.body_limit)
        call = parse(body, service.description())
        voice = await asyncio.to_thread(_voice, service, call)
        service.readiness.check()
        spoken = await _spoken(service, request, call, voice)
        sound = await asyncio.to_thread(call.format.encode, spoken.sound.samples, spoken.sound.sample_rate)
    except (_Gone, ClientDisconnect):
        # Nobody reads it, and it must not count as an answer.
        return _Nothing()
    answer.characters, answer.voice = call.characters, voice.name
    answer.format, answer.spoken = call.format.value, spoken
    response = _response(call, sound)
    response.headers["x-rhapsode-seed"] = str(spoken.seed)
    response.headers["x-rhapsode-batch"] = str(spoken.batch)
    if spoken.sound.scaled != 1.0:
        response.headers["x-rhapsode-scaled"] = f"{spoken.sound.scaled:.4f}"
    dropped = texts.joined(call.dropped, spoken.sound.text_dropped)
    if dropped is not None:
        # As bytes: the headers of Starlette are Latin-1, and the text need not be.
        response.raw_headers.append((b"x-rhapsode-text-dropped", texts.header_value(dropped)))
    return response


class _Nothing(Response):
    async def __call__(self, *_: object) -> None:
        """Sends nothing."""


def _check_media_type(request: Request) -> None:
    """A page in a browser can send anything but JSON to any address without being asked; so nothing else is taken."""
    essence = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if essence != "application/json":
        message = "the body must be JSON, with `Content-Type: application/json`"
        raise SpeechFault("unsupported_media_type", message, 415)


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await asyncio.wait_for(_read(request, limit), BODY_PATIENCE)
    except asyncio.TimeoutError as error:
        message = "the body did not come in time"
        raise SpeechFault("body_too_slow", message, 408, Retry.WORTHWHILE) from error


async def _read(request: Request, limit: int) -> bytes:
    pieces = bytearray()
    length = 0
    async for piece in request.stream():
        length += len(piece)
        if length <= limit:
            pieces += piece
        elif length > limit + OVERRUN:
            break
    if length > limit:
        raise SpeechFault("body_too_large", f"the body has more than {limit} bytes", 413)
    return bytes(pieces)


def _voice(service: Service, call: SpeechCall) -> Voice:
    description = service.description()
    if call.recording is not None and description.reference is not None:
        return service.library.of_request(call.voice, call.recording, description.reference)
    return service.library.find(call.voice, service.speaker.voices())


async def _spoken(service: Service, request: Request, call: SpeechCall, voice: Voice) -> Spoken:
    """Waits for a place in a batch and for the engine, or until the client goes away."""
    ticket = Ticket(
        text=call.text,
        voice=voice,
        language=call.language,
        speed=call.speed,
        seed=call.seed or 0,
        parameters=call.parameters,
        company=service.speaker.company(call.seed),
    )
    service.room.enter(ticket)
    answer = asyncio.wrap_future(ticket.answer)
    gone = asyncio.ensure_future(_gone(request))
    try:
        both: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise _Gone
    finally:
        gone.cancel()
        if not answer.done():
            service.room.leave(ticket)
            # What still becomes of it is nobody's affair.
            answer.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(call: SpeechCall, sound: bytes) -> Response:
    if call.delivery is Delivery.AUDIO:
        return Response(sound, media_type=call.format.content_type)
    headers = {"Cache-Control": "no-cache"}
    return StreamingResponse(_events(sound), media_type="text/event-stream", headers=headers)


def _events(sound: bytes) -> Iterator[str]:
    """The sound as OpenAI's server-sent events."""
    for begin in range(0, len(sound), EVENT_BYTES):
        piece = base64.b64encode(sound[begin : begin + EVENT_BYTES]).decode("ascii")
        yield _event({"type": "speech.audio.delta", "audio": piece})
    # Nothing here counts tokens, and clients expect the figures.
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(event: dict[str, object]) -> str:
    return f"data: {json.dumps(event)}\n\n"
