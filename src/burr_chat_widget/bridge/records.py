"""The shapes of classes that hold named data: data classes, named tuples, typed dicts, structs, attrs and pydantic models.

pydantic and attrs are known by what their classes have; neither is imported.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .shapes import MISSING, Member, Shape, Wrong, decoded, read_all, read_member
from .signature import EMPTY

__all__ = ["record_shape", "told_by_pydantic"]

ShapeOf = Callable[[Any, "tuple[Any, ...]"], "Shape | None"]


def record_shape(cls: Any, inside: tuple[Any, ...], shape_of: ShapeOf) -> Shape | None:
    """The shape of a class, None if it holds anything but data. `shape_of`: the shape of what its fields are."""
    if cls in inside:  # a tree: from here on it is written as JSON
        return Shape("json", lambda raw, path: typing.cast("Shape", shape_of(cls, ())).read(decoded(raw, path), path))
    inside = (*inside, cls)
    if hasattr(cls, "model_validate") and hasattr(cls, "model_fields"):
        return _pydantic(cls, inside, shape_of)
    fields = _fields(cls)
    if fields is None:
        return None
    hints = _hints(cls)
    members: list[Member] = []
    for name, default in fields.items():
        shape = shape_of(hints.get(name, EMPTY), inside)
        if shape is None:
            return None
        members.append(Member(name, shape, default, shape.description))
    made: Callable[..., Any] = _as_dict if typing.is_typeddict(cls) else cls
    return Shape("object", _reader(cls, members, lambda values: made(**values)), members=tuple(members))


def _as_dict(**values: Any) -> dict[str, Any]:
    return values


def _fields(cls: Any) -> dict[str, Any] | None:
    """Names and defaults of what a class is made of, None if it is no such class."""
    if dataclasses.is_dataclass(cls):
        given = [f for f in dataclasses.fields(cls) if f.init]
        return {f.name: _default(f.default, f.default_factory, dataclasses.MISSING) for f in given}
    if typing.is_typeddict(cls):
        return {name: EMPTY if name in cls.__required_keys__ else None for name in cls.__annotations__}
    if hasattr(cls, "_fields") and hasattr(cls, "_field_defaults"):  # a named tuple
        return {name: cls._field_defaults.get(name, EMPTY) for name in cls._fields}
    if hasattr(cls, "__struct_fields__"):
        return {f.name: _default(f.default, f.default_factory, msgspec.NODEFAULT) for f in msgspec.structs.fields(cls)}
    if hasattr(cls, "__attrs_attrs__"):
        return {a.alias: _attrs_default(a.default) for a in cls.__attrs_attrs__ if a.init}
    return None


def _default(value: Any, factory: Any, missing: Any) -> Any:
    if value is not missing:
        return value
    return EMPTY if factory is missing else factory()


def _attrs_default(default: Any) -> Any:
    if getattr(default, "name", None) == "NOTHING":
        return EMPTY
    return default.factory() if hasattr(default, "takes_self") and not default.takes_self else default


def _hints(cls: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except Exception:  # names that only a type checker knows
        return dict(getattr(cls, "__annotations__", {}))


def _reader(cls: Any, members: list[Member], make: Callable[[dict[str, Any]], Any]) -> Callable[[Any, str], Any]:
    known = {member.name: member for member in members}

    def read(raw: Any, path: str) -> Any:
        if not typing.is_typeddict(cls) and isinstance(raw, cls):
            return raw
        if not isinstance(raw, Mapping):
            raise Wrong({path: 'This is not an object, such as {"name": "value"}.'})
        given = typing.cast("Mapping[str, Any]", raw)
        errors = {f"{path}.{name}": "There is no such field." for name in given if name not in known}
        errors |= {f"{path}.{m.name}": MISSING for m in members if m.required and m.name not in given}
        if errors:
            raise Wrong(errors)
        names = [name for name in known if name in given]
        values = read_all(
            (f"{path}.{n}", lambda n=n: read_member(known[n], given[n], f"{path}.{n}")) for n in names
        )  # fmt: skip
        absent = {m.name: None for m in members if m.default is EMPTY and m.name not in given}
        try:
            return make({**absent, **dict(zip(names, values, strict=True))})
        except Exception as error:
            raise Wrong(_told(error, path)) from error

    return read


def _told(error: Exception, path: str) -> dict[str, str]:
    """What the class itself says against the values."""
    return told_by_pydantic(error, path) if callable(getattr(error, "errors", None)) else {path: f"{error}."}


def told_by_pydantic(error: Any, path: str) -> dict[str, str]:
    """What a validation error says, by the path of the field."""
    found = typing.cast("list[dict[str, Any]]", error.errors())
    return {".".join(map(str, (path, *e["loc"]))): f"{str(e['msg']).removeprefix('Value error, ')}." for e in found}


def _pydantic(cls: Any, inside: tuple[Any, ...], shape_of: ShapeOf) -> Shape | None:
    """Read by the members' shapes where they are known, then validated by the model itself."""
    members: list[Member] = []
    for name, info in cls.model_fields.items():
        shape = shape_of(info.annotation, inside) or _schema_shape(cls, info, name)
        if shape is None:
            return None
        default = EMPTY if info.is_required() else info.get_default(call_default_factory=True)
        key = info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name
        members.append(Member(name, shape, default, info.description or shape.description, key))
    keys = {m.name: m.key or m.name for m in members}

    def make(values: dict[str, Any]) -> Any:
        return cls.model_validate({keys[name]: value for name, value in values.items()})

    read = _reader(cls, members, make)
    return Shape("object", _renamed(read, {key: name for name, key in keys.items()}), members=tuple(members))


def _renamed(read: Callable[[Any, str], Any], names: Mapping[str, str]) -> Callable[[Any, str], Any]:
    """Takes a model's data by alias as well."""

    def renamed(raw: Any, path: str) -> Any:
        if isinstance(raw, Mapping):
            raw = {names.get(k, k): v for k, v in typing.cast("Mapping[str, Any]", raw).items()}
        return read(raw, path)

    return renamed


def _schema_shape(cls: Any, info: Any, name: str) -> Shape | None:
    """The shape of a type of pydantic's own (an address, an URL), which the model will read: by its JSON schema."""
    try:
        properties: dict[str, Any] = cls.model_json_schema()["properties"]
    except Exception:  # pydantic has no schema for it: an object
        return None
    schema: dict[str, Any] = properties.get(info.alias or name, {})
    if schema.get("type") == "string":
        return Shape("text", lambda raw, _: raw)
    return Shape("json", decoded)
