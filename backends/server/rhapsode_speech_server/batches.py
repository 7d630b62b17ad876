"""One batch in the engine: together if that works, one by one if it does not."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from rhapsode_speech_server import text as texts
from rhapsode_speech_server.engine import Engine, Sound, Utterance, Voice
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.metrics import Metrics
from rhapsode_speech_server.sound import check
from rhapsode_speech_server.voices import PreparedVoices
from rhapsode_speech_server.waiting import Spoken, Ticket

log = logging.getLogger(__name__)

#: Words in the errors of torch and CUDA after which nothing on the device works any more.
FATAL = ("CUDA error", "device-side assert", "cuDNN error", "CUBLAS_STATUS", "an illegal memory access")


class Batches:
    """Speaks batches. For the generation thread alone."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._voices = PreparedVoices()

    def forget_voices(self) -> None:
        """What was prepared goes with the model."""
        self._voices.clear()

    def speak(self, tickets: list[Ticket], began: float) -> None:
        """Speaks tickets together, and one by one if the batch fails: nobody fails for another's text."""
        if not tickets:
            return
        try:
            answers = self.synthesize(tickets)
        except EngineFault:
            raise
        except Exception as error:
            if any(word in str(error) for word in FATAL):
                raise EngineFault("speaking", f"{type(error).__name__}: {error}") from error
            if len(tickets) > 1:
                log.warning("a batch failed and is spoken one by one", extra={"batch": len(tickets)})
                for ticket in tickets:
                    self.speak([ticket], time.monotonic())
                return
            log.debug("a synthesis failed", exc_info=True)
            reason = without_text(f"{type(error).__name__}: {error}", tickets)
            answers = [SpeechFault.failed(f"the engine failed: {reason}")]
        seconds = time.monotonic() - began
        self._metrics.batches.observe(len(tickets))
        for ticket, answer in zip(tickets, answers, strict=True):
            self._hand_over(ticket, answer, len(tickets), began, seconds)

    def _hand_over(self, ticket: Ticket, answer: Sound | SpeechFault, batch: int, began: float, seconds: float) -> None:
        try:
            if isinstance(answer, SpeechFault):
                raise answer
            spoken = Spoken(check(answer), ticket.seed, batch, began - ticket.arrived, seconds)
        except SpeechFault as fault:
            ticket.answer.set_exception(fault)
        else:
            ticket.answer.set_result(spoken)

    def synthesize(self, tickets: list[Ticket]) -> Sequence[Sound | SpeechFault]:
        """Prepares the voices and asks the engine. A voice that cannot be prepared fails its own request alone."""
        utterances: list[Utterance] = []
        answers: list[Sound | SpeechFault | None] = []
        for ticket in tickets:
            try:
                prepared = self._voices.get(ticket.voice, self._prepare)
            except SpeechFault as fault:
                answers.append(fault)
                continue
            answers.append(None)
            utterances.append(
                Utterance(
                    ticket.text,
                    ticket.voice,
                    ticket.language,
                    ticket.speed,
                    ticket.seed,
                    ticket.parameters,
                    prepared,
                    ticket.abandoned.is_set,
                )
            )
        spoken = list(self._engine.synthesize(utterances)) if utterances else []
        if len(spoken) != len(utterances):
            raise RuntimeError(f"the engine gave {len(spoken)} answers to {len(utterances)} texts")
        remaining = iter(spoken)
        return [next(remaining) if answer is None else answer for answer in answers]

    def _prepare(self, voice: Voice) -> object:
        prepared = self._engine.prepare(voice)
        self._metrics.prepared.inc()
        return prepared


def fail(tickets: Sequence[Ticket], reason: str) -> None:
    """Answers those who have no answer yet."""
    for ticket in tickets:
        if not ticket.answer.done():
            ticket.answer.set_exception(SpeechFault.failed(reason))


def without_text(reason: str, tickets: Sequence[Ticket]) -> str:
    """An error of an engine, without the texts that it may repeat: it goes into the log."""
    for ticket in tickets:
        # Errors quote what they are given.
        for form in (ticket.text, repr(ticket.text)[1:-1]):
            reason = reason.replace(form, "…")
    return texts.header_value(reason, 500).decode("utf-8")
