"""What a recording says of the application's state: the whole of it once, and from then on what has become other."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec
from burr.core import State

from burr_chat_widget.bridge import Redaction, recorded, recorded_entries, same
from burr_chat_widget.protocol.lines import Values

from .checkpoints import StepValues

__all__ = ["StateLines"]

_NOBODY = object()


class _Written(NamedTuple):
    """The value of a key, as the lines so far say it."""

    value: Any
    """The value itself, where nobody changes it in place any more."""
    json: bytes
    items: int
    """Of a list, how many there are."""


class StateLines:
    """Makes the `values` lines of one recording, in order."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._written: dict[str, _Written] = {}

    def now(self, state: State[Any]) -> Values:
        """The application's own state, between turns."""
        line = Values(at="now", **self._changes(state))
        self._written = {key: written._replace(value=_NOBODY) for key, written in self._written.items()}
        return line

    def started(self, turn: str, step: int, values: StepValues) -> Values:
        """A step begins."""
        inputs = recorded_entries(values.inputs, self._redaction)
        return Values(at="start", turn=turn, step=step, inputs=inputs, **self._changes(values.before))

    def ended(self, turn: str, step: int, values: StepValues) -> Values:
        """It has ended."""
        assert values.after is not None
        result = recorded(values.result, self._redaction)
        return Values(at="end", turn=turn, step=step, result=result, **self._changes(values.after))

    def _changes(self, state: State[Any]) -> dict[str, Any]:
        replaced: dict[str, Any] = {}
        appended: dict[str, list[Any]] = {}
        now = {key: value for key, value in state.get_all().items() if not key.startswith("__")}
        for key, value in now.items():
            old = self._written.get(key)
            # Checkpoints share what is equal: most of a long conversation is not looked at again.
            if old is not None and old.value is value:
                continue
            plain = recorded(value, self._redaction, key=key)
            new = _Written(
                value, msgspec.json.encode(plain), len(cast("list[Any]", plain)) if isinstance(plain, list) else 0
            )
            self._written[key] = new
            if old is None or not self._same(old, new, plain):
                if old is not None and _goes_on(old, new):
                    appended[self._name(key)] = plain[old.items :]
                else:
                    replaced[self._name(key)] = plain
        gone = [key for key in self._written if key not in now]
        for key in gone:
            del self._written[key]
        return {"state": replaced, "appended": appended, "removed": [self._name(key) for key in gone]}

    def _same(self, old: _Written, new: _Written, plain: Any) -> bool:
        if old.json != new.json:
            return False
        hidden = isinstance(plain, dict) and "$redacted" in plain  # that it has changed is no secret
        return not hidden or old.value is _NOBODY or same(old.value, new.value)

    def _name(self, key: str) -> str:
        return recorded(key, self._redaction)


def _goes_on(old: _Written, new: _Written) -> bool:
    """Whether the one is a list that begins with all of the other."""
    return 0 < old.items < new.items and new.json.startswith(old.json[:-1] + b",")
