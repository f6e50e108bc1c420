"""The rows of a value, as the inspector opens it level by level, with what a step did to each.

Nothing is copied and nothing is kept: a call goes down `path` and makes the rows of one level. The rows of a level are

- of a mapping or an object: its entries in their order, then those that were removed;
- of a list or a tuple: its items, aligned with the items before, with removed ones where they were;
- of a set: its items, sorted, then those that were removed.

Where a level has more rows than one answer, those of which something has changed come first. For the same two values a place is
always the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from burr_chat_widget.protocol.events import Change
from burr_chat_widget.protocol.frames import Row

from .alignment import align
from .comparison import same
from .entries import Family, entries_of, family_of, sorted_set
from .printable import LIMIT, clean, short, short_key
from .redaction import CREDENTIALS, Redaction

__all__ = ["MOST", "PIECE", "UNCOMPARED", "Rows", "rows_of"]

MOST = 200
"""The most rows of one answer."""

PIECE = 65_536
"""The most characters of a text in one answer."""


_ALIGNED = 1_000
"""So many items two lists have at most, when their rows are counted exactly before anybody opens them."""


class _Nothing:
    """A value that is not there."""


UNCOMPARED: Final = _Nothing()
"""In place of the value before: there is none to compare with."""

_ABSENT: Final = _Nothing()


@dataclass(frozen=True)
class Rows:
    """What there is at a path; see `frames.Inspected`. `error`: why there is nothing, in words."""

    rows: list[Row] = field(default_factory=list[Row])
    text: str | None = None
    start: int = 0
    more: int = 0
    error: str | None = None


class _Entry(NamedTuple):
    """One row to be: `place` is what `redact=` is asked with, `before` and `after` may be absent or not compared."""

    key: str
    place: Any
    before: Any
    after: Any
    change: Change | None

    @property
    def value(self) -> Any:
        return self.before if self.after is _ABSENT else self.after


def rows_of(
    before: Any, after: Any, path: Sequence[int] = (), start: int = 0, *, redaction: Redaction = CREDENTIALS
) -> Rows:
    """The rows of a value at a path, or a part of a text. Never raises.

    Args:
        before: the value before the step, `UNCOMPARED` where there is none to compare with; Burr states without Burr's own keys.
        after: the value after it.
        path: the place of a row in the rows of each level above, from the top.
        start: the first row, or character, of the answer.
        redaction: what stays in the kernel: nothing below it is given either.

    Returns:
        At most `MOST` rows from `start` on; of a text at most `PIECE` characters. What ends at `more` of them before the end goes
        on at `start` plus what was given.
    """
    start = max(0, start)
    try:
        entry = _Entry("", None, before, after, None if before is UNCOMPARED else "changed")
        for place in path:
            level = _level(entry)
            if not 0 <= place < len(level):
                return Rows(start=start, error="There is no such row.")
            entry = level[place]
            if _hidden(entry, redaction):
                return Rows(start=start, error="This value stays in the kernel.")
        if isinstance(entry.value, str):
            text = clean(entry.value)
            piece = text[start : start + PIECE]
            return Rows(text=piece, start=start, more=max(0, len(text) - start - len(piece)))
        level = _level(entry)
        shown = level[start : start + MOST]
        rows = [_row(each, redaction) for each in shown]
        return Rows(rows=rows, start=start, more=max(0, len(level) - start - len(shown)))
    except Exception as error:  # a value of a class that raises when it is looked at
        return Rows(start=start, error=f"This value cannot be opened: {type(error).__name__}.")


def _change(before: Any, after: Any) -> Change | None:
    return None if same(before, after) else "changed"


def _hidden(entry: _Entry, redaction: Redaction) -> bool:
    return any(
        redaction.hides(entry.place, value) for value in (entry.before, entry.after) if not isinstance(value, _Nothing)
    )


def _row(entry: _Entry, redaction: Redaction) -> Row:
    value, change = entry.value, entry.change
    kind = clean(type(value).__name__)
    if _hidden(entry, redaction):
        return Row(key=entry.key, kind=kind, text="", change=change, redacted=True)
    text = short(value, redaction)
    return Row(
        key=entry.key,
        kind=kind,
        text=text,
        before=short(entry.before, redaction) if change == "changed" else None,
        change=change,
        rows=_count(entry),
        length=_length(value),
    )


def _length(value: object) -> int | None:
    if not isinstance(value, str) or (len(value) <= LIMIT and len(repr(value)) <= LIMIT):
        return None
    return len(value)


def _count(entry: _Entry) -> int:
    """How many rows there are below. Long lists that have changed are not aligned for it: the longer one counts."""
    value = entry.value
    try:
        family = family_of(value)
        if family is None:
            return 0
        before = entry.before if _comparable(entry, family) else None
        if family in ("mapping", "object"):
            entries = entries_of(value, family)
            return len(entries) + (
                sum(key not in entries for key in entries_of(before, family)) if before is not None else 0
            )
        if before is None:
            return len(value)
        if family == "set":
            return len(value | before)
        long = len(before) + len(value) > _ALIGNED
        return max(len(before), len(value)) if long else len(align(list(before), list(value)))
    except Exception:  # what cannot be counted cannot be opened
        return 0


def _comparable(entry: _Entry, family: Family | None) -> bool:
    """Whether the rows below tell of a difference: both values are opened in the same way."""
    return entry.change == "changed" and family is not None and family == family_of(entry.before)


def _level(entry: _Entry) -> list[_Entry]:
    """The rows below, those that changed first where there are many."""
    value = entry.value
    family = family_of(value)
    if family is None:
        return []
    if _comparable(entry, family):
        level = list(_compared(entry.before, entry.after, family))
        if len(level) > MOST:
            level.sort(key=lambda each: each.change is None)
        return level
    # All that is in a value which is new, or of which nothing was left, is new or gone too.
    change: Change | None = entry.change if entry.change in ("added", "removed") else None
    if entry.change == "changed":
        change = "added"
    gone = change == "removed"
    other = _ABSENT if change is not None else UNCOMPARED
    return [
        _Entry(key, place, each if gone else other, _ABSENT if gone else each, change)
        for key, place, each in _parts(value, family)
    ]


def _parts(value: Any, family: Family) -> Iterator[tuple[str, Any, Any]]:
    """What each part is called on the page, its key or place, and the part."""
    if family in ("mapping", "object"):
        for key, each in entries_of(value, family).items():
            yield short_key(key), key, each
        return
    items = cast("Iterable[Any]", sorted_set(value) if family == "set" else value)
    for place, each in enumerate(items):
        yield str(place), place, each


def _compared(before: Any, after: Any, family: Family) -> Iterator[_Entry]:
    if family in ("mapping", "object"):
        yield from _compared_entries(entries_of(before, family), entries_of(after, family))
    elif family == "set":
        old, new = sorted_set(before), sorted_set(after)
        there = cast("set[Any]", before)
        for place, each in enumerate(new):
            known = each in there
            yield _Entry(str(place), place, each if known else _ABSENT, each, None if known else "added")
        for place, each in enumerate(old):
            if each not in after:
                yield _Entry(str(place), place, each, _ABSENT, "removed")
    else:
        old, new = list(before), list(after)
        for i, j in align(old, new):
            if j is None:
                assert i is not None
                yield _Entry(str(i), i, old[i], _ABSENT, "removed")
            elif i is None:
                yield _Entry(str(j), j, _ABSENT, new[j], "added")
            else:
                yield _Entry(str(j), j, old[i], new[j], _change(old[i], new[j]))


def _compared_entries(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[_Entry]:
    for key, value in after.items():
        if key in before:
            yield _Entry(short_key(key), key, before[key], value, _change(before[key], value))
        else:
            yield _Entry(short_key(key), key, _ABSENT, value, "added")
    for key, value in before.items():
        if key not in after:
            yield _Entry(short_key(key), key, value, _ABSENT, "removed")
