"""The state key that holds the conversation, and the messages that a step added to it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple, cast

from burr.core import Application, State

from burr_chat_widget.errors import ConventionError

from .inputs import external_inputs
from .messages import HistoryMessage, read_item, read_messages

__all__ = ["AddedItem", "added_items", "infer_history"]

NAMES = ("chat_history", "messages", "history", "conversation", "conversation_history", "message_history")


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
        alike = bool(items) and all(read_messages(item) is not None for item in items)
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


class AddedItem(NamedTuple):
    """An item of the history, as it is and as it is read."""

    item: object
    messages: tuple[HistoryMessage, ...]


def added_items(before: State[Any], after: State[Any], key: str) -> list[AddedItem]:
    """What the list gained, whether it was appended to, its oldest dropped, or it was written anew."""
    old_items, new_items = _items(before, key), _items(after, key)
    if len(old_items) <= len(new_items) and all(map(_equal, old_items, new_items)):
        return [AddedItem(item, read_item(item)) for item in new_items[len(old_items) :]]
    old = [read_item(item) for item in old_items]
    new = [AddedItem(item, read_item(item)) for item in new_items]
    read = [item.messages for item in new]
    for shared in range(min(len(old), len(new)), 0, -1):
        if old[-shared:] == read[:shared]:
            return new[shared:]
    counts = Counter(old)
    added: list[AddedItem] = []
    for item in new:
        if counts[item.messages]:
            counts[item.messages] -= 1
        else:
            added.append(item)
    return added


def _equal(a: object, b: object) -> bool:
    """Whether nobody needs to read them to know that they are the same."""
    if a is b:
        return True
    try:
        return type(a) is type(b) and bool(a == b)
    except Exception:  # arrays and other values that do not compare
        return False


def _items(state: State[Any], key: str) -> list[Any]:
    value: object = state.get_all().get(key)
    return list(cast("list[Any]", value)) if isinstance(value, list | tuple) else []
