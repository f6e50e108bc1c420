"""Short printable forms of any value, bounded in time and length, and text that can be encoded as UTF-8."""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, cast

from .entries import attributes_of, declared_fields, shape_of_array
from .redaction import CREDENTIALS, HIDDEN, Redaction
from .withheld import Closed

__all__ = ["LIMIT", "clean", "short", "short_key"]

LIMIT = 200

_SEARCHED = 200
"""So many values of an object are looked through for one that is hidden, before its own repr is trusted."""


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
    """`reprlib.Repr`, which cuts strings before it quotes them, for more kinds of values, and without what is hidden."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self.redaction = redaction
        self.maxstring = LIMIT
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 8
        self.maxlevel = 4
        self.maxother = LIMIT

    def under(self, key: object, x: Any, level: int) -> str:
        """What `x` looks like, which is under `key`."""
        return HIDDEN if self.redaction.hides(key, x) else self.repr1(x, level)

    def repr1(self, x: Any, level: int) -> str:
        # reprlib goes by the name of the type, and some of these have the name of another one.
        return repr(x) if isinstance(x, Closed) else super().repr1(x, level)

    def repr_dict(self, x: Mapping[Any, Any], level: int) -> str:
        # reprlib sorts the keys; the order of a state or a message says something.
        if level <= 0:
            return "{...}" if x else "{}"
        shown = [f"{self.repr1(k, level - 1)}: {self.under(k, x[k], level - 1)}" for k in islice(x, self.maxdict)]
        return "{" + ", ".join(shown + ["..."] * (len(x) > self.maxdict)) + "}"

    def _repr_iterable(self, x: Iterable[Any], level: int, left: str, right: str, maxiter: int, trail: str = "") -> str:
        count = len(cast("list[Any]", x))
        if level <= 0 and count:
            return f"{left}...{right}"
        shown = [self.under(place, item, level - 1) for place, item in enumerate(islice(x, maxiter))]
        right = trail + right if count == 1 and trail else right
        return left + ", ".join(shown + ["..."] * (count > maxiter)) + right

    def repr_bytes(self, value: bytes, level: int) -> str:
        del level
        return repr(value) if len(value) <= 40 else f"{value[:40]!r}... ({len(value)} bytes)"

    def repr_bytearray(self, value: bytearray, level: int) -> str:
        return f"bytearray({self.repr_bytes(bytes(value[:41]), level)})"

    def repr_instance(self, x: Any, level: int) -> str:
        # A class's own repr may quote megabytes of its parts, or what is hidden: those that are known are shown one by one.
        name = type(x).__name__
        if isinstance(x, str):
            return self.repr_str(str.__str__(x[: LIMIT + 1]), level)
        if isinstance(x, bytes | bytearray):
            return self.repr_bytes(bytes(x[:41]), level)
        if isinstance(x, Mapping):
            return f"{name}({self.repr_dict(cast('Mapping[Any, Any]', x), level)})"
        fields = attributes_of(x)
        declared = declared_fields(x, printed=True)
        if fields is not None and declared is not None:
            fields = {key: fields[key] for key in declared if key in fields}
        if fields is not None and (declared is not None or self._holds_hidden(x)):
            if level <= 0:
                return f"{name}(...)"
            shown = [f"{k}={self.under(k, v, level - 1)}" for k, v in islice(fields.items(), self.maxdict)]
            return f"{name}({', '.join(shown + ['...'] * (len(fields) > self.maxdict))})"
        if isinstance(x, list | tuple | set | frozenset):
            return f"{name}({self._repr_iterable(cast('list[Any]', x), level, '[', ']', self.maxlist)})"
        shape = shape_of_array(x)
        columns = [*getattr(x, "columns", ()), getattr(x, "name", None)] if shape else []
        if any(self.redaction.hides(column, x) for column in columns if column is not None):
            return f"<{name} {shape}>"
        try:
            text = repr(x)
        except Exception as error:
            return f"<{name}, whose repr raises {type(error).__name__}>"
        text = text if len(text) <= LIMIT else f"{text[: LIMIT // 2]}...{text[-LIMIT // 2 :]}"
        return text if not shape else f"<{name} {shape}> {' '.join(text.split())}"

    def _holds_hidden(self, x: object) -> bool:
        """Whether an object whose repr may tell of its parts holds something hidden, or is too large to tell."""
        if self.redaction.hides_nothing or type(x).__repr__ is object.__repr__:
            return False
        waiting: list[object] = [x]
        seen: set[int] = set()
        left = _SEARCHED
        while waiting:
            value = waiting.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            left -= 1
            if left < 0:
                return True
            parts: Iterable[tuple[Any, Any]] = ()
            if isinstance(value, Mapping):
                parts = cast("Mapping[Any, Any]", value).items()
            elif isinstance(value, list | tuple | set | frozenset):
                parts = enumerate(cast("list[Any]", value))
            else:
                parts = (attributes_of(value) or {}).items()
            for key, part in islice(parts, left + 1):
                if self.redaction.hides(key, part):
                    return True
                waiting.append(part)
        return False


@functools.lru_cache(maxsize=64)
def _short(redaction: Redaction) -> _Short:
    return _Short(redaction)


def short(value: object, redaction: Redaction = CREDENTIALS, *, key: object = None) -> str:
    """What `value` looks like, as Python would write it, in at most `LIMIT` characters. Never raises.

    What `redaction` hides is not in it, nor `value` itself where it is hidden under `key`. A class's own repr is shown only of an
    object that holds nothing that is hidden.
    """
    if key is not None and redaction.hides(key, value):
        return HIDDEN
    try:
        text = _short(redaction).repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return clean(text if len(text) <= LIMIT else text[: LIMIT - 1] + "…")


def short_key(key: object) -> str:
    """A key of the state, a dict or an object as an event shows it."""
    return key if isinstance(key, str) and key.isascii() and len(key) <= 100 else short(key)
