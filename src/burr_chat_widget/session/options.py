"""What a chat was made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from burr_chat_widget.bridge import DeltaOption, Redaction, Render
from burr_chat_widget.transport.loops import Runner

__all__ = ["Options", "checked_render", "checked_suggestions", "checked_title"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """See `burr_chat_widget.BurrChat`; `inputs` are the constants. The turns' names begin with `turns`, and are counted."""

    prompt: str | None
    history: str | None
    delta: DeltaOption
    render: Render | None
    inputs: Mapping[str, Any]
    suggestions: Sequence[str]
    title: str
    runner: Runner
    redaction: Redaction
    coalesce: bool = True
    turns: str = "t"


def checked_title(title: str | None) -> str:
    """The heading of the chat.

    Raises:
        TypeError: if that is no text.
    """
    if title is not None and not isinstance(cast("object", title), str):
        raise TypeError(f"title={title!r} is no text; pass a str, or leave it out")
    return title or "Chat"


def checked_suggestions(suggestions: Sequence[str]) -> list[str]:
    """The prompts that are offered.

    Raises:
        TypeError: if these are not several texts.
    """
    given = cast("object", suggestions)
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f"suggestions={given!r} is no list; pass a list of texts, such as ['Tell me a joke']")
    texts = list(cast("Iterable[object]", given))
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"suggestions= has {text!r}, which is no text; pass a list of texts")
    return cast("list[str]", texts)


def checked_render(render: Render | None) -> Render | None:
    """What makes Markdown of an item.

    Raises:
        TypeError: if that is no function.
    """
    if render is not None and not callable(cast("object", render)):
        raise TypeError(f"render={render!r} is no function; pass one from an item to Markdown or None, or leave it out")
    return render
