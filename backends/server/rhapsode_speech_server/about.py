"""What a server says about itself: models and capabilities, all from the engine's description."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rhapsode_speech_server.engine import Description
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.formats import Format
from rhapsode_speech_server.parameters import as_json
from rhapsode_speech_server.settings import Settings
from rhapsode_speech_server.voices import ListedVoice

#: Version of the capabilities.
SCHEMA = 1


def model(description: Description) -> dict[str, object]:
    """The one model. When it was made is not known, and OpenAI's clients want a number."""
    return {"id": description.model, "object": "model", "created": 0, "owned_by": description.engine}


def model_named(description: Description, name: str) -> dict[str, object]:
    """The model of a name. Raises `SpeechFault`."""
    if name == description.model:
        return model(description)
    message = f"there is no model {json.dumps(name)} here, only {json.dumps(description.model)}"
    raise SpeechFault("model_not_found", message, 404, param="model")


def capabilities(description: Description, voices: Sequence[ListedVoice], settings: Settings) -> dict[str, object]:
    """What rhapsode reads, and some more for people. A voice that cannot be used is not among the voices here."""
    reference = description.reference
    told: dict[str, object] = {
        "schema": SCHEMA,
        "name": description.engine,
        "engine": description.engine,
        "model": description.model,
        "revision": description.revision,
        "sound_revision": description.sound_revision,
        "voices": [entry.voice.name for entry in voices if entry.problem is None],
        "languages": list(description.languages),
        "rate": description.sample_rate,
        "max_concurrency": settings.slots(description.max_batch),
        "min_chars": description.min_characters,
        "max_chars": description.max_characters,
        "phonemes": False,
        "formats": [known.value for known in Format if known.available()],
        "speeds": [description.speed.minimum, description.speed.maximum] if description.speed else [1.0, 1.0],
        "seeds": description.seeds.value,
        "parameters": {name: as_json(parameter) for name, parameter in description.parameters.items()},
        "device": description.device,
    }
    if reference is not None:
        told["min_reference_ms"] = round(reference.min_seconds * 1000)
        told["reference"] = reference.need.value
    return told
