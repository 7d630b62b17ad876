"""Starts the server, and ends it in good order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn

from rhapsode_speech_server import logs
from rhapsode_speech_server.app import application
from rhapsode_speech_server.engines import open_engine
from rhapsode_speech_server.service import Service
from rhapsode_speech_server.settings import Settings, SettingsError

log = logging.getLogger(__name__)

#: Exit codes: the environment is wrong, the address cannot be had, a second signal came.
WRONG_SETTINGS, NO_ADDRESS, AT_ONCE = 2, 1, 130
#: Seconds that an idle connection stays open. Clients keep theirs for 90 s, and one that is closed under a request
#: looks like a fault.
KEEP_ALIVE = 120


class _Server(uvicorn.Server):
    """A server whose signals are ours: it drains before it stops to listen."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(service: Service, listener: socket.socket) -> None:
    """Answers until a signal comes and what was spoken then is answered. A second signal stops at once."""
    config = uvicorn.Config(
        application(service),
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Task[None]] = []

    async def drain() -> None:
        log.info("draining")
        service.speaker.stop()
        await asyncio.to_thread(service.room.wait_until_silent)
        server.should_exit = True

    def told_to_stop() -> None:
        if draining:
            # The generation thread may be deep in a kernel, and nothing can call it back.
            log.warning("stopped at once")
            logging.shutdown()
            os._exit(AT_ONCE)
        else:
            draining.append(loop.create_task(drain()))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop)
    host, port = listener.getsockname()[:2]
    log.info("listening", extra={"address": f"{host}:{port}", "engine": service.settings.engine.value})
    await server.serve(sockets=[listener])
    service.speaker.stop()


def main() -> int:
    """The program; its exit code."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"error: {error}\n")
        return WRONG_SETTINGS
    logs.set_up(settings.log_level)
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        log.error("cannot listen", extra={"host": settings.host, "port": settings.port, "reason": str(error)})  # noqa: TRY400
        return NO_ADDRESS
    service = Service(settings, open_engine(settings))
    asyncio.run(serve(service, listener))
    log.info("stopped")
    if service.speaker.alive:
        # It loads or frees a model, and an interpreter that ends under it may crash.
        logging.shutdown()
        os._exit(0)
    return 0
