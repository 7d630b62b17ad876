"""Texts, before an engine sees them."""

from __future__ import annotations

import pytest

from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.text import check_speakable, clean, header_value


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("Call me\tIshmael.\r\n", "Call me Ishmael. \n", None),
        ("Naïve café, 東京 and שלום 🙂", "Naïve café, 東京 and שלום 🙂", None),
        ("a\x00b\x1bc", "abc", "U+0000 U+001B"),
        ("private \ue000 and none \ufdd0", "private  and none ", "U+E000 U+FDD0"),
    ],
)
def test_what_no_voice_can_say_is_taken_out_and_told(text: str, kept: str, dropped: str | None) -> None:
    cleaned = clean(text)
    assert (cleaned.text, cleaned.dropped) == (kept, dropped)


@pytest.mark.parametrize("text", ["", "   ", "… — !?", "🙂"])
def test_a_text_without_a_letter_or_a_figure_is_unspeakable(text: str) -> None:
    with pytest.raises(SpeechFault) as fault:
        check_speakable(text)
    assert (fault.value.status, fault.value.code) == (422, "unspeakable")


def test_a_header_holds_one_line_of_whole_letters() -> None:
    assert header_value("a\r\nInjected: b") == b"a  Injected: b"
    assert header_value("ä" * 2_000).decode("utf-8") == "ä" * 1_000
