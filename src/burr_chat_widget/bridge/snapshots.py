"""An application's state at one moment, kept apart from the live one, and what became of it since."""

from __future__ import annotations

import copy
from typing import Any, cast

from burr.core import Application, State

from burr_chat_widget.protocol.events import StateChange

from .alignment import align
from .comparison import same
from .entries import declared_fields, family_of
from .printable import short, short_key
from .private import SEQUENCE_ID
from .redaction import CREDENTIALS, HIDDEN, Redaction

__all__ = ["Snapshot", "changes_between", "detached", "kept", "restore", "sharing", "take_snapshot"]

Snapshot = State[Any]
"""Burr's own `State`, whose values nothing else holds."""


def detached(state: State[Any]) -> State[Any]:
    values = state.get_all()
    memo: dict[int, Any] = {}  # one for all keys: what two keys share stays shared
    copied = _copied(values, memo)
    originals: list[Any] = memo.get(id(memo), [])
    # A mock makes a class for each instance: of such a copy nobody can tell that it is one.
    shared = {id(o): o for o in originals if type(memo.get(id(o), o)) is not type(o)}
    return State(_copied(values, shared) if shared else copied, typing_system=state.typing_system)


def _copied(values: dict[str, Any], memo: dict[int, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, value in values.items():
        try:
            copied[key] = copy.deepcopy(value, memo)
        except Exception:  # clients, locks, generators: what cannot be copied is shared
            copied[key] = value
    return copied


def kept(value: Any) -> Any:
    """Data as it is now, whatever becomes of it later; what is no data, such as a client, is itself."""
    if family_of(value) is None or (not isinstance(value, _CONTAINERS) and declared_fields(value) is None):
        return value
    return _copied({"": value}, {})[""]


_CONTAINERS = (dict, list, tuple, set, frozenset)


def sharing(old: Snapshot, new: Snapshot) -> Snapshot:
    """`new`, with the values of `old` wherever these are equal, of lists whichever item it is. Both are nobody else's."""
    values = {key: _shared(old[key], value) if key in old else value for key, value in new.get_all().items()}
    return State(values, typing_system=new.typing_system)


def _shared(old: Any, new: Any) -> Any:
    if same(old, new):
        return old
    kind = cast("type[Any]", type(new))
    if type(old) is not kind:
        return new
    if kind is dict:
        x, y = cast("dict[Any, Any]", old), cast("dict[Any, Any]", new)
        return {key: _shared(x[key], value) if key in x else value for key, value in y.items()}
    if kind is list or kind is tuple:
        p, q = cast("list[Any]", old), cast("list[Any]", new)
        items = list(q)
        for before, after in align(p, q):
            if before is not None and after is not None:
                items[after] = _shared(p[before], q[after])
        return items if kind is list else tuple[Any, ...](items)
    if declared_fields(new) is not None and hasattr(new, "__dict__"):
        return _sharing_attributes(old, new)
    return new


def _sharing_attributes(old: Any, new: Any) -> Any:
    made = copy.copy(new)  # the object may be one that could not be copied, and so is the application's own
    was: dict[str, Any] = old.__dict__
    made.__dict__.update({name: _shared(was[name], value) for name, value in new.__dict__.items() if name in was})
    return made


def take_snapshot(app: Application[Any]) -> Snapshot:
    """The state as it is now. Changing a value of the live state in place does not change the snapshot.

    What cannot be copied (`copy.deepcopy` raises, or makes an object of another class) is shared with the live state.
    """
    return detached(app.state)


def restore(app: Application[Any], snapshot: Snapshot) -> None:
    """Make `snapshot` the application's state; the snapshot can be used again afterwards.

    The next action is the one that was next when the snapshot was taken. The sequence id is never lowered: persisters and
    trackers take a second step of the same number for an error or for the first one.
    """
    state = detached(snapshot)
    numbers: list[int] = [s[SEQUENCE_ID] for s in (app.state, snapshot) if SEQUENCE_ID in s]
    if numbers:
        state = State({**state.get_all(), SEQUENCE_ID: max(numbers)}, typing_system=state.typing_system)
    app.update_state(state)


def changes_between(before: Snapshot, after: State[Any], redaction: Redaction = CREDENTIALS) -> list[StateChange]:
    """One entry for each key that was added, changed or removed, Burr's own keys apart; removed ones come last."""
    changes: list[StateChange] = []
    for key in after:
        if key.startswith("__"):
            continue
        value = after[key]
        if key not in before:
            shown = short(value, redaction, key=key)
            changes.append(StateChange(key=short_key(key), change="added", after=shown))
        elif not same(before[key], value):
            hidden = redaction.hides(key, value)  # of a value that is hidden now nothing is shown from before
            old, new = (HIDDEN if hidden else short(each, redaction, key=key) for each in (before[key], value))
            changes.append(StateChange(key=short_key(key), change="changed", before=old, after=new))
    changes += [
        StateChange(key=short_key(key), change="removed", before=short(before[key], redaction, key=key))
        for key in before
        if key not in after and not key.startswith("__")
    ]
    return changes
