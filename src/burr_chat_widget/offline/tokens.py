"""Pieces of text of the size that language models produce them in."""

from __future__ import annotations

import re

_TOKEN = re.compile(r" ?\w{1,8}|\s+?(?= \w)|\s+|[^\w\s]{1,4}")


def split(text: str) -> list[str]:
    """Cut `text` into tokens; joined, they are the text again, whatever characters it has."""
    return _TOKEN.findall(text)
