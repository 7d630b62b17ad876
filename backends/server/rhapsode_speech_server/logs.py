"""Logs: one JSON object a line on stderr, and never a text that was spoken."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import datetime, timezone

#: What every record has; the rest are fields.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, object] = {
            "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Noise(io.TextIOBase):
    """What engines print. Some print the text that they speak, so it is told at the level of debugging alone."""

    def __init__(self) -> None:
        self._log = logging.getLogger("rhapsode_speech_server.printed")

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip():
            self._log.debug(text.strip())
        return len(text)


def set_up(level: str) -> None:
    """Sends our own records of this level and the errors of libraries to stderr, and what is printed nowhere else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # Warnings of libraries quote what they are given.
    logging.basicConfig(handlers=[handler], level="DEBUG" if level == "debug" else "ERROR", force=True)
    logging.getLogger("rhapsode_speech_server").setLevel(level.upper())
    logging.captureWarnings(True)
    sys.stdout = _Noise()
