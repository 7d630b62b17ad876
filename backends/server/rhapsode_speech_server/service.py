"""What every request shares."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from rhapsode_speech_server.engine import Description, Engine
from rhapsode_speech_server.live_dependencies import LiveDependencies
from rhapsode_speech_server.metrics import Metrics
from rhapsode_speech_server.readiness import Readiness
from rhapsode_speech_server.recordings import Recordings
from rhapsode_speech_server.settings import Settings
from rhapsode_speech_server.speaker import Speaker
from rhapsode_speech_server.voices import VoiceLibrary
from rhapsode_speech_server.waiting import WaitingRoom


class Service:
    """The parts of a server."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._dependencies = LiveDependencies(settings)
        self.readiness = Readiness()
        self.room = WaitingRoom(settings.queue)
        self.library = VoiceLibrary(settings.voices_dir, Recordings(settings.cache_dir, settings.queue))
        self.speaker = Speaker(
            engine,
            settings=settings,
            library=self.library,
            readiness=self.readiness,
            room=self.room,
            metrics=self.metrics,
        )

    def start(self) -> None:
        """Loads the model, and meanwhile looks at what is installed: later it would have to wait for the model."""
        self.speaker.start()
        threading.Thread(target=self._dependencies.look, name="dependencies", daemon=True).start()

    def description(self) -> Description:
        """What the engine is. Raises `SpeechFault` before the first load."""
        description = self.speaker.description
        if description is None:
            self.readiness.check()
            raise AssertionError("a server is ready only after a load")
        return description

    def dependencies(self) -> Mapping[str, object]:
        """The dependency report. It may have to look at many files, so it is not for the event loop."""
        return self._dependencies.tell(self.speaker.description)
