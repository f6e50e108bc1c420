"""JSON as a value of the kind that an existing one is: what was a tuple stays one, a model is built and validated anew."""

from __future__ import annotations

import copy
import pathlib
from collections import deque
from collections.abc import Iterable
from typing import Any, cast

from .annotations import shape_of
from .entries import declared_fields
from .printable import clean, short_key
from .shapes import Wrong

__all__ = ["key_of", "like", "told"]

_PLAIN = (str, bool, int, float)


def like(existing: Any, new: Any, path: str) -> Any:
    """`new`, which is JSON and at `path`, as a value of the kind of `existing`. None takes the place of anything.

    Raises:
        Wrong: if it cannot be one.
    """
    cls: Any = cast(Any, type(existing))
    if existing is None or new is None or (isinstance(new, cls) and not isinstance(new, bool | list | dict)):
        return new
    if issubclass(cls, dict):
        if not isinstance(new, dict):
            raise Wrong({path: "This is not an object."})
        return _dict(cast("dict[Any, Any]", existing), cast("dict[str, Any]", new), path)
    if issubclass(cls, list | tuple | set | frozenset | deque) and declared_fields(existing) is None:
        if not isinstance(new, list):
            raise Wrong({path: "This is not a list."})
        try:
            return cast(Any, cls)(_items(list(cast("Iterable[Any]", existing)), cast("list[Any]", new), path))
        except TypeError as error:
            raise Wrong({path: f"This cannot be in a {cls.__name__}: {error}."}) from None
    try:
        shape = shape_of(pathlib.Path if isinstance(existing, pathlib.Path) else cls)
    except Exception:  # a class that cannot be looked into
        shape = None
    if shape is None or cls is object:
        raise Wrong({path: f"A value of the type {cls.__name__} cannot be given as JSON: give it from Python."})
    return shape.read(new, path)


def _dict(existing: dict[Any, Any], new: dict[str, Any], path: str) -> dict[Any, Any]:
    made = copy.copy(existing)  # of its class, a default dict with its default
    made.clear()
    for name, value in new.items():
        key = key_of(existing, name, f"{path}.{name}")
        if key in existing:
            value = _inside(existing[key], value, f"{path}.{name}")
        made[key] = value
    return made


def _items(existing: list[Any], new: list[Any], path: str) -> list[Any]:
    """The items of a list, of the kind of those that were there if these are all of one."""
    kinds: set[type] = {type(item) for item in existing}
    if len(kinds) != 1:
        return new
    last = len(existing) - 1
    return [_inside(existing[min(n, last)], item, f"{path}.{n}") for n, item in enumerate(new)]


def _inside(existing: Any, new: Any, path: str) -> Any:
    """As `like`, for a part of what is replaced: a plain value may become any other there."""
    if isinstance(existing, float) and isinstance(new, int) and not isinstance(new, bool):
        return float(new)
    return new if isinstance(existing, _PLAIN) else like(existing, new, path)


def key_of(mapping: Any, name: str | int, path: str) -> Any:
    """The key, at `path`, that is called `name` on the page; `name` where there is none, as a number where all keys are.

    Raises:
        Wrong: if several keys look like it.
    """
    if name in mapping:
        return name
    found = [key for key in mapping if short_key(key) == clean(str(name))]
    if len(found) > 1:
        raise Wrong({path: "Several keys look like this: change it from Python."})
    if found:
        return found[0]
    numbers = bool(mapping) and all(type(key) is int for key in mapping)
    return int(name) if numbers and str(name).lstrip("-").isdecimal() else str(name)


def told(error: Exception, path: str = "") -> dict[str, str]:
    """What a class says against values, by the path of the value; `path`: where what it was given is."""
    errors: Any = getattr(error, "errors", None)
    if not callable(errors):
        return {path: f"{type(error).__name__}: {error}."}
    found = cast("list[dict[str, Any]]", errors())
    return {
        ".".join(
            map(str, (*([path] if path else []), *each["loc"]))
        ): f"{str(each['msg']).removeprefix('Value error, ')}."
        for each in found
    }
