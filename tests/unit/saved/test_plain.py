"""Text of a model, as a terminal may print it."""

from __future__ import annotations

import unicodedata

import pytest

from burr_chat_widget.saved.plain import plain


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b]52;c;aGk=\x07hello\x1b[2J", "␛]52;c;aGk=␇hello␛[2J"),
        ("\x9b2J\x7f\x00", "\\x9b2J␡␀"),
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("\u202eabc\u202d", "\\u202eabc\\u202d"),
        ("Grüße, שלום 👩\u200d🚀", "Grüße, שלום 👩\u200d🚀"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(given: str, shown: str):
    assert plain(given) == shown


def test_no_control_character_is_left_but_tabs_and_newlines():
    left = {
        character for character in plain("".join(map(chr, range(0x110000)))) if unicodedata.category(character) == "Cc"
    }
    assert left == {"\t", "\n"}


def test_an_answer_that_grows_goes_on_where_it_was():
    text = "one\r\ntwo\r\x1b\x9b"
    assert all(plain(text).startswith(plain(text[:end])) for end in range(len(text)))
