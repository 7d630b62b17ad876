"""How long a text takes to speak, roughly: enough to tell a runaway from speech and to bound what is generated."""

from __future__ import annotations

import unicodedata

#: Seconds of one letter: the figure of rhapsode's take checks, so that nothing is generated that they would refuse.
SECONDS_OF_A_LETTER = 0.065
#: Seconds of a character that is a syllable or a word by itself: about four and a half of them are read in a second.
SECONDS_OF_A_SYLLABLE = 0.22
#: What a slow reader may need, as the take checks allow it: so much more, and so many seconds on top.
SLOWEST = 2.2
GRACE_SECONDS = 1.5

_SYLLABLES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def seconds_of(text: str) -> float:
    """The usual length of the speech."""
    return sum(
        SECONDS_OF_A_SYLLABLE if unicodedata.name(character, "").startswith(_SYLLABLES) else SECONDS_OF_A_LETTER
        for character in text
    )


def longest_seconds_of(text: str) -> float:
    """The length beyond which it is no longer speech of this text."""
    return SLOWEST * seconds_of(text) + GRACE_SECONDS
