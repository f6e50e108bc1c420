"""What stores would lose or refuse, in a form that all of them hold: bytes, and characters that PostgreSQL's JSON has no place for.

Burr would save what bytes look like in Python, as text; so they are saved in Base64. A NUL, half of a surrogate pair and a number that is
none are refused by PostgreSQL; so what has one is saved as the text of its JSON, in ASCII.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any, cast

from burr.core import State, serde
from burr.core import state as _state

__all__ = ["packed", "unpacked"]

BYTES = "__burr_chat_widget_bytes__"
"""The only key of a dict that stands for bytes; under it they are, in Base64."""

WRITTEN = "__burr_chat_widget_json__"
"""The only key of a dict that stands for something else; under it is the JSON that Burr makes of that, as a text with Python's escapes."""

_HALVES = re.compile("[\ud800-\udfff]")
_REFUSED_IN_JSON = re.compile(r"\\u0000|[\ud800-\udfff]")


def packed(state: State[Any]) -> State[Any]:
    """The state to be saved. What an application has registered a serializer for is left to that."""
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
    if isinstance(value, str):
        return _written(value) if _is_refused(value) else value
    if isinstance(value, float) and _is_odd_number(value):
        return _written(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, bytes) and bytes not in cast(Any, serde.serialize).registry:
        return {BYTES: base64.b64encode(value).decode()}
    if type(value) in (list, dict):
        parts = _parts(value, _pack)
        return _written(parts) if _is_odd(value) else parts
    return _pack_object(value)


def _is_refused(text: str) -> bool:
    return "\0" in text or (not text.isascii() and _HALVES.search(text) is not None)


def _is_odd_number(number: float) -> bool:
    """Whether JSON has none, or PostgreSQL's makes another one of it: of a large one an int, of -0.0 a 0.0."""
    return not math.isfinite(number) or "e+" in repr(number) or (number == 0 and math.copysign(1, number) < 0)


def _pack_object(value: Any) -> Any:
    """What Burr has a serializer for may have such a text in it."""
    try:
        refused = _REFUSED_IN_JSON.search(json.dumps(serde.serialize(value), ensure_ascii=False))
    except Exception:  # Burr says what is wrong with it, when it is saved
        return value
    return _written(value) if refused else value


def _is_odd(value: Any) -> bool:
    """Whether it is a dict that has a key that is refused, or would be taken for one of ours."""
    if type(value) is not dict:
        return False
    parts = cast("dict[Any, Any]", value)
    ours = len(parts) == 1 and (BYTES in parts or WRITTEN in parts)
    return ours or any(isinstance(key, str) and _is_refused(key) for key in parts)


def _written(value: Any) -> dict[str, str]:
    # JSON's own escapes would make one character of two halves that stand side by side.
    text = json.dumps(serde.serialize(value), ensure_ascii=False)
    return {WRITTEN: text.encode("unicode_escape").decode("ascii")}


def _read(written: str) -> Any:
    text = written.encode("ascii").decode("unicode_escape")
    return cast(Any, serde).deserialize(json.loads(text))


def _unpack(value: Any) -> Any:
    if type(value) is dict and len(cast("dict[str, Any]", value)) == 1:
        if BYTES in value:
            return base64.b64decode(cast("dict[str, str]", value)[BYTES])
        if WRITTEN in value:
            return _parts(_read(cast("dict[str, str]", value)[WRITTEN]), _unpack)
    return _parts(value, _unpack)


def _parts(value: Any, change: Callable[[Any], Any]) -> Any:
    """Burr goes into dicts and lists alone."""
    if type(value) is dict:
        return {key: change(each) for key, each in cast("dict[Any, Any]", value).items()}
    if type(value) is list:
        return [change(each) for each in cast("list[Any]", value)]
    return value
