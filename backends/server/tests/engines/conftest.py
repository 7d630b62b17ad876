"""One server for each engine and the whole run: they take minutes to load."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serving import ENGINES, Server, add_voices


@pytest.fixture(scope="session", params=list(ENGINES))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of an engine, ready, with recordings."""
    folder = tmp_path_factory.mktemp(request.param)
    running = Server(ENGINES[request.param], folder)
    try:
        add_voices(running.voices)
        yield running.ready()
    finally:
        running.close()


def of(*engines: str) -> pytest.MarkDecorator:
    """A test of these engines alone."""
    return pytest.mark.parametrize("server", engines, indirect=True, scope="session")
