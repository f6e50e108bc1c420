"""The state key that holds the conversation, and the messages that a step added to it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from burr.core import Application, State

from burr_chat_widget.errors import ConventionError

from .comparison import same
from .inputs import external_inputs
from .messages import HistoryMessage, read_item, read_messages
from .reading import field
from .values import fields_of, is_list, is_mapping, is_model

__all__ = ["AddedItem", "added_items", "history_items", "infer_history"]

NAMES = ("chat_history", "messages", "history", "conversation", "conversation_history", "message_history")
WIDE = 100
"""A mapping with more keys is an index of something, in which no conversation is looked for."""
LONG = 100
"""Of a list with more items, the first and the last half of so many say whether it is a conversation: that is asked in each turn."""


def infer_history(app: Application[Any], history: str | None = None) -> str | None:
    """The state key of the conversation, None when the application keeps none.

    Lists of messages come before empty ones with a known name; then the name counts, then whether the entrypoint writes it.
    Where no key holds such a list, one inside of a mapping or a model will do: `key.field`.

    Args:
        app: the application.
        history: the key, to override the inference.

    Raises:
        ConventionError: if several keys are as likely, or no action knows the key given.
    """
    state: dict[str, Any] = {k: v for k, v in app.state.get_all().items() if not k.startswith("__")}
    if history is not None:
        known = {*state, *(key for action in app.graph.actions for key in (*action.reads, *action.writes))}
        if history not in known and history.partition(".")[0] not in known:
            raise ConventionError(
                f"history={history!r} is no state key; the keys are {', '.join(map(repr, sorted(known))) or 'none'}",
                remedy="pass history= one of these keys, or leave it out",
            )
        return history
    asks = [a for a in app.graph.actions if external_inputs(a)[0]] or [app.graph.entrypoint]
    written = set(asks[0].writes)
    keys = _likeliest(state, written)
    if len(keys) > 1:
        raise ConventionError(
            f"each of the state keys {', '.join(map(repr, keys))} looks like the conversation",
            remedy=f"name it with the keyword history, such as history={keys[0]!r}",
        )
    inner = [] if keys else _likeliest(_inside(state), written)
    return keys[0] if keys else inner[0] if len(inner) == 1 else None


def _likeliest(values: dict[str, Any], written: set[str]) -> list[str]:
    """The keys of the lists that look most like a conversation."""
    scores: dict[str, tuple[bool, int, bool]] = {}
    for key, value in values.items():
        if not is_list(value):
            continue
        outer, _, inner = key.rpartition(".")
        alike = _are_messages(value, inner)
        if alike or (not value and inner in NAMES):
            scores[key] = (alike, -NAMES.index(inner) if inner in NAMES else -len(NAMES), (outer or key) in written)
    best = max(scores.values(), default=None)
    return [key for key, score in scores.items() if score == best]


def _are_messages(items: list[Any], name: str) -> bool:
    """Whether it is a conversation: messages alone; or, of whatever else, by its name or by what the person says in it."""
    if len(items) > LONG:
        items = items[: LONG // 2] + items[-LONG // 2 :]
    read = [read_messages(item) for item in items]
    if None not in read:
        return bool(read)
    if name in NAMES:
        return any(said is not None for said in read)
    return any(
        m.by_person for item, said in zip(items, read, strict=True) if not isinstance(item, str) for m in said or ()
    )


def _inside(state: dict[str, Any]) -> dict[str, Any]:
    """What is in the state's mappings and models, by `key.field`."""
    found: dict[str, Any] = {}
    for key, value in state.items():
        names = list(value) if is_mapping(value) and len(value) <= WIDE else fields_of(value) if is_model(value) else []
        found.update((f"{key}.{name}", field(value, name)) for name in names)
    return found


def history_items(state: State[Any], key: str) -> list[Any]:
    """The conversation under that key; empty where there is none."""
    values = state.get_all()
    value: Any = values.get(key)
    if key not in values and "." in key:
        outer, _, name = key.partition(".")
        value = field(values.get(outer), name)
    return list(value) if is_list(value) else []


class AddedItem(NamedTuple):
    """An item of the history, as it is and as it is read."""

    item: object
    messages: tuple[HistoryMessage, ...]


def added_items(before: State[Any], after: State[Any], key: str) -> list[AddedItem]:
    """What the list gained, whether it was appended to, its oldest dropped, or it was written anew."""
    old_items, new_items = history_items(before, key), history_items(after, key)
    if len(old_items) <= len(new_items) and all(map(same, old_items, new_items)):
        return [AddedItem(item, read_item(item)) for item in new_items[len(old_items) :]]
    old = [read_item(item) for item in old_items]
    new = [AddedItem(item, read_item(item)) for item in new_items]
    read = [item.messages for item in new]
    if old and read[: len(old)] != old == read[-len(old) :]:  # the newest comes first
        return new[: -len(old)][::-1]
    for shared in range(min(len(old), len(new)), 0, -1):
        if old[-shared:] == read[:shared]:
            return new[shared:]
    counts = Counter(old)
    known: list[bool] = []
    for messages in read:
        known.append(counts[messages] > 0)
        counts[messages] -= known[-1]
    # What follows the person's last word is new, though it was said before.
    asked = [n for n, messages in enumerate(read) if not known[n] and any(m.by_person for m in messages)]
    return [item for n, item in enumerate(new) if not known[n] or n > max(asked, default=len(new))]
