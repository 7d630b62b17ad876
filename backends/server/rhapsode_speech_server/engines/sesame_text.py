"""What Sesame's CSM is given of a text: no control tokens, and no speaker's number before it."""

from __future__ import annotations

import re

from rhapsode_speech_server.engines import special_tokens

_TOKENS = re.compile(special_tokens.PIPED)
#: `[3]` before a text tells the model that speaker 3 says it; in a book it is the mark of a note.
_SPEAKER = re.compile(r"\s*\[\d+\]\s*")


def speakable(text: str) -> tuple[str, str | None]:
    """The text to be spoken, and what was left out of it, if anything was."""
    text, tokens = special_tokens.without(_TOKENS, text)
    dropped = [tokens] if tokens else []
    while speaker := _SPEAKER.match(text):
        dropped.append(speaker.group().strip())
        text = text[speaker.end() :]
    return text.strip(), " ".join(dropped) or None
