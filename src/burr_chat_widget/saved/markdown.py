"""A conversation as Markdown."""

from __future__ import annotations

import re

from burr_chat_widget.protocol.view import Message, View

from .harmless import harmless

__all__ = ["to_markdown"]


def to_markdown(view: View) -> str:
    """What was said, as Markdown that fetches nothing and holds no HTML, whoever renders it."""
    about = ", ".join(filter(None, [view.session.model, f"conversation {_code(view.session.app_id)}"]))
    parts = [f"# {_line(view.session.title)}", f"*{about}*"]
    parts += [part for message in view.messages for part in _message(message)]
    return "\n\n".join(parts) + "\n"


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
            return [harmless(message.text)] if message.text else []
        case "reasoning":
            return ["\n".join(f"> {line}" for line in harmless(message.text).split("\n"))]
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
