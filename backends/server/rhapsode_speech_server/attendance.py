"""What surrounds each request: the token, a name, a line in the log and a count."""

from __future__ import annotations

import hmac
import itertools
import logging
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rhapsode_speech_server.answer import Answer, call_of
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.metrics import Metrics
from rhapsode_speech_server.refusal import refusal

log = logging.getLogger(__name__)

#: Whoever watches over the process has no token.
OPEN_TO_ALL = {"/health", "/ready"}


class Attendance:
    """Names, counts and tells every request. Plain ASGI: Starlette's own base class hides that a client goes away."""

    def __init__(self, app: ASGIApp, metrics: Metrics, token: str | None) -> None:
        self._app = app
        self._metrics = metrics
        self._token = token
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        probe = headers.get("x-rhapsode-probe") == "1"
        answer = Answer(f"req-{next(self._numbers)}", call_of(scope["path"]), probe)
        scope["rhapsode.answer"] = answer

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = answer.id
            await send(message)

        try:
            fault = self._unauthorized(scope["path"], headers)
            if fault is None:
                await self._app(scope, receive, told)
            else:
                answer.code = fault.code
                await refusal(fault)(scope, receive, told)
        finally:
            self._metrics.count(answer)
            # Whoever watches asks every few seconds.
            level = logging.DEBUG if answer.call in {"health", "ready", "metrics"} else logging.INFO
            log.log(level, "answered", extra=answer.fields())

    def _unauthorized(self, path: str, headers: Headers) -> SpeechFault | None:
        if self._token is None or path in OPEN_TO_ALL:
            return None
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            message = "this server wants a token, as `Authorization: Bearer TOKEN`"
            return SpeechFault("invalid_api_key", message, 401)
        # The time that this takes tells nothing of the token but its length.
        if hmac.compare_digest(shown.encode("utf-8", "replace"), self._token.encode("utf-8")):
            return None
        return SpeechFault("invalid_api_key", "the token is not this server's", 401)


def answer_of(scope: Scope) -> Answer:
    """The answer that is being made."""
    found: Any = scope["rhapsode.answer"]
    assert isinstance(found, Answer)
    return found
