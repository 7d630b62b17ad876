"""The body of `POST /v1/audio/speech`: a field of the wrong type is refused by name, a field that is not known is
ignored, and `null` is the same as no field.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rhapsode_speech_server import text as texts
from rhapsode_speech_server.engine import Description, Value
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.formats import Format
from rhapsode_speech_server.parameters import check_parameters

#: Speeds that OpenAI's API has. An engine may take fewer.
SLOWEST, FASTEST = 0.25, 4.0


class Delivery(Enum):
    """How the sound travels: as the body, or in server-sent events as base64."""

    AUDIO = "audio"
    SSE = "sse"


class _NamedVoice(BaseModel):
    """A voice as newer clients name it."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    model: str | None = None
    input: str | None = None
    voice: str | _NamedVoice | None = None
    response_format: str | None = None
    stream_format: Literal["audio", "sse"] | None = None
    speed: float | None = None
    seed: Annotated[int, Field(ge=0, lt=1 << 64)] | None = None
    language: str | None = None
    instructions: str | None = None
    params: dict[str, Any] | None = None


#: What each field should be, where its value is not.
_WANTED = {
    "voice": "a string, or an object with a string `id`",
    "stream_format": '"audio" or "sse"',
    "speed": "a number",
    "seed": "a whole number from 0 to 18446744073709551615",
    "params": "an object",
}


@dataclass(frozen=True)
class SpeechCall:
    """A call for speech: everything in it is checked but whether there is such a voice."""

    text: str
    #: What was taken out of the text already.
    dropped: str | None
    #: None: the first.
    voice: str | None
    #: The recording that the request carries for its voice.
    recording: bytes | None
    language: str
    speed: float
    #: None: none was asked for.
    seed: int | None
    parameters: Mapping[str, Value]
    format: Format
    delivery: Delivery

    @property
    def characters(self) -> int:
        return len(self.text)


def parse(body: bytes, description: Description) -> SpeechCall:
    """Parses a body for an engine. Raises `SpeechFault`."""
    fields = _fields(body)
    _check_model(fields.model, description)
    cleaned = _text(fields.input, description)
    params = dict(fields.params or {})
    recording = _recording(params.pop("reference_audio", None), description)
    # Instructions are for engines that listen to them; the others read on.
    if fields.instructions is not None and "instructions" in description.parameters:
        params["instructions"] = fields.instructions
    return SpeechCall(
        text=cleaned.text,
        dropped=cleaned.dropped,
        voice=fields.voice.id if isinstance(fields.voice, _NamedVoice) else fields.voice,
        recording=recording,
        language=_language(fields.language, description),
        speed=_speed(fields.speed, description),
        seed=fields.seed,
        parameters=check_parameters(params, description),
        format=_format(fields.response_format),
        delivery=Delivery(fields.stream_format or "audio"),
    )


def _fields(body: bytes) -> _Body:
    try:
        # Half of a surrogate pair is no text, and would break whatever writes it.
        decoded = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(decoded, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise SpeechFault("invalid_json", f"the body is not JSON: {_one_line(error)}", 400) from error
    if not isinstance(decoded, dict):
        raise SpeechFault("invalid_json", "the body is not a JSON object", 400)
    try:
        return _Body.model_validate(decoded)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise SpeechFault.invalid(field, f"`{field}` is not {_WANTED.get(field, 'a string')}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _one_line(error: Exception) -> str:
    # The message of a codec error repeats the bytes; where it is, is enough.
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    return str(error) or type(error).__name__


def _check_model(model: str | None, description: Description) -> None:
    if model is not None and model != description.model:
        message = f"there is no model {json.dumps(model)} here, only {json.dumps(description.model)}"
        raise SpeechFault("model_not_found", message, 404, param="model")


def _text(text: str | None, description: Description) -> texts.CleanText:
    if text is None:
        raise SpeechFault.invalid("input", "`input`, the text, is missing")
    cleaned = texts.clean(text)
    texts.check_speakable(cleaned.text)
    characters, limit = len(cleaned.text), description.max_characters
    if characters > limit:
        raise SpeechFault.too_long(
            f"`input` has {characters} characters, and {description.engine} takes at most {limit} characters"
            " in a request"
        )
    return cleaned


def _format(name: str | None) -> Format:
    if name is None:
        return Format.MP3
    try:
        return Format(name)
    except ValueError as error:
        wanted = ", ".join(known.value for known in Format)
        message = f"`response_format` is {json.dumps(name)}, and not one of {wanted}"
        raise SpeechFault("unsupported_format", message, 400, param="response_format") from error


def _speed(asked: float | None, description: Description) -> float:
    speed = 1.0 if asked is None else asked
    if not SLOWEST <= speed <= FASTEST:
        raise SpeechFault.invalid("speed", f"`speed` is {speed:g}, and not between {SLOWEST:g} and {FASTEST:g}")
    known = description.speed
    if known is None and speed != 1.0:
        raise SpeechFault.unspeakable(f"{description.engine} speaks at speed 1 alone", param="speed")
    if known is not None and not known.minimum <= speed <= known.maximum:
        message = f"{description.engine} speaks at speeds between {known.minimum:g} and {known.maximum:g}"
        raise SpeechFault.unspeakable(message, param="speed")
    return speed


def _language(asked: str | None, description: Description) -> str:
    """The language that is asked for, or the first. An engine that does not list its languages may speak any."""
    known = description.languages
    if asked is None:
        return known[0] if known else ""
    primary = re.split("[-_]", asked, maxsplit=1)[0].lower()
    if not known or primary in known:
        return primary
    message = f"{json.dumps(asked)} is not spoken here, only {', '.join(known)}"
    raise SpeechFault.invalid("language", message)


def _recording(coded: object, description: Description) -> bytes | None:
    if coded is None:
        return None
    if description.reference is None:
        message = f"{description.engine} takes no voice from a recording"
        raise SpeechFault("voice_unusable", message, 422, param="voice")
    if not isinstance(coded, str):
        raise SpeechFault.invalid("reference_audio", "`reference_audio` is not base64")
    try:
        return base64.b64decode(coded, validate=True)
    except binascii.Error as error:
        raise SpeechFault.invalid("reference_audio", "`reference_audio` is not base64") from error
