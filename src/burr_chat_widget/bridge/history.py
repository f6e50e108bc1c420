"""The state key that holds the conversation, and the messages that a step added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from burr.core import Application, State

from burr_chat_widget.errors import ConventionError

from .inputs import external_inputs
from .printable import clean

__all__ = ["HistoryMessage", "added_messages", "infer_history", "read_message"]

NAMES = ("chat_history", "messages", "history", "conversation", "conversation_history", "message_history")
ASSISTANT = ("assistant", "ai", "AI", "Ai", "AIMessage", "AIMessageChunk", "bot", "model", "Assistant", "Bot")
OTHERS = ("user", "human", "system", "developer", "tool", "function", "User", "Human", "System", "HumanMessageChunk")
"""Roles of messages that nobody needs to be shown: what the person typed, and what goes on behind the scenes."""
LANGCHAIN = ("human", "ai", "system", "tool", "function", "chat", "AIMessageChunk", "HumanMessageChunk")


class HistoryMessage(NamedTuple):
    """One item of a history. `kind` is its own type (`text`, `code`, `image`, `error`)."""

    role: str
    text: str
    kind: str

    @property
    def spoken(self) -> bool:
        """Whether it is something that the application says to the person."""
        return self.role not in OTHERS and bool(self.text.strip())


def read_message(item: object) -> HistoryMessage | None:
    """What a history's item says, None when it does not look like a message.

    Messages are dicts or objects with a role and a content, LangChain's with a type and a content, and strings that begin with
    `Human:`, `AI:` and the like.
    """
    if isinstance(item, str):
        role, colon, text = item.partition(":")
        if not colon or role not in (*ASSISTANT, *OTHERS):
            return None
        return HistoryMessage("assistant" if role in ASSISTANT else role.lower(), clean(text.strip()), "text")
    role, kind = _get(item, "role"), _get(item, "type")
    if not isinstance(role, str):
        if kind not in LANGCHAIN:
            return None
        role, kind = cast(str, kind), "text"
    if not _has(item, "content"):
        return None
    text = _content(_get(item, "content"))
    if text is None:
        return None
    kind = clean(kind) if isinstance(kind, str) and kind != "message" else "text"
    return HistoryMessage("assistant" if role in ASSISTANT else clean(role), clean(text), kind)


def _has(item: object, name: str) -> bool:
    return name in item if isinstance(item, Mapping) else hasattr(item, name)


def _get(item: object, name: str) -> Any:
    return cast("Mapping[str, Any]", item).get(name) if isinstance(item, Mapping) else getattr(item, name, None)


def _content(content: object) -> str | None:
    """The text of a message's content: a string, or a list of parts. None when it is something else."""
    if content is None:  # a message of tool calls alone
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list | tuple):
        parts = [p if isinstance(p, str) else _get(p, "text") for p in cast("list[Any]", content)]
        return "".join(p for p in parts if isinstance(p, str))
    return None


def infer_history(app: Application[Any], history: str | None = None) -> str | None:
    """The state key of the conversation, None when the application keeps none.

    Lists whose items all look like messages come before empty ones with a known name; then the name counts, then whether the
    entrypoint writes it.

    Args:
        app: the application.
        history: the key, to override the inference.

    Raises:
        ConventionError: if several keys are as likely, or no action knows the key given.
    """
    state: dict[str, Any] = app.state.get_all()
    if history is not None:
        known = {*(k for k in state if not k.startswith("__"))}
        known.update(key for action in app.graph.actions for key in (*action.reads, *action.writes))
        if history not in known:
            raise ConventionError(
                f"history={history!r} is no state key; the keys are {', '.join(map(repr, sorted(known))) or 'none'}",
                remedy="pass history= one of these keys, or leave it out",
            )
        return history
    asks = [a for a in app.graph.actions if external_inputs(a)[0]] or [app.graph.entrypoint]
    written = set(asks[0].writes)
    scores: dict[str, tuple[bool, int, bool]] = {}
    for key, value in state.items():
        if key.startswith("__") or not isinstance(value, list | tuple):
            continue
        items = cast("list[Any]", value)
        alike = bool(items) and all(read_message(item) is not None for item in items)
        if alike or (not items and key in NAMES):
            scores[key] = (alike, -NAMES.index(key) if key in NAMES else -len(NAMES), key in written)
    if not scores:
        return None
    best = max(scores.values())
    keys = [key for key, score in scores.items() if score == best]
    if len(keys) > 1:
        raise ConventionError(
            f"each of the state keys {', '.join(map(repr, keys))} looks like the conversation",
            remedy=f"name it with the keyword history, such as history={keys[0]!r}",
        )
    return keys[0]


def added_messages(before: State[Any], after: State[Any], key: str) -> list[HistoryMessage]:
    """The messages that the list gained, whether it was appended to, its oldest dropped, or it was written anew."""
    old, new = _messages(before, key), _messages(after, key)
    for shared in range(min(len(old), len(new)), 0, -1):
        if old[-shared:] == new[:shared]:
            return new[shared:]
    counts = Counter(old)
    added: list[HistoryMessage] = []
    for message in new:
        if counts[message]:
            counts[message] -= 1
        else:
            added.append(message)
    return added


def _messages(state: State[Any], key: str) -> list[HistoryMessage]:
    value: object = state.get_all().get(key)
    if not isinstance(value, list | tuple):
        return []
    return [m for item in cast("list[Any]", value) if (m := read_message(item)) is not None]
