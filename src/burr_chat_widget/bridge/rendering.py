"""The option `render=`: what a function of the user's makes of what is of no kind of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from .failures import as_it_is, named
from .messages import HistoryMessage
from .printable import clean, short

__all__ = ["Render", "rendered"]

Render: TypeAlias = Callable[[Any], "str | None"]
"""Makes Markdown of an item of the history or of a result that is of no kind of ours; None to leave it as it is."""


def rendered(
    render: Render | None, item: object, said: tuple[HistoryMessage, ...], masked: Callable[[str], str] = as_it_is
) -> tuple[tuple[HistoryMessage, ...], str | None]:
    """What `render` makes of an item: what it says then, and what was wrong with the function.

    Args:
        render: the function, None for none.
        item: what it is given.
        said: what the item says without it, which is left as it is where the function makes nothing of it.
        masked: makes of what the function raises a text without what must not be seen.
    """
    if render is None or not said:
        return said, None
    try:
        text: object = render(item)
        if text is not None and not isinstance(text, str):
            raise TypeError(f"it returned {short(text)}, a {type(text).__name__}, not a str")
    except Exception as error:
        return said, f"render= raised {named(error, masked)[:500]}"
    if text is None:
        return said, None
    return ((HistoryMessage(said[0].role, clean(text)),) if text.strip() else ()), None
