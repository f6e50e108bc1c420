"""A conversation as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from burr_chat_widget.protocol.timeline import Lane
from burr_chat_widget.protocol.view import Message, View

from .harmless import closed, harmless
from .words import about, graph_table, lanes_table, named, steps_table, title_of

__all__ = ["to_markdown", "view_to_markdown"]


def to_markdown(view: View, *, left_out: int = 0) -> str:
    """What was said, as Markdown that fetches nothing and holds no HTML, whoever renders it.

    Args:
        view: what is seen of a chat.
        left_out: how many earlier messages the view is without.
    """
    parts = _head(view, None)
    if left_out:
        parts.append(f"*{left_out:,} earlier messages are left out.*")
    parts += [part for message in view.messages for part in _message(message)]
    return harmless("\n\n".join(parts) + "\n")  # all of it, since what one message begins another one may end


def view_to_markdown(name: str, view: View, lanes: Sequence[Lane] = ()) -> str:
    """What is seen of a view that stands in a cell of its own, as such Markdown: a table.

    Args:
        name: of the view, as `ChatView` has it.
        view: what is seen of its chat.
        lanes: the turns of a comparison.
    """
    match name:
        case "inspector" | "timeline":
            table = steps_table(view)
        case "comparison":
            table = lanes_table(lanes)
        case _:
            table = graph_table(view)
    rows = [table.heads, ["---"] * len(table.heads), *([_line(cell) for cell in row] for row in table.rows)]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join([*_head(view, name), lines if table.rows else f"*{table.caption}*"]) + "\n"


def _head(view: View, name: str | None) -> list[str]:
    conversation = named(view.session)
    beside = ", ".join(
        [*map(_line, about(view.session, name)), *([f"conversation {_code(conversation)}"] if conversation else [])]
    )
    return [f"# {_line(title_of(view.session))}", *([f"*{beside}*"] if beside else [])]


def _message(message: Message) -> list[str]:
    if message.kind == "notice":
        return [f"*{_line(message.text)}*"]
    who = "You" if message.role == "user" else message.action or message.role
    ended = f" ({message.status})" if message.status in ("stopped", "failed") else ""
    out = [f"**{_line(who)}**{ended}:", *_said(message)]
    if message.error is not None:
        out.append(f"> {_line(f'{message.error.kind}: {message.error.message}')}")
    return out + [f"*{_line(notice)}*" for notice in message.notices]


def _said(message: Message) -> list[str]:
    match message.kind:
        case "text" | "error":
            return [closed(message.text)] if message.text else []
        case "reasoning":
            return ["\n".join(f"> {line}" for line in closed(message.text).split("\n"))]
        case "image":
            return [f"Image: {_line(message.name or '')} {_code(message.text[:200])}"]
        case "tool-call":
            result = [] if message.result is None else [fenced(message.result)]
            return [f"{_code(message.name or 'tool')} is called:", fenced(message.text), *result]
        case _:
            return [fenced(message.text, message.name or "")]


def fenced(text: str, language: str = "") -> str:
    """Text as a block of code that nothing in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = language if re.fullmatch(r"[\w+#.-]{0,30}", language) else ""
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str) -> str:
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def _line(text: str) -> str:
    """Words that are no Markdown, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|!])", r"\\\1", " ".join(text.split()))
