"""The table of engines. A module is imported when its engine is asked for, because each wants packages of its own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from rhapsode_speech_server.settings import EngineName, Settings

if TYPE_CHECKING:
    from rhapsode_speech_server.engine import Engine

#: Each module has `open_engine(settings) -> Engine`, which imports and loads nothing yet.
MODULES = {
    EngineName.CHATTERBOX: "chatterbox",
    EngineName.INDEX_TTS: "index_tts",
    EngineName.SESAME: "sesame",
    EngineName.STAND_IN: "stand_in",
}


def open_engine(settings: Settings) -> Engine:
    """The engine that the settings name."""
    module = import_module(f"{__name__}.{MODULES[settings.engine]}")
    return cast("Engine", module.open_engine(settings))
