"""A kind of data, and how a value of it is read from what a person typed or Python gave."""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import pathlib
import typing
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from burr_chat_widget.protocol.view import FieldKind

from .signature import EMPTY

__all__ = ["MISSING", "Member", "Shape", "Wrong", "decoded", "label_of", "leaf_shape", "read_all", "read_member"]

MISSING = "Fill this in."


class Wrong(Exception):
    """What was given cannot be taken: `errors` says why, by the path of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Shape:
    """A kind of data.

    Attributes:
        kind: which control asks for it.
        read: the value that something typed or given by Python stands for, which is at a path; raises `Wrong`.
        nullable: None is such a value.
        free: any text is such a value.
        choices: what can be chosen.
        members: of an object.
        description: what the annotation says about itself.
    """

    kind: FieldKind
    read: Callable[[Any, str], Any]
    nullable: bool = False
    free: bool = False
    choices: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    description: str | None = None


@dataclass(frozen=True)
class Member:
    """One thing that is asked for by name; `default` is `EMPTY` where it must be given. `key`: its name in a pydantic model's data."""

    name: str
    shape: Shape
    default: Any = EMPTY
    description: str | None = None
    key: str | None = None

    @property
    def required(self) -> bool:
        """Whether something must be given."""
        return self.default is EMPTY and not self.shape.nullable


def read_member(member: Member, raw: Any, path: str) -> Any:
    """The value; an object is completed from its default."""
    if isinstance(raw, Mapping) and member.shape.members and member.default not in (EMPTY, None):
        default: Any = member.default
        known: dict[str, Any] = {
            m.name: default[m.name] if isinstance(default, Mapping) else getattr(default, m.name)
            for m in member.shape.members
        }
        return member.shape.read({**known, **typing.cast("Mapping[str, Any]", raw)}, path)
    return member.shape.read(raw, path)


def label_of(choice: Any) -> str:
    """What a choice is called: a text as it is, an Enum's member by its value if that is a text, else by its name."""
    if isinstance(choice, enum.Enum):
        return choice.value if isinstance(choice.value, str) else choice.name
    return str(choice)


def decoded(raw: Any, path: str) -> Any:
    """What JSON says; what is no text is taken as it is."""
    if not isinstance(raw, str):
        return raw
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise Wrong({path: f"This is not JSON: {error}."}) from None


def read_all(reads: Iterable[tuple[str, Callable[[], Any]]]) -> list[Any]:
    """The values, or everything that is wrong with them."""
    values: list[Any] = []
    errors: dict[str, str] = {}
    for _, read in reads:
        try:
            values.append(read())
        except Wrong as wrong:
            errors |= wrong.errors
    if errors:
        raise Wrong(errors)
    return values


def leaf_shape(cls: Any) -> Shape | None:
    """The shape of a class whose values are written as one text, None if it is another."""
    if cls not in _LEAVES:
        return None
    kind, hint, parse = _LEAVES[cls]
    return Shape(kind, _leaf(cls, hint, parse), free=cls is str, description=hint if kind == "text" and hint else None)


def _leaf(cls: Any, hint: str, parse: Callable[[Any], Any]) -> Callable[[Any, str], Any]:
    def read(raw: Any, path: str) -> Any:
        if isinstance(raw, cls) and not (isinstance(raw, bool) and cls is int):
            return raw
        try:
            return parse(raw.strip() if isinstance(raw, str) else raw)
        except (ValueError, TypeError, ArithmeticError):
            raise Wrong({path: hint or "This is not a text."}) from None

    return read


def _convert(cls: Any) -> Callable[[Any], Any]:
    return lambda raw: msgspec.convert(raw, cls, strict=False)


def _number(raw: Any) -> float:
    number = msgspec.convert(raw, float, strict=False)
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _yes_or_no(raw: Any) -> bool:
    return {"yes": True, "no": False}[raw] if raw in ("yes", "no") else msgspec.convert(raw, bool, strict=False)


def _text(raw: Any) -> str:
    raise ValueError(f"{raw!r} is no text")


def _moment(cls: Any) -> Callable[[Any], Any]:
    # Python 3.10 does not know `Z`; msgspec asks for seconds.
    return lambda raw: cls.fromisoformat(raw.replace("Z", "+00:00"))


_LEAVES: dict[Any, tuple[FieldKind, str, Callable[[Any], Any]]] = {
    str: ("text", "", _text),
    int: ("integer", "This is not a whole number.", _convert(int)),
    float: ("number", "This is not a number.", _number),
    bool: ("boolean", "Choose yes or no.", _yes_or_no),
    decimal.Decimal: ("number", "This is not a number.", _convert(decimal.Decimal)),
    datetime.datetime: ("text", "A date and a time, such as 2026-11-20T09:30.", _moment(datetime.datetime)),
    datetime.date: ("text", "A date, such as 2026-11-20.", _moment(datetime.date)),
    datetime.time: ("text", "A time, such as 09:30.", _moment(datetime.time)),
    datetime.timedelta: ("text", "A duration in seconds, or such as PT1H30M.", _convert(datetime.timedelta)),
    uuid.UUID: ("text", "A UUID.", uuid.UUID),
    pathlib.Path: ("text", "", pathlib.Path),
}  # fmt: skip
