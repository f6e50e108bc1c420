"""Reading what libraries make: fields of dicts and objects alike, calls of tools, images."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NamedTuple, cast

from .printable import clean
from .values import is_list, is_mapping, json_text, plain_text

__all__ = [
    "IMAGE_BYTES",
    "Call",
    "Parts",
    "field",
    "image_address",
    "parts_of",
    "read_call",
    "reasoning_of",
    "result_text",
    "same_arguments",
]

REASONING = ("reasoning_content", "reasoning", "thinking")
IMAGE_BYTES = 4_000_000
"""The largest image that travels to the page, in bytes."""

_SIGNATURES = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"))
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]{40,}")


def field(item: object, name: str) -> Any:
    """The value under `name`, in a mapping or an object; None when there is none, or asking for it raises."""
    try:
        return item.get(name) if is_mapping(item) else getattr(item, name, None)
    except Exception:  # a property that does more than say what it holds
        return None


class Call(NamedTuple):
    """A call of a tool, or a fragment of one. `whole`: the arguments are all there are, not a piece."""

    name: str | None
    arguments: str
    call: str | None = None
    position: int | None = None
    whole: bool = False


def read_call(item: object) -> Call | None:
    """A call as OpenAI, LangChain and Anthropic write it, whole or a fragment; None when it is none."""
    if isinstance(item, str | bytes | int | float) or item is None:
        return None
    function = field(item, "function")
    inner: object = item if function is None or isinstance(function, str) else function
    name = field(inner, "name")
    arguments: object = next((a for k in ("arguments", "args", "input") if (a := field(inner, k)) is not None), None)
    call, index = field(item, "id") or field(item, "call_id"), field(item, "index")
    if not isinstance(name, str):
        name = None
    if name is None and arguments is None:
        return None
    whole = arguments is not None and not isinstance(arguments, str)
    return Call(
        clean(name) if name else None,
        json_text(arguments) if whole else clean(cast("str | None", arguments) or ""),
        clean(call) if isinstance(call, str) and call else None,
        index if isinstance(index, int) else None,
        whole,
    )


def same_arguments(a: str, b: str) -> bool:
    """Whether two texts of arguments say the same."""
    if a == b:
        return True
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


def reasoning_of(item: object) -> str:
    """What a message or a piece of one says that the model thought; empty when it says nothing of it."""
    for holder in (item, field(item, "additional_kwargs")):
        for name in REASONING if holder is not None else ():
            found = field(holder, name)
            if isinstance(found, str) and found:
                return found
    return ""


class Parts(NamedTuple):
    """What a list of content parts holds."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    images: tuple[str, ...] = ()
    results: tuple[tuple[str | None, str], ...] = ()
    others: tuple[str, ...] = ()


def parts_of(content: list[Any] | tuple[Any, ...]) -> Parts:
    """Content that is a list of parts, as OpenAI, LangChain and Anthropic have it."""
    made: dict[str, list[Any]] = {name: [] for name in Parts._fields}
    for part in content:
        kind = field(part, "type")
        if isinstance(part, str):
            made["text"].append(part)
        elif kind in ("tool_use", "tool_call", "function_call") and (call := read_call(part)) is not None:
            made["calls"].append(call)
        elif kind == "tool_result":
            made["results"].append((field(part, "tool_use_id"), result_text(field(part, "content"))))
        elif kind in ("thinking", "reasoning"):
            made["reasoning"].append(
                next((t for k in (*REASONING, "text") if isinstance(t := field(part, k), str)), "")
            )
        elif isinstance(text := field(part, "text"), str):
            made["text"].append(text)
        elif (address := image_address(part)) is not None:
            made["images"].append(address)
        else:
            made["others"].append(json_text(part))
    return Parts(
        "".join(made["text"]),
        "".join(made["reasoning"]),
        tuple(made["calls"]),
        tuple(made["images"]),
        tuple(made["results"]),
        tuple(made["others"]),
    )


def result_text(content: object) -> str:
    """What a tool gave back: text as it is, anything else as JSON."""
    if isinstance(content, str):
        return plain_text(content)
    if is_list(content):
        parts = parts_of(content)
        if parts.text and parts._replace(text="") == Parts():
            return plain_text(parts.text)
    return json_text(content)


def image_address(value: object) -> str | None:
    """Where a picture is: a data URL, made of bytes where needed, or the URL given; None when `value` is no picture."""
    for _ in range(3):
        if isinstance(value, bytes | bytearray):
            return _data_url(bytes(value))
        if isinstance(value, str):
            return _address(value)
        if value is None:
            return None
        paint: Any = getattr(cast(Any, type(value)), "_repr_png_", None)
        if callable(paint):  # what notebooks show as a picture: PIL's images, and others
            try:
                value = paint(value)
            except Exception:  # a figure that cannot be drawn
                return None
            continue
        names = ("image_url", "source", "url", "b64_json", "data", "image")
        value = next((v for n in names if (v := field(value, n)) is not None), None)
    return _address(value) if isinstance(value, str) else None


def _address(text: str) -> str | None:
    if text.startswith("data:image/"):
        return "".join(text.split())
    if text.startswith(("http://", "https://")):
        return clean(text)
    if _BASE64.fullmatch(text, 0, 200) or (len(text) > 200 and _BASE64.match(text, 0, 200)):
        try:
            return _data_url(base64.b64decode(text))
        except ValueError:
            return None
    return None


def _data_url(data: bytes) -> str | None:
    kind = next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
    if kind is None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "webp"
    return None if kind is None else f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
