"""Who may speak: as many requests as the engine takes in one forward pass, a bounded number behind them in the order
in which they came, and nobody else.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum

from rhapsode_speech_server.engine import Value, Voice
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.sound import CheckedSound

#: What a batch is thought to take before one was measured, in seconds.
FIRST_GUESS = 1.0
#: Weight of the newest batch in the measured time: the last dozen or so count.
NEWEST = 0.15
#: Seconds that a batch waits for those that were just answered and are about to ask again. Clients that fill every
#: slot come back one by one; without it they would be spoken one by one for ever.
GATHERING = 0.03


class Company(Enum):
    """Whether a request may share a forward pass."""

    WELCOME = "welcome"
    NONE = "none"


@dataclass(frozen=True)
class Spoken:
    """What became of a request."""

    sound: CheckedSound
    seed: int
    #: Requests in the forward pass, this one included.
    batch: int
    #: Seconds in the queue, and in the engine.
    waited: float
    synthesis: float


@dataclass(eq=False)
class Ticket:
    """A request in the queue or in the engine."""

    text: str
    voice: Voice
    language: str
    speed: float
    seed: int
    parameters: Mapping[str, Value]
    company: Company
    answer: Future[Spoken] = field(default_factory=Future)
    arrived: float = field(default_factory=time.monotonic)
    #: Set when the client has gone away.
    abandoned: threading.Event = field(default_factory=threading.Event)

    @property
    def group(self) -> Hashable:
        """What the utterances of one forward pass have in common."""
        return (self.language, self.speed, tuple(sorted(self.parameters.items())))


class WaitingRoom:
    """The queue. Entered from the event loop, emptied by the generation thread."""

    def __init__(self, places: int, gathering: float = GATHERING) -> None:
        #: Requests that may wait beside those that are spoken.
        self._places = places
        self._slots = 1
        self._waiting: deque[Ticket] = deque()
        self._speaking = 0
        self._closed: SpeechFault | None = None
        self._pace: float | None = None
        self._gathering = gathering
        #: Requests that were there when the last batch was answered, its own included.
        self._hoped_for = 0
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        with self._changed:
            return len(self._waiting)

    @property
    def speaking(self) -> int:
        with self._changed:
            return self._speaking

    def set_slots(self, slots: int) -> None:
        """How many the engine takes in one forward pass."""
        with self._changed:
            self._slots = slots

    def enter(self, ticket: Ticket) -> None:
        """Takes a place. Raises `SpeechFault` if there is none."""
        with self._changed:
            if self._closed is not None:
                raise self._closed
            if len(self._waiting) + self._speaking >= self._slots + self._places:
                raise SpeechFault.queue_full(self._relief())
            self._waiting.append(ticket)
            self._changed.notify_all()

    def leave(self, ticket: Ticket) -> None:
        """The client has gone away: its place is free at once; what is spoken may be broken off."""
        ticket.abandoned.set()
        with self._changed:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                ticket.answer.cancel()

    def take(self, patience: float) -> list[Ticket]:
        """The next batch: whoever waits longest, and those behind who fit. Nobody, if nobody came within `patience`."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, patience)
            if not self._waiting:
                return []
            hoped_for = min(self._slots, self._hoped_for)
            self._changed.wait_for(lambda: len(self._waiting) >= hoped_for or self._closed, self._gathering)
            batch = self._next_batch()
            self._speaking = len(batch)
            return batch

    def finish(self, seconds: float) -> None:
        """The batch is answered."""
        with self._changed:
            self._hoped_for = self._speaking + len(self._waiting)
            self._speaking = 0
            self._changed.notify_all()
            self._pace = seconds if self._pace is None else self._pace + NEWEST * (seconds - self._pace)

    def wait_until_silent(self) -> None:
        """Returns when nothing is spoken: for good, if the room is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._speaking == 0)

    def refuse_all(self, fault: SpeechFault) -> None:
        """Answers all who wait."""
        with self._changed:
            waiting, self._waiting = self._waiting, deque()
        for ticket in waiting:
            if ticket.answer.set_running_or_notify_cancel():
                ticket.answer.set_exception(fault)

    def close(self, fault: SpeechFault) -> None:
        """Lets nobody in any more, and answers all who wait."""
        with self._changed:
            self._closed = fault
            self._changed.notify_all()
        self.refuse_all(fault)

    def _next_batch(self) -> list[Ticket]:
        # Those who gave up during the wait are gone from the queue; it may be empty by now.
        batch = [self._waiting.popleft()] if self._waiting else []
        if not batch or batch[0].company is Company.NONE:
            return batch
        group = batch[0].group
        for ticket in list(self._waiting):
            if len(batch) == self._slots:
                break
            if ticket.company is Company.WELCOME and ticket.group == group:
                self._waiting.remove(ticket)
                batch.append(ticket)
        return batch

    def _relief(self) -> float:
        """The time until half of the queue is gone: then there is room for more than one that comes back."""
        each = FIRST_GUESS if self._pace is None else self._pace
        ahead = max(1, math.ceil(len(self._waiting) / 2))
        return each * ahead / self._slots
