"""What the engines' packages print, kept out of the server's log: it is no JSON, and some of it is the text."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


def hush(*packages: str) -> None:
    """Before an engine's packages are imported: no progress bars, no downloads, errors alone from their loggers."""
    os.environ["TQDM_DISABLE"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    for package in packages:
        logging.getLogger(package).setLevel(logging.ERROR)


@contextmanager
def swallowed() -> Iterator[None]:
    """Prints go nowhere. The server's own log is written by handlers that hold the stream itself."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
