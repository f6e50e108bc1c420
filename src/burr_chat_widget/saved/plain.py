"""What a model wrote, as text that a terminal only shows: nothing in it moves the cursor, sets the clipboard or turns letters round."""

from __future__ import annotations

import re

__all__ = ["plain"]

_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
"""C0 and C1 but for tab and newline, DEL, and what overrides the direction of letters."""


def plain(text: str) -> str:
    r"""The same text, with visible characters in place of control characters; any end of a line is a newline.

    >>> plain("one\r\n\x1b[2Jtwo\x9b2J")
    'one\n␛[2Jtwo\\x9b2J'
    """
    return _CONTROL.sub(_visible, _LINE_END.sub("\n", text))


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode has a picture of each
    return "\u2421" if code == 0x7F else found[0].encode("unicode_escape").decode()
