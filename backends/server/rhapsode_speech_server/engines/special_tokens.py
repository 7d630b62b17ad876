"""What a model would take for a command instead of words, taken out of a text."""

from __future__ import annotations

import re

#: Control tokens of language models, as in `<|endoftext|>` and `<|AUDIO|>`.
PIPED = r"<\|[^|<>\n]{0,64}\|>"


def without(tokens: re.Pattern[str], text: str) -> tuple[str, str | None]:
    """The text without those tokens, and what was taken out, if anything was.

    It is searched again until nothing is found, because the halves of a token may stand around another one.
    """
    taken: list[str] = []
    while found := tokens.findall(text):
        taken.extend(found)
        text = tokens.sub(" ", text)
    if not taken:
        return text, None
    return " ".join(text.split()), " ".join(taken)
