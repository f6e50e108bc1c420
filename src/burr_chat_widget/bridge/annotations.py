"""What kind of data an annotation stands for; None when it is no data that a person could give: a client, a store."""

from __future__ import annotations

import enum
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, MutableSequence, Sequence, Set
from dataclasses import replace
from typing import Any, Literal, Union

import msgspec

from burr_chat_widget.protocol.view import FieldKind

from .records import record_shape, told_by_pydantic
from .shapes import Shape, Wrong, decoded, label_of, leaf_shape, read_all
from .signature import EMPTY

__all__ = ["shape_of"]


_MARKS = ("Required", "NotRequired", "ReadOnly")


def shape_of(annotation: Any, inside: tuple[Any, ...] = ()) -> Shape | None:
    """The shape of what is annotated so, None when nobody can type it. `inside`: the classes that it is a part of."""
    if annotation in (EMPTY, Any, object) or isinstance(annotation, typing.TypeVar):
        return Shape("text", lambda raw, _: raw, free=True)
    if hasattr(annotation, "__supertype__"):  # a NewType
        return shape_of(annotation.__supertype__, inside)
    if type(annotation).__name__ == "TypeAliasType":
        return shape_of(annotation.__value__, inside)
    if (
        getattr(typing.get_origin(annotation), "__name__", getattr(typing.get_origin(annotation), "_name", None))
        in _MARKS
    ):
        return shape_of(typing.get_args(annotation)[0], inside)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _annotated(annotation, shape_of(arguments[0], inside))
    if origin in (Union, types.UnionType):
        return _union(arguments, inside)
    if origin is Literal:
        return _choice({label_of(a): a for a in arguments})
    container: Any = origin or annotation
    if container in _LISTS:
        return _list(container, arguments, inside)
    if container in (dict, Mapping, MutableMapping):
        return _dict(arguments, inside)
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, enum.Enum):
        return _choice({label_of(member): member for member in annotation})
    return leaf_shape(annotation) or record_shape(annotation, inside, shape_of)


def _annotated(annotation: Any, inner: Shape | None) -> Shape | None:
    if inner is None:
        return None
    said = [m if isinstance(m, str) else getattr(m, "description", None) for m in annotation.__metadata__]
    described = next((text for text in said if isinstance(text, str)), None) or inner.description
    check = _by_pydantic(annotation) or _by_msgspec(annotation)
    if check is None:
        return replace(inner, description=described)

    def read(raw: Any, path: str) -> Any:
        return check(inner.read(raw, path), path)

    return replace(inner, read=read, description=described)


def _by_msgspec(annotation: Any) -> Callable[[Any, str], Any] | None:
    """Holds a value against msgspec's bounds, None where there are none."""
    bounds = tuple(m for m in annotation.__metadata__ if isinstance(m, msgspec.Meta))
    if not bounds:
        return None
    bounded = typing.Annotated[(annotation.__origin__, *bounds)]  # pyright: ignore[reportInvalidTypeArguments, reportInvalidTypeForm]

    def check(value: Any, path: str) -> Any:
        try:
            return msgspec.convert(value, bounded)
        except msgspec.ValidationError as error:
            raise Wrong({path: f"{str(error).split(' - at ')[0].replace('`', '')}."}) from None

    return check


def _by_pydantic(annotation: Any) -> Callable[[Any, str], Any] | None:
    """Lets pydantic validate what is annotated in its words (`Field`, `annotated_types`), None where it is not."""
    pydantic = sys.modules.get("pydantic")  # whoever uses its words has imported it
    rooms = {type(m).__module__.partition(".")[0] for m in annotation.__metadata__}
    if pydantic is None or not rooms & {"pydantic", "annotated_types"}:
        return None
    adapter: Any = pydantic.TypeAdapter(annotation)

    def check(value: Any, path: str) -> Any:
        try:
            return adapter.validate_python(value)
        except pydantic.ValidationError as error:
            raise Wrong(told_by_pydantic(error, path)) from None

    return check


def _union(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape | None:
    shapes = [shape_of(a, inside) for a in arguments if a is not type(None)]
    nullable = type(None) in arguments
    known = [s for s in shapes if s is not None]
    if len(known) < len(shapes) and not any(s.kind == "text" for s in known):
        return None
    kinds = {s.kind for s in known}
    kind: FieldKind = (
        known[0].kind if len(known) == 1 else
        "number" if kinds <= {"integer", "number"} else
        "text" if "text" in kinds else
        "json"
    )  # fmt: skip

    def read(raw: Any, path: str) -> Any:
        if raw is None and nullable:
            return None
        if len(known) > 1 and kind == "json":
            raw = decoded(raw, path)
        wrong: Wrong | None = None
        for shape in known:
            try:
                return shape.read(raw, path)
            except Wrong as error:
                wrong = wrong or error
        raise wrong or Wrong({path: "This is not what is asked for."})

    if len(known) == 1 and len(shapes) == 1:
        return replace(known[0], read=read, nullable=nullable or known[0].nullable)
    return Shape(kind, read, nullable, free=any(s.free for s in known))


def _choice(choices: Mapping[str, Any]) -> Shape:
    def read(raw: Any, path: str) -> Any:
        for value in choices.values():
            if type(raw) is type(value) and raw == value:
                return value
        if isinstance(raw, str) and raw in choices:
            return choices[raw]
        raise Wrong({path: f"Choose one of: {', '.join(choices)}."})

    return Shape("choice", read, choices=tuple(choices))


_LISTS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    list: list, Sequence: list, MutableSequence: list, Collection: list, Iterable: list,
    set: set, Set: set, frozenset: frozenset, tuple: tuple,
}  # fmt: skip


def _list(container: Any, arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape | None:
    fixed = container is tuple and arguments and arguments[-1] is not Ellipsis
    shapes = [shape_of(a, inside) for a in arguments if a is not Ellipsis] or [shape_of(Any)]
    known = [s for s in shapes if s is not None]
    if len(known) < len(shapes):
        return None
    simple = bool(arguments) and all(s.kind in ("text", "integer", "number", "choice") for s in known)

    def read(raw: Any, path: str) -> Any:
        raw = raw if simple else decoded(raw, path)
        if isinstance(raw, str | bytes | Mapping) or not isinstance(raw, Iterable):
            raise Wrong({path: "This is not a list."})
        items = list(typing.cast("Iterable[Any]", raw))
        if fixed and len(items) != len(known):
            raise Wrong({path: f"Give {len(known)} items, not {len(items)}."})
        values = read_all(
            (f"{path}.{n}", lambda item=item, at=f"{path}.{n}", shape=known[n if fixed else 0]: shape.read(item, at))
            for n, item in enumerate(items)
        )
        return _LISTS[container](values)

    return Shape("list" if simple else "json", read, choices=known[0].choices)


def _dict(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape | None:
    keys, values = (shape_of(a, inside) for a in arguments or (Any, Any))
    if keys is None or values is None:
        return None

    def read(raw: Any, path: str) -> Any:
        raw = decoded(raw, path)
        if not isinstance(raw, Mapping):
            raise Wrong({path: 'This is not an object, such as {"name": "value"}.'})
        items = typing.cast("Mapping[Any, Any]", raw).items()
        return dict(
            read_all((f"{path}.{k}", lambda k=k, v=v, at=f"{path}.{k}": (keys.read(k, at), values.read(v, at)))
                     for k, v in items)
        )  # fmt: skip

    return Shape("json", read)
