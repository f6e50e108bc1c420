"""What stands in for a model."""

from __future__ import annotations

import re

__all__ = ["pieces"]


def pieces(text: str) -> list[str]:
    """The text as a model would stream it: word by word."""
    return re.findall(r"\s*\S+", text)
