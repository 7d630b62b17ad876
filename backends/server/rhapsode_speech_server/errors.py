"""What can go wrong, as clients and operators are told. Codes are those of docs/server.md and never change."""

from __future__ import annotations

from enum import Enum


class Retry(Enum):
    """Whether the same request may do better another time."""

    USELESS = "useless"
    WORTHWHILE = "worthwhile"


class SpeechFault(Exception):
    """A request that is not answered with sound, and why.

    `message` is for people and never repeats the text that was to be spoken.
    """

    def __init__(  # noqa: PLR0913 - an error has as many sides as its answer
        self,
        code: str,
        message: str,
        status: int,
        retry: Retry = Retry.USELESS,
        *,
        param: str | None = None,
        retry_after: float | None = None,
        phase: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry = retry
        self.param = param
        #: Seconds after which another try may succeed.
        self.retry_after = retry_after
        #: What the server is doing instead, if it is not ready.
        self.phase = phase

    @property
    def retryable(self) -> bool:
        return self.retry is Retry.WORTHWHILE

    @classmethod
    def invalid(cls, param: str | None, message: str) -> SpeechFault:
        """A field with a value that it cannot have."""
        return cls("invalid_value", message, 400, param=param)

    @classmethod
    def out_of_range(cls, param: str, message: str) -> SpeechFault:
        """A parameter of the engine that is beyond what it can do."""
        return cls("invalid_value", message, 422, param=param)

    @classmethod
    def unspeakable(cls, message: str, *, param: str = "input") -> SpeechFault:
        """A text, or a way to speak it, that the engine does not have."""
        return cls("unspeakable", message, 422, param=param)

    @classmethod
    def too_long(cls, message: str) -> SpeechFault:
        """More text than the engine takes at once; its sender may split it."""
        return cls("text_too_long", message, 413, param="input")

    @classmethod
    def unusable_voice(cls, message: str) -> SpeechFault:
        """A voice whose recording the engine cannot use, or that it cannot have without one."""
        return cls("voice_unusable", message, 422, param="voice")

    @classmethod
    def failed(cls, message: str, code: str = "synthesis_failed") -> SpeechFault:
        """Something went wrong on this side that may not happen again."""
        return cls(code, message, 500, Retry.WORTHWHILE)

    @classmethod
    def not_ready(cls, phase: str, reason: str, retry_after: float) -> SpeechFault:
        """There is no model that could speak at the moment."""
        return cls("not_ready", reason, 503, Retry.WORTHWHILE, retry_after=retry_after, phase=phase)

    @classmethod
    def queue_full(cls, retry_after: float) -> SpeechFault:
        """Every slot and every place in the queue is taken."""
        message = "every slot and every place in the queue is taken"
        return cls("queue_full", message, 429, Retry.WORTHWHILE, retry_after=retry_after)


class EngineFault(Exception):
    """The engine cannot work: it did not load, or what was loaded is beyond use and must be loaded anew."""

    def __init__(self, phase: str, reason: str) -> None:
        super().__init__(f"{phase}: {reason}")
        self.phase = phase
        self.reason = reason
