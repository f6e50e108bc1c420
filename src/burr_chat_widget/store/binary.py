"""Bytes in a state, such as pictures: Burr would save what they look like in Python, as text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, cast

from burr.core import State, serde
from burr.core import state as _state

__all__ = ["packed", "unpacked"]

MARK = "__burr_chat_widget_bytes__"
"""The only key of a dict that stands for bytes; under it they are, in Base64."""


def packed(state: State[Any]) -> State[Any]:
    """The state to be saved. What an application has registered a serializer for is left to that."""
    registry: dict[type, object] = cast(Any, serde.serialize).registry
    if bytes in registry:
        return state
    fields: dict[str, object] = cast(Any, _state).FIELD_SERIALIZATION
    return _with(state, lambda key, value: value if key in fields else _pack(value))


def unpacked(state: State[Any]) -> State[Any]:
    """The state that was saved."""
    return _with(state, lambda _, value: _unpack(value))


def _with(state: State[Any], change: Callable[[str, Any], Any]) -> State[Any]:
    values = state.get_all()
    changed = {key: change(key, value) for key, value in values.items()}
    return State(changed, typing_system=state.typing_system)


def _pack(value: Any) -> Any:
    if isinstance(value, bytes):
        return {MARK: base64.b64encode(value).decode()}
    return _parts(value, _pack)


def _unpack(value: Any) -> Any:
    if type(value) is dict and len(cast("dict[str, Any]", value)) == 1 and MARK in value:
        return base64.b64decode(cast("dict[str, str]", value)[MARK])
    return _parts(value, _unpack)


def _parts(value: Any, change: Callable[[Any], Any]) -> Any:
    """Burr goes into dicts and lists alone."""
    if type(value) is dict:
        return {key: change(each) for key, each in cast("dict[Any, Any]", value).items()}
    if type(value) is list:
        return [change(each) for each in cast("list[Any]", value)]
    return value
