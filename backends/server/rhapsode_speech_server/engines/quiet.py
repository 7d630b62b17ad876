"""What the engines' packages would print, log and fetch, kept back before they are imported."""

from __future__ import annotations

import logging
import os


def hush(*packages: str) -> None:
    """No progress bars, no downloads, and errors alone from the packages' own loggers: the rest repeats the text.

    What is printed nevertheless goes where `logs.py` sends it.
    """
    os.environ.update(
        TQDM_DISABLE="1",
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        TOKENIZERS_PARALLELISM="false",
        TRANSFORMERS_VERBOSITY="error",
        INDEXTTS_LOG_LEVEL="ERROR",
    )
    for package in packages:
        logger = logging.getLogger(package)
        logger.setLevel(logging.ERROR)
        # Some set the level of their own logger when they are imported.
        logger.addFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
