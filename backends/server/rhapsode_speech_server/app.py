"""The calls of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rhapsode_speech_server import about, metrics
from rhapsode_speech_server.attendance import Attendance, answer_of
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.memory import GIB, held_gib
from rhapsode_speech_server.refusal import refusal
from rhapsode_speech_server.service import Service
from rhapsode_speech_server.speech import speech


def application(service: Service) -> Attendance:
    """All calls, and what surrounds them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield

    # No schema is offered: bodies are parsed here, so it would say nothing.
    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(SpeechFault, _refused)
    app.add_exception_handler(HTTPException, _no_such_call)
    app.add_exception_handler(Exception, _broken)
    reading = ["GET", "HEAD"]

    @app.post("/v1/audio/speech")
    async def speak(request: Request) -> Response:
        return await speech(service, request)

    @app.api_route("/v1/audio/voices", methods=reading)
    async def voices() -> JSONResponse:
        listed = await asyncio.to_thread(service.speaker.voices)
        return JSONResponse({"voices": [entry.as_json() for entry in listed]})

    @app.api_route("/v1/models", methods=reading)
    async def models() -> JSONResponse:
        return JSONResponse({"object": "list", "data": [about.model(service.description())]})

    @app.api_route("/v1/models/{name:path}", methods=reading)
    async def model(name: str) -> JSONResponse:
        return JSONResponse(about.model_named(service.description(), name))

    @app.api_route("/v1/capabilities", methods=reading)
    async def capabilities() -> JSONResponse:
        listed = await asyncio.to_thread(service.speaker.voices)
        return JSONResponse(about.capabilities(service.description(), listed, service.settings))

    @app.api_route("/v1/dependencies", methods=reading)
    async def dependencies() -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(service.dependencies))

    @app.api_route("/metrics", methods=reading)
    async def figures() -> Response:
        text = service.metrics.text(
            speaking=service.room.speaking,
            waiting=service.room.waiting,
            ready=service.readiness.ready,
            held_bytes=held_gib() * GIB,
        )
        return Response(text, media_type=metrics.CONTENT_TYPE)

    @app.api_route("/health", methods=reading)
    async def health() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.api_route("/ready", methods=reading)
    async def ready() -> JSONResponse:
        service.readiness.check()
        return JSONResponse({"status": "ready"})

    return Attendance(app, service.metrics, service.settings.token)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SpeechFault)
    answer_of(request.scope).code = error.code
    return refusal(error)


async def _no_such_call(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 405:
        fault = SpeechFault("method_not_allowed", f"{path} does not take {request.method}", 405)
    else:
        fault = SpeechFault("not_found", f"there is no {path} here", 404)
    answer_of(request.scope).code = fault.code
    response = refusal(fault)
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, error: Exception) -> Response:
    fault = SpeechFault.failed(f"the server failed: {type(error).__name__}", "internal_error")
    answer_of(request.scope).code = fault.code
    return refusal(fault)
