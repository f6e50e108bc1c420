"""Any value as JSON text of bounded size, for the trees that readers unfold.

What JSON has no form for becomes a string; what does not fit is counted under the key `…`, in words.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, TypeGuard, cast

from .printable import clean, short
from .redaction import HIDDEN, NOTHING, Redaction

__all__ = [
    "LEFT_OUT",
    "NODES",
    "SIZE",
    "fields_of",
    "is_list",
    "is_mapping",
    "is_model",
    "json_text",
    "plain_text",
    "type_name",
]

LEFT_OUT = "…"
"""The key under which the words are that say how much was left out."""

NODES = 2_000
"""The most values, those inside others included, that one tree has."""

SIZE = 65_536
"""About the most characters that one tree has, and one plain text beside it."""

_DEPTH = 12
_SAFE = 2**53  # JavaScript's numbers are exact up to here


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether `value` is a dict or the like."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether `value` is a list, or a tuple, which is read like one."""
    return isinstance(value, list | tuple)


def is_model(value: object) -> bool:
    """Whether `value` is an object with declared fields: a pydantic model, or a data class."""
    return not isinstance(value, type) and (
        dataclasses.is_dataclass(value) or isinstance(getattr(type(value), "model_fields", None), Mapping)
    )


def fields_of(model: object) -> list[str]:
    """The names of the declared fields of a pydantic model or a data class."""
    if dataclasses.is_dataclass(model):
        return [field.name for field in dataclasses.fields(model)]
    return list(cast(Any, type(model)).model_fields)


def type_name(value: object) -> str:
    """What the value's type is called; of instructor's partial models, the whole one."""
    name = type(value).__name__
    return (name.removeprefix("Partial") or name) if is_model(value) else name


def plain_text(text: str) -> str:
    """`text`, or its beginning and how much was left out."""
    text = clean(text)
    return text if len(text) <= SIZE else f"{text[:SIZE]}… ({len(text) - SIZE:,} more characters)"


def json_text(value: object, redaction: Redaction = NOTHING) -> str:
    """`value` as JSON, in ASCII, in at most about `SIZE` characters and `NODES` values. Never raises.

    `redaction`: what is not in it; nothing is left out of what the application says.
    """
    try:
        return json.dumps(_Plain(redaction).of(value, _DEPTH), allow_nan=False, separators=(",", ":"))
    except Exception as error:
        return json.dumps(f"<{type(value).__name__}, which cannot be read: {type(error).__name__}>")


class _Plain:
    """Values made of what JSON has, until the room is used up."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._nodes = NODES
        self._room = SIZE

    @property
    def _full(self) -> bool:
        return self._nodes <= 0 or self._room <= 0

    def of(self, value: object, depth: int) -> Any:
        self._nodes -= 1
        if isinstance(value, enum.Enum):
            value = value.value
        if value is None or isinstance(value, bool):
            self._room -= 6
            return value
        if isinstance(value, str):
            return self._text(str(value))
        if isinstance(value, int) and abs(value) < _SAFE:
            self._room -= 18
            return int(value)
        if isinstance(value, float) and math.isfinite(value):
            self._room -= 18
            return float(value)
        if isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value)
            return self._fields(((str(k), items[k]) for k in items), len(items), depth)
        if is_model(value):
            names = fields_of(value)
            return self._fields(((n, getattr(value, n, None)) for n in names), len(names), depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(cast("list[Any]", value), depth)
        return self._text(short(value, self._redaction))

    def _under(self, key: object, value: object, depth: int) -> Any:
        return self._text(HIDDEN) if self._redaction.hides(key, value) else self.of(value, depth - 1)

    def _text(self, text: str) -> str:
        text = clean(text)
        if len(text) <= self._room and (text.isascii() or len(json.dumps(text)) <= self._room):
            self._room -= len(json.dumps(text))
            return text
        kept = text[: max(0, self._room)]
        while kept and len(json.dumps(kept)) > self._room:  # one character may take twelve
            kept = kept[: len(kept) // 2]
        self._room = 0
        return f"{kept}{LEFT_OUT} ({len(text) - len(kept):,} more characters)"

    def _fields(self, fields: Iterable[tuple[str, Any]], count: int, depth: int) -> Any:
        made: dict[str, Any] = {}
        if depth == 0 and count:
            return {LEFT_OUT: f"{count:,} more, too deep"}
        for key, value in fields:
            if self._full:
                made[LEFT_OUT] = f"{count - len(made):,} more"
                break
            name = self._text(key)
            made[name] = self._under(key, value, depth)
        return made

    def _list(self, items: Iterable[Any], depth: int) -> Any:
        count = len(cast("list[Any]", items))
        made: list[Any] = []
        if depth == 0 and count:
            return [{LEFT_OUT: f"{count:,} more, too deep"}]
        names = getattr(items, "_fields", None) or range(count)  # a named tuple's, though it is read like a list
        for place, item in zip(names, islice(items, count), strict=False):
            if self._full:
                made.append({LEFT_OUT: f"{count - len(made):,} more"})
                break
            made.append(self._under(place, item, depth))
        return made
