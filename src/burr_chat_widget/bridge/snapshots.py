"""An application's state at one moment, kept apart from the live one, and what became of it since."""

from __future__ import annotations

import copy
import re
from typing import Any, cast

from burr.core import Application, State

from burr_chat_widget.protocol.events import StateChange

from .printable import short
from .private import SEQUENCE_ID

__all__ = ["Snapshot", "changes_between", "restore", "take_snapshot"]

_ADDRESS = re.compile(" at 0x[0-9a-f]+")

Snapshot = State[Any]
"""Burr's own `State`, whose values nothing else holds."""


def _detached(state: State[Any]) -> State[Any]:
    values: dict[str, Any] = {}
    memo: dict[int, Any] = {}  # one for all keys: what two keys share stays shared
    for key, value in state.get_all().items():
        try:
            values[key] = copy.deepcopy(value, memo)
        except Exception:  # clients, locks, generators: what cannot be copied is shared
            values[key] = value
    return State(values, typing_system=state.typing_system)


def take_snapshot(app: Application[Any]) -> Snapshot:
    """The state as it is now. Changing a value of the live state in place does not change the snapshot.

    What cannot be copied (`copy.deepcopy` raises) is shared with the live state.
    """
    return _detached(app.state)


def restore(app: Application[Any], snapshot: Snapshot) -> None:
    """Make `snapshot` the application's state; the snapshot can be used again afterwards.

    The next action is the one that was next when the snapshot was taken. The sequence id is never lowered: persisters and
    trackers take a second step of the same number for an error or for the first one.
    """
    state = _detached(snapshot)
    numbers: list[int] = [s[SEQUENCE_ID] for s in (app.state, snapshot) if SEQUENCE_ID in s]
    if numbers:
        state = State({**state.get_all(), SEQUENCE_ID: max(numbers)}, typing_system=state.typing_system)
    app.update_state(state)


def same(a: Any, b: Any, depth: int = 6) -> bool:
    """Whether the copy `b` still is what `a` is, by value, also where a class compares by identity. Never raises."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    try:
        if bool(a == b):
            return True
    except Exception:  # arrays and others that do not compare as a whole
        return _ADDRESS.sub("", short(a)) == _ADDRESS.sub("", short(b))
    if depth == 0:
        return False
    if isinstance(a, dict):
        x, y = cast("dict[Any, Any]", a), cast("dict[Any, Any]", b)
        return len(x) == len(y) and all(key in y and same(x[key], y[key], depth - 1) for key in x)
    if isinstance(a, list | tuple):
        p, q = cast("list[Any]", a), cast("list[Any]", b)
        return len(p) == len(q) and all(same(i, j, depth - 1) for i, j in zip(p, q, strict=True))
    if type(a).__eq__ is object.__eq__ and hasattr(a, "__dict__"):
        return same(vars(a), vars(b), depth - 1)
    return False


def changes_between(before: Snapshot, after: State[Any]) -> list[StateChange]:
    """One entry for each key that was added, changed or removed, Burr's own keys apart; removed ones come last."""
    changes: list[StateChange] = []
    for key in after:
        if key.startswith("__"):
            continue
        if key not in before:
            changes.append(StateChange(key=short_key(key), change="added", after=short(after[key])))
        elif not same(before[key], after[key]):
            changes.append(
                StateChange(key=short_key(key), change="changed", before=short(before[key]), after=short(after[key]))
            )
    changes += [
        StateChange(key=short_key(key), change="removed", before=short(before[key]))
        for key in before
        if key not in after and not key.startswith("__")
    ]
    return changes


def short_key(key: str) -> str:
    """A state key as an event shows it."""
    return key if key.isascii() and len(key) <= 100 else short(key)
