"""The text of a request, before an engine sees it: what no voice can say is taken out and told."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rhapsode_speech_server.errors import SpeechFault

#: Control characters that stand for white space.
BLANKS = {"\t", "\n", "\r", "\v", "\f", "\x85"}


@dataclass(frozen=True)
class CleanText:
    """A text without control characters, and what was taken out of it."""

    text: str
    dropped: str | None


def clean(text: str) -> CleanText:
    """Takes control characters, private and unassigned ones out: tokenizers have nothing for them, or a surprise.

    Special tokens are each engine's own affair, because only it knows them.
    """
    kept: list[str] = []
    dropped: list[str] = []
    for character in text:
        if character in BLANKS:
            kept.append("\n" if character == "\n" else " ")
        elif unicodedata.category(character) in {"Cc", "Cn", "Co"}:
            dropped.append(f"U+{ord(character):04X}")
        else:
            kept.append(character)
    return CleanText("".join(kept), " ".join(dropped) or None)


def check_speakable(text: str) -> None:
    """Raises if there is nothing in a text that a voice could say."""
    if not any(character.isalnum() for character in text):
        raise SpeechFault.unspeakable("there is nothing to speak in `input`")


def joined(*dropped: str | None) -> str | None:
    """What several stages left out, for one header."""
    return " ".join(part for part in dropped if part) or None


def header_value(text: str, limit: int = 2_000) -> bytes:
    """A text as it can stand in a header: UTF-8 in one line, of a length that clients read."""
    line = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text).strip()
    encoded = line.encode("utf-8", "replace")
    return encoded[:limit].decode("utf-8", "ignore").encode("utf-8")
