"""Short printable forms of any value, bounded in time and length, and text that can be encoded as UTF-8."""

from __future__ import annotations

import dataclasses
import reprlib
from itertools import islice
from typing import Any

__all__ = ["LIMIT", "clean", "short"]

LIMIT = 200


def clean(text: str) -> str:
    """`text` with halves of surrogate pairs joined, and U+FFFD for each one that has no partner."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class _Short(reprlib.Repr):
    """`reprlib.Repr`, which cuts strings before it quotes them, for more kinds of values."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = LIMIT
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 8
        self.maxlevel = 4
        self.maxother = LIMIT

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        # reprlib sorts the keys; the order of a state or a message says something.
        if level <= 0:
            return "{...}" if x else "{}"
        shown = [f"{self.repr1(k, level - 1)}: {self.repr1(x[k], level - 1)}" for k in islice(x, self.maxdict)]
        return "{" + ", ".join(shown + ["..."] * (len(x) > self.maxdict)) + "}"

    def repr_bytes(self, value: bytes, level: int) -> str:
        del level
        return repr(value) if len(value) <= 40 else f"{value[:40]!r}... ({len(value)} bytes)"

    def repr_bytearray(self, value: bytearray, level: int) -> str:
        return f"bytearray({self.repr_bytes(bytes(value[:41]), level)})"

    def repr_instance(self, x: Any, level: int) -> str:
        # A class's own repr may quote megabytes of its fields: those of data classes and pydantic models are cut one by one.
        cls: Any = x.__class__
        fields: list[str] | None = None
        if isinstance(x, type):
            return super().repr_instance(x, level)
        if dataclasses.is_dataclass(x):
            fields = [f.name for f in dataclasses.fields(x) if f.repr]
        elif isinstance(getattr(cls, "model_fields", None), dict):
            fields = list(cls.model_fields)
        if fields is None:
            if isinstance(x, str):
                return self.repr_str(str.__str__(x[: LIMIT + 1]), level)
            if isinstance(x, bytes | bytearray):
                return self.repr_bytes(bytes(x[:41]), level)
            return super().repr_instance(x, level)
        if level <= 0:
            return f"{cls.__name__}(...)"
        shown = [f"{name}={self.repr1(getattr(x, name, None), level - 1)}" for name in fields[: self.maxdict]]
        return f"{cls.__name__}({', '.join(shown + ['...'] * (len(fields) > self.maxdict))})"


_short = _Short()


def short(value: object) -> str:
    """What `value` looks like, as Python would write it, in at most `LIMIT` characters. Never raises."""
    try:
        text = _short.repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return clean(text if len(text) <= LIMIT else text[: LIMIT - 1] + "…")
