"""Errors as clients see them: OpenAI's shape, with a stable code and whether it is worth another try."""

from __future__ import annotations

import math

from starlette.responses import JSONResponse

from rhapsode_speech_server.errors import SpeechFault

#: What OpenAI's clients sort errors by, beside the status.
_KINDS = {401: "authentication_error", 429: "rate_limit_error"}


def refusal(fault: SpeechFault) -> JSONResponse:
    """The answer that tells a fault."""
    error: dict[str, object] = {
        "message": fault.message,
        "type": _KINDS.get(fault.status, "server_error" if fault.status >= 500 else "invalid_request_error"),
        "param": fault.param,
        "code": fault.code,
        "retryable": fault.retryable,
    }
    if fault.phase is not None:
        error["phase"] = fault.phase
    headers = {}
    if fault.retry_after is not None:
        # Whole seconds, rounded up, and never 0, which would mean at once.
        headers["Retry-After"] = str(max(1, math.ceil(fault.retry_after)))
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error}, fault.status, headers)
