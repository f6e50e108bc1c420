"""The events that providers stream themselves: Anthropic's messages and OpenAI's responses, as dicts or as their libraries' objects.

Each has a `type`. Most of them only say that something begins or ends; the strings in those are not text.
"""

from __future__ import annotations

from typing import NamedTuple

from .printable import clean
from .reading import Call, field, read_call

__all__ = ["ProviderEvent", "read_event"]

_SILENT = ("message_start", "message_delta", "message_stop", "content_block_stop", "ping")


class ProviderEvent(NamedTuple):
    """What an event adds: text, reasoning, a call of a tool or a fragment of one; or nothing."""

    text: str = ""
    reasoning: str = ""
    call: Call | None = None


def read_event(item: object) -> ProviderEvent | None:
    """What the event adds, None when the item is no such event."""
    kind = field(item, "type")
    if not isinstance(kind, str):
        return None
    if kind.startswith("response."):
        return _response(item, kind)
    if kind in ("content_block_start", "content_block_delta"):
        part = field(item, "delta") or field(item, "content_block")
        return _block(part, field(item, "index"))
    return ProviderEvent() if kind in _SILENT else None


def _block(part: object, index: int | None) -> ProviderEvent:
    kind = field(part, "type")
    if kind == "tool_use":
        begun = read_call(part)
        return ProviderEvent(call=begun and begun._replace(arguments="", position=index, whole=False))
    if kind == "input_json_delta":
        return ProviderEvent(call=Call(None, _text(part, "partial_json"), None, index))
    return ProviderEvent(text=_text(part, "text"), reasoning=_text(part, "thinking"))


def _response(item: object, kind: str) -> ProviderEvent:
    index, delta = field(item, "output_index"), _text(item, "delta")
    if kind == "response.output_item.added":
        part = field(item, "item")
        begun = read_call(part) if field(part, "type") == "function_call" else None
        return ProviderEvent(call=begun and begun._replace(call=field(part, "call_id") or begun.call, position=index))
    if kind == "response.function_call_arguments.delta":
        return ProviderEvent(call=Call(None, clean(delta), None, index))
    if kind in ("response.output_text.delta", "response.refusal.delta"):
        return ProviderEvent(text=delta)
    if kind in ("response.reasoning_text.delta", "response.reasoning_summary_text.delta"):
        return ProviderEvent(reasoning=delta)
    return ProviderEvent()


def _text(part: object, name: str) -> str:
    value = field(part, name)
    return value if isinstance(value, str) else ""
