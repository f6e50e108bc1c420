"""What a value is made of: the keys and values under which a reader can open it."""

from __future__ import annotations

import dataclasses
import enum
import types
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

from burr.core import State

__all__ = ["Family", "attributes_of", "declared_fields", "entries_of", "family_of", "shape_of_array", "sorted_set"]

Family: TypeAlias = Literal["mapping", "list", "set", "object"]
"""How a value is opened: by keys, by places, in an order that we give it, by attributes."""

_CLOSED = (
    type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType,
    types.CoroutineType, types.AsyncGeneratorType, enum.Enum, str, bytes, bytearray, int, float, complex,
)  # fmt: skip


def declared_fields(value: object, *, printed: bool = False) -> list[str] | None:
    """The names of the fields that a value's class declares: of data classes, pydantic models, structs, attrs and named tuples.

    `printed`: without those that the class keeps out of its repr.
    """
    cls: Any = type(value)
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls) if field.repr or not printed]
    if isinstance(getattr(cls, "model_fields", None), Mapping):
        extra: Any = getattr(value, "__pydantic_extra__", None)
        fields: Mapping[str, Any] = cls.model_fields
        return [*(n for n, field in fields.items() if getattr(field, "repr", True) or not printed), *(extra or ())]
    if hasattr(cls, "__struct_fields__"):
        return list(cls.__struct_fields__)
    if hasattr(cls, "__attrs_attrs__"):
        return [attribute.name for attribute in cls.__attrs_attrs__ if attribute.repr or not printed]
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return list(cls._fields)
    return None


def shape_of_array(value: object) -> tuple[Any, ...] | None:
    """The shape of an array, a table or a tensor; None for what is none."""
    if not hasattr(type(value), "shape"):
        return None
    shape: Any = getattr(value, "shape", None)
    return cast("tuple[Any, ...]", shape) if isinstance(shape, tuple) else None


def attributes_of(value: object) -> Mapping[str, Any] | None:
    """The attributes of an object that can be opened, None for any other value. Never raises."""
    if isinstance(value, _CLOSED):
        return None
    try:
        names = declared_fields(value)
        if names is not None:
            missing = object()
            found = {name: getattr(value, name, missing) for name in names}
            return {name: each for name, each in found.items() if each is not missing}
        if shape_of_array(value) is not None or hasattr(type(value), "get_secret_value"):
            return None
        own = vars(value)
    except Exception:  # no attributes, or a class that does not let them be seen
        return None
    return own or None


def family_of(value: object) -> Family | None:
    """How the value is opened, None for one that has no parts."""
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, list | deque):
        return "list"
    if isinstance(value, set | frozenset):
        return "set"
    named = attributes_of(value) is not None
    return "list" if isinstance(value, tuple) and not named else "object" if named else None


def entries_of(value: Any, family: Family) -> Mapping[Any, Any]:
    """The parts of a mapping or an object by key; of a Burr state without Burr's own keys."""
    if family == "object":
        return attributes_of(value) or {}
    if isinstance(value, State):
        state: dict[str, Any] = cast("State[Any]", value).get_all()
        return {key: each for key, each in state.items() if not key.startswith("__")}
    return cast("Mapping[Any, Any]", value)


def sorted_set(value: set[Any] | frozenset[Any]) -> list[Any]:
    """A set's items in an order that copies of it share."""
    items = list(value)
    try:
        return sorted(items)
    except Exception:  # items of several kinds, or of none that has an order
        return sorted(items, key=lambda item: (type(item).__name__, repr(item)))
