"""The generation thread: it alone loads, asks and frees the engine, one batch after the other."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Sequence

from rhapsode_speech_server.batches import Batches, fail, without_text
from rhapsode_speech_server.engine import Description, Engine, Seeds, Sound, Voice
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.memory import held_gib
from rhapsode_speech_server.metrics import Metrics
from rhapsode_speech_server.readiness import Phase, Readiness
from rhapsode_speech_server.settings import SeededRequests, Settings
from rhapsode_speech_server.sound import check
from rhapsode_speech_server.voices import ListedVoice, VoiceLibrary
from rhapsode_speech_server.waiting import Company, Ticket, WaitingRoom

log = logging.getLogger(__name__)

#: Pauses between loads and warm-ups that fail: they double from the first to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: A sentence costs less than a load, and often it is only a recording that is missing.
LONGEST_WARM_UP_PAUSE = 5.0
#: Seconds between two looks at whether the server stops.
PATIENCE = 0.5
#: A model that needs more than the limit from the start is not restarted for ever: it must have grown by this much.
GROWTH = 1.1
#: Spoken before the first request: what a reader sends, so that what the engine builds on first use is built.
WARM_UP = "The lamp was lit, and the reading began."


class Speaker:
    """One model and the thread that it lives on."""

    def __init__(  # noqa: PLR0913 - it stands between all of them
        self,
        engine: Engine,
        *,
        settings: Settings,
        library: VoiceLibrary,
        readiness: Readiness,
        room: WaitingRoom,
        metrics: Metrics,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._library = library
        self._readiness = readiness
        self._room = room
        self._metrics = metrics
        self._batches = Batches(engine, metrics)
        self._stopping = threading.Event()
        self._spoken = 0
        self._held_at_first = 0.0
        self._pause = FIRST_PAUSE
        #: Seconds that the last load took, warm-up included: when to come back, while there is another.
        self._coming_up = FIRST_PAUSE
        self._thread = threading.Thread(target=self._run, name="generation", daemon=True)
        #: Of the last load. None before the first.
        self.description: Description | None = None
        self._built_in: Sequence[Voice] = ()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Refuses what waits; what is spoken is finished. Returns at once."""
        fault = SpeechFault.not_ready(Phase.STOPPING.value, "the server is stopping", 5.0)
        self._readiness.set_not_ready(Phase.STOPPING, fault.message, 5.0)
        self._stopping.set()
        self._room.close(fault)

    @property
    def alive(self) -> bool:
        """Whether the thread runs; a load cannot be broken off."""
        return self._thread.is_alive()

    def voices(self) -> Sequence[ListedVoice]:
        """All voices; none before the first load. Reads files, so it is not for the event loop."""
        if self.description is None:
            return []
        return self._library.list(self._built_in, self.description.reference)

    def company(self, seed: int | None) -> Company:
        """Whether a request may share a forward pass: not if its seed would not repeat its sound, and that counts."""
        promised = self.description is not None and self.description.seeds is Seeds.ANY_BATCH
        if seed is None or promised or self._settings.seeded is SeededRequests.GROUPED:
            return Company.WELCOME
        return Company.NONE

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._bring_up():
                    self._speak_until_worn()
                    self._free()
            except BaseException as error:
                # Some engines end the process where they should fail, and without this thread nobody would speak.
                log.debug("the engine broke out", exc_info=True)
                self._not_up(Phase.FAILED.value, type(error).__name__)
        self._free()

    def _bring_up(self) -> bool:
        """Loads the model and speaks one sentence. False, after a pause, if one of the two failed."""
        began = time.monotonic()
        try:
            self._load()
            while not self._stopping.is_set() and not self._warm_up():
                self._stopping.wait(min(self._next_pause(), LONGEST_WARM_UP_PAUSE))
        except EngineFault as fault:
            self._not_up(fault.phase, fault.reason)
            return False
        except Exception as error:
            log.debug("the engine did not come up", exc_info=True)
            self._not_up(Phase.LOADING.value, f"{type(error).__name__}: {error}")
            return False
        if self._stopping.is_set():
            return False
        self._pause = FIRST_PAUSE
        self._spoken = 0
        self._held_at_first = held_gib()
        self._coming_up = time.monotonic() - began
        self._readiness.set_ready()
        self._metrics.loads.inc()
        log.info("ready", extra={"seconds": round(self._coming_up, 3), "held_gib": round(self._held_at_first, 3)})
        return True

    def _load(self) -> None:
        if self.description is None:
            self._readiness.set_not_ready(Phase.LOADING, "the model is loading", 5.0)
        self._engine.load()
        description = self._engine.describe()
        self._built_in = tuple(self._engine.voices())
        self._room.set_slots(self._settings.slots(description.max_batch))
        self.description = description

    def _warm_up(self) -> bool:
        """Speaks one sentence; false if it is worth another try with the same model."""
        if self.description is None:
            return False
        self._readiness.set_not_ready(Phase.WARMING_UP, "the first sentence is spoken", 2.0)
        try:
            voice = self._library.find(None, self.voices())
            language = self.description.languages[0] if self.description.languages else ""
            ticket = Ticket(WARM_UP, voice, language, 1.0, 0, self._defaults(), Company.NONE)
            answer = self._batches.synthesize([ticket])[0]
            if isinstance(answer, Sound):
                check(answer)
                return True
            raise answer
        except SpeechFault as fault:
            self._readiness.set_not_ready(Phase.WARMING_UP, fault.message, self._pause)
            log.warning("not ready", extra={"phase": Phase.WARMING_UP.value, "reason": fault.message})
            self._room.refuse_all(SpeechFault.not_ready(Phase.WARMING_UP.value, fault.message, self._pause))
            return False

    def _defaults(self) -> dict[str, float]:
        parameters = self.description.parameters if self.description else {}
        defaults = {name: getattr(parameter, "default", None) for name, parameter in parameters.items()}
        return {name: value for name, value in defaults.items() if value is not None}

    def _not_up(self, phase: str, reason: str) -> None:
        """Tells why there is no model, and waits before the next attempt."""
        self._free()
        pause = self._next_pause()
        told = f"failed in the phase {phase}: {reason}"
        self._readiness.set_not_ready(Phase.FAILED, told, pause)
        log.error("not ready", extra={"phase": phase, "reason": reason, "again_in": pause})
        # Nobody knows whether it ever comes up: whoever waits is better off elsewhere.
        self._room.refuse_all(SpeechFault.not_ready(Phase.FAILED.value, told, pause))
        self._stopping.wait(pause)

    def _next_pause(self) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def _speak_until_worn(self) -> None:
        """Speaks batch after batch until the server stops or the model must be loaded anew."""
        while not self._stopping.is_set():
            reason = self._worn()
            if reason is not None:
                self._readiness.set_not_ready(Phase.RESTARTING, reason, self._coming_up)
                log.info("restarting the model", extra={"reason": reason, "spoken": self._spoken})
                break
            batch = self._room.take(PATIENCE)
            if batch and not self._answer(batch):
                break

    def _worn(self) -> str | None:
        """Why the model should be loaded anew; None if it should not."""
        after, above = self._settings.restart_after_requests, self._settings.restart_above_gib
        if after is not None and self._spoken >= after:
            return f"{self._spoken} requests were spoken since the last load"
        held = held_gib() if above is not None and self._spoken else 0.0
        if above is not None and held > max(above, GROWTH * self._held_at_first):
            return f"{held:.1f} GiB are held"
        return None

    def _answer(self, batch: list[Ticket]) -> bool:
        """Answers a batch; false if the model is beyond use."""
        tickets = [ticket for ticket in batch if ticket.answer.set_running_or_notify_cancel()]
        began = time.monotonic()
        try:
            self._batches.speak(tickets, began)
        except EngineFault as fault:
            reason = f"the model is beyond use: {without_text(fault.reason, tickets)}"
            self._readiness.set_not_ready(Phase.RESTARTING, reason, self._coming_up)
            log.error("the model is beyond use", extra={"phase": fault.phase, "reason": reason})  # noqa: TRY400
            fail(tickets, reason)
            return False
        except BaseException:
            # Whoever is told that it failed comes back at once, and must not find the server ready.
            self._readiness.set_not_ready(Phase.RESTARTING, "the engine broke out", self._coming_up)
            raise
        finally:
            fail(tickets, "the engine ended in the middle of its work")
            self._spoken += len(tickets)
            self._room.finish(time.monotonic() - began)
        return True

    def _free(self) -> None:
        self._batches.forget_voices()
        try:
            self._engine.close()
        except Exception:
            log.warning("the engine did not close", exc_info=True)
        gc.collect()
