"""Values of the user's as JSON that tells what they were, for recordings, and as values again that can be looked into.

What JSON can hold is written as it is. Anything else is an object whose keys begin with `$`::

    {"$type": "date", "$repr": "datetime.date(2026, 1, 31)"}
    {"$type": "tuple", "$repr": "(1, 2)", "$items": [1, 2]}                     of tuples, sets and the like
    {"$type": "dict", "$repr": "{1: 'a'}", "$entries": [[1, "a"]]}              of mappings
    {"$type": "Person", "$repr": "Person(name='Ada')", "$fields": {"name": "Ada"}}   of classes that declare their fields
    {"$redacted": "str"}                                                        stays in the kernel; the name of its type

`$type` is the type's name, `$repr` a short printable form. Read again, such a value has that name and looks like that; it is
not of the class that it was.
"""

from __future__ import annotations

import functools
import math
import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, cast

from .entries import declared_fields, entries_of, family_of, sorted_set
from .printable import clean, short
from .redaction import Redaction
from .withheld import Closed, Withheld

__all__ = ["RECORDED", "Restorer", "recorded", "recorded_entries"]

NODES = 50_000
"""The most values, those inside others included, that are written of one."""

SIZE = 4_000_000
"""The most characters, about, that are written of one value."""

_DEPTH = 40
_SAFE = 2**53

RECORDED = Redaction(lambda _key, value: isinstance(value, Withheld))
"""What is hidden of values that were read again: what was when they were written."""


def recorded(value: object, redaction: Redaction, *, key: object = None) -> Any:
    """`value` as JSON; where it is under a `key`, and hidden there, only its type. Never raises."""
    return _Plain(redaction).under(key, value) if key is not None else _Plain(redaction).of(value, _DEPTH)


def recorded_entries(values: Mapping[str, object], redaction: Redaction) -> dict[str, Any]:
    """The same of each of some values, by name."""
    return {clean(str(name)): recorded(value, redaction, key=name) for name, value in values.items()}


class _Plain:
    """Makes JSON of one value, until the room is used up: what does not fit is closed, with its printable form alone."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._nodes = NODES
        self._room = SIZE

    def under(self, key: object, value: object, depth: int = _DEPTH) -> Any:
        if self._redaction.hides(key, value):
            return {"$redacted": clean(type(value).__name__)}
        return self.of(value, depth)

    def of(self, value: object, depth: int) -> Any:
        self._nodes -= 1
        kind: Any = type(value)
        if value is None or kind is bool:
            return value
        if kind is int and abs(cast("int", value)) <= _SAFE:
            return value
        if kind is float and math.isfinite(cast("float", value)):
            return value
        full = depth == 0 or self._nodes <= 0 or self._room <= 0
        if kind is str:
            text = clean(cast("str", value))
            if len(text) <= self._room:
                self._room -= len(text)
                return text
            full = True
        try:
            if not full and kind is list:
                return [self.under(place, item, depth - 1) for place, item in enumerate(cast("list[Any]", value))]
            if (
                not full
                and kind is dict
                and (plain := self._plain_dict(cast("dict[Any, Any]", value), depth)) is not None
            ):
                return plain
            parts = {} if full else self._parts(value, depth)
        except Exception:  # a class that raises when it is looked at
            parts = {}
        text = short(value, self._redaction)
        self._room -= len(text)
        return {"$type": clean(kind.__name__), "$repr": text, **parts}

    def _plain_dict(self, value: dict[Any, Any], depth: int) -> dict[str, Any] | None:
        """A dict whose keys are those of JSON, and none of ours; None for any other."""
        keys = [clean(key) for key in value if type(key) is str and not key.startswith("$")]
        if len(set(keys)) != len(value):
            return None
        self._room -= sum(map(len, keys))
        return {name: self.under(key, value[key], depth - 1) for name, key in zip(keys, value, strict=True)}

    def _parts(self, value: Any, depth: int) -> dict[str, Any]:
        family = family_of(value)
        if family == "mapping":
            entries = entries_of(value, family).items()
            return {"$entries": [[self.of(k, depth - 1), self.under(k, each, depth - 1)] for k, each in entries]}
        if family == "object" and declared_fields(value) is not None:
            # Of other objects nothing is written: a client's attributes are many, and nobody has said what they mean.
            fields = entries_of(value, family).items()
            return {"$fields": {clean(str(name)): self.under(name, each, depth - 1) for name, each in fields}}
        if family in ("list", "set"):
            items = cast("Iterable[Any]", sorted_set(value) if family == "set" else value)
            return {"$items": [self.under(place, item, depth - 1) for place, item in enumerate(items)]}
        return {}


class Restorer:
    """Makes values again of JSON that `recorded` made. The same JSON object is the same value each time, as long as this lives."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}  # with the JSON itself, so that its number is nobody else's

    def of(self, plain: Any) -> Any:
        """The value. Never raises: what makes no sense is given as it stands."""
        if not isinstance(plain, dict | list):
            return plain
        number = id(cast("object", plain))
        if number not in self._made:
            try:
                self._made[number] = cast("Any", plain), self._restored(plain)
            except RecursionError:  # deeper than anything that `recorded` makes
                return cast("Any", plain)
        return self._made[number][1]

    def entries(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an object, by its keys."""
        return {key: self.of(each) for key, each in plain.items()}

    def _restored(self, plain: Any) -> Any:
        if isinstance(plain, list):
            return [self.of(each) for each in cast("list[Any]", plain)]
        given = cast("dict[str, Any]", plain)
        kind, text = given.get("$type"), given.get("$repr")
        try:
            if isinstance(withheld := given.get("$redacted"), str) and len(given) == 1:
                return _named(withheld, Withheld)()
            if not isinstance(kind, str) or not isinstance(text, str):
                return self.entries(given)
            return self._of_kind(kind, text, given)
        except Exception:  # written by hand
            return self.entries(given)

    def _of_kind(self, kind: str, text: str, given: dict[str, Any]) -> Any:
        if "$entries" in given:
            entries = {_hashable(self.of(key)): self.of(each) for key, each in given["$entries"]}
            return entries if kind == "dict" else _named(kind, dict)(entries)
        if "$items" in given:
            items = [self.of(each) for each in given["$items"]]
            if kind in ("set", "frozenset"):
                items = [_hashable(each) for each in items]
            known: dict[str, Any] = {"tuple": tuple, "set": set, "frozenset": frozenset, "deque": deque}
            return known.get(kind, _named(kind, list))(items)
        if kind == "float":
            return float(text)
        if kind == "int" and re.fullmatch("-?[0-9]+", text):  # one that JSON's readers would round
            return int(text)
        made = _named(kind, Closed)(text)
        made.__dict__.update(self.entries(given.get("$fields", {})))
        return made


def _hashable(value: Any) -> Any:
    """A key of a mapping or an item of a set was hashable: where it is not any more, what it looks like stands for it."""
    try:
        hash(value)
    except TypeError:
        return short(value)
    return value


@functools.lru_cache(maxsize=4096)
def _named(name: str, base: type[Any]) -> Any:
    """A class of that name."""
    return type(name, (base,), {})
