"""The engine's own parameters, checked at the border by what the engine says of them."""

from __future__ import annotations

from collections.abc import Mapping

from rhapsode_speech_server.engine import (
    Description,
    Flag,
    Numbers,
    Parameter,
    Phrase,
    Range,
    Value,
    Vector,
)
from rhapsode_speech_server.errors import SpeechFault


def check_parameters(asked: Mapping[str, object], description: Description) -> Mapping[str, Value]:
    """The parameters of a request, completed by their defaults. One that the engine does not have is refused: what it
    was meant to change would be missing from every take.
    """
    known = description.parameters
    for name in asked:
        if name not in known and name != "instructions":
            has = ", ".join(sorted(known)) or "none at all"
            # The word that rhapsode reads as "takes no extensions" is kept out of the message.
            raise SpeechFault.out_of_range(name, f"{description.engine} has no such parameter, it has {has}")
    checked: dict[str, Value] = {}
    for name, parameter in known.items():
        value = asked.get(name)
        if value is not None:
            checked[name] = _checked(name, value, parameter)
        elif isinstance(parameter, (Flag, Range)) and parameter.default is not None:
            checked[name] = parameter.default
    return checked


def _checked(name: str, value: object, parameter: Parameter) -> Value:
    if isinstance(parameter, Range):
        return _number(name, value, parameter)
    if isinstance(parameter, Flag):
        if isinstance(value, bool):
            return value
        raise SpeechFault.invalid(name, f"`{name}` is not true or false")
    if isinstance(parameter, Vector):
        if not isinstance(value, list) or len(value) != parameter.length:
            raise SpeechFault.invalid(name, f"`{name}` is not a list of {parameter.length} numbers")
        each = Range(parameter.minimum, parameter.maximum)
        return tuple(float(_number(name, number, each)) for number in value)
    return _phrase(name, value, parameter)


def _number(name: str, value: object, allowed: Range) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SpeechFault.invalid(name, f"`{name}` is not a number")
    if not allowed.minimum <= value <= allowed.maximum:
        message = f"`{name}` is not between {allowed.minimum:g} and {allowed.maximum:g}"
        raise SpeechFault.out_of_range(name, message)
    if allowed.numbers is Numbers.REAL:
        return float(value)
    if value != int(value):
        raise SpeechFault.invalid(name, f"`{name}` is not a whole number")
    return int(value)


def _phrase(name: str, value: object, allowed: Phrase) -> str:
    if not isinstance(value, str):
        raise SpeechFault.invalid(name, f"`{name}` is not a string")
    if len(value) > allowed.max_characters:
        message = f"`{name}` has {len(value)} letters and signs, more than {allowed.max_characters}"
        raise SpeechFault.out_of_range(name, message)
    return value


def as_json(parameter: Parameter) -> dict[str, object]:
    """A parameter as `GET /v1/capabilities` tells it."""
    if isinstance(parameter, Range):
        kind = "integer" if parameter.numbers is Numbers.WHOLE else "number"
        return {
            "type": kind,
            "minimum": parameter.minimum,
            "maximum": parameter.maximum,
            "default": parameter.default,
        }
    if isinstance(parameter, Flag):
        return {"type": "boolean", "default": parameter.default}
    if isinstance(parameter, Vector):
        items = {"type": "number", "minimum": parameter.minimum, "maximum": parameter.maximum}
        return {"type": "array", "items": items, "minItems": parameter.length, "maxItems": parameter.length}
    return {"type": "string", "maxLength": parameter.max_characters}
