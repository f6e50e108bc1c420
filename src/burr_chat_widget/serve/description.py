"""What the OpenAPI description says of bodies and streams: schemas of the wire's structs.

They refer to nothing outside of themselves, so that they hold in whatever application the router is included.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from burr_chat_widget.protocol.commands import Command
from burr_chat_widget.protocol.events import Event, TurnEvent, kebab
from burr_chat_widget.protocol.frames import KernelMessage, Remark
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.view import View

from .docstrings import read_docstring

__all__ = ["COMMANDS", "CONVERSATION", "FRAMES", "STOPPED", "TURN", "VIEW", "described", "takes"]

_, _STAMPED = read_docstring(Event.__doc__ or "")
"""What every event says of itself."""

_PREFIX = "#/components/schemas/"


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type, whole; what contains itself is cut off within itself."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template=_PREFIX + "{name}")
    return cast("dict[str, Any]", _filled(schema, components, ()))


def _filled(schema: Any, components: dict[str, Any], within: tuple[str, ...]) -> Any:
    """A schema with what it refers to put in its place."""
    if isinstance(schema, list):
        return [_filled(each, components, within) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = cast("dict[str, Any]", schema)
    name = str(parts.get("$ref", "")).removeprefix(_PREFIX)
    if name:
        return (
            {"type": "object", "title": name}
            if name in within
            else _filled(components[name], components, (*within, name))
        )
    # A discriminator's mapping refers to components too; the types are told apart by their `type` anyway.
    return _worded({key: _filled(each, components, within) for key, each in parts.items() if key != "discriminator"})


def _worded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the docstring of its struct taken apart: what is said of a field is said at the field."""
    said = schema.get("description")
    if not isinstance(said, str):
        return schema
    about, fields = read_docstring(said)
    properties: dict[str, Any] = schema.get("properties", {})
    if properties.keys() >= _STAMPED.keys():
        fields = {**_STAMPED, **fields}
    for name in fields.keys() & properties.keys():
        properties[name] = {**properties[name], "description": fields[name]}
    return {**schema, "description": about}


def _stream(description: str, kind: Any, *, named: bool = True, ids: str | None = None) -> dict[str, Any]:
    """A response that streams events whose data is of that type."""
    data = schema_of(kind)
    fields: dict[str, Any] = {"data": data}
    if named:
        fields["event"] = {"type": "string", "description": "the data's type", "enum": _names(kind)}
    if ids is not None:
        fields["id"] = {"type": "string", "description": ids}
    event = {"title": "Server-sent event", "type": "object", "properties": fields, "required": list(fields)}
    return {"description": description, "content": {"text/event-stream": {"schema": event}}}


def _names(kind: Any) -> list[str]:
    return [kebab(each.__name__) for each in kind.__args__]


TURN = _stream("The turn's events, to its last one.", TurnEvent, ids="the event's number in its turn, from 0 on")
CONVERSATION = _stream(
    "The view, then every event of all turns and what else changes.",
    ViewReplaced | TurnEvent | Remark,
    ids="where to go on from",
)
FRAMES = _stream(
    "What the page is sent: snapshots and frames; after five silent seconds an event `beat`, without data.",
    KernelMessage,
    named=False,
)
VIEW = {"description": "What is seen.", "content": {"application/json": {"schema": schema_of(View)}}}


class Stopped(msgspec.Struct):
    """Which turn is being stopped.

    Attributes:
        turn: its key; null where none runs.
    """

    turn: str | None


STOPPED = {"description": "It is being stopped.", "content": {"application/json": {"schema": schema_of(Stopped)}}}


def takes(kind: Any) -> dict[str, Any]:
    """What an endpoint has in its description whose body is JSON of that type."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema_of(kind)}}}}


COMMANDS = takes(Command)

_ERROR = {
    "type": "object",
    "title": "Error",
    "required": ["error", "message", "remedy"],
    "properties": {
        "error": {"type": "string", "description": "what is wrong, for programs"},
        "message": {"type": "string", "description": "the same, for people"},
        "remedy": {"type": ["string", "null"], "description": "what to do about it"},
    },
}
_WORDS = {
    400: "The body is no JSON.",
    401: "The token is missing.",
    404: "There is no such turn, or file.",
    409: "A turn is running, or the conversation takes none.",
    422: "An id, an input or a parameter is not as it has to be.",
    429: "Too many turns within a minute.",
    503: "The server cannot do it now: Retry-After says when it may.",
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors with these statuses, as responses."""
    return {
        each: {"description": _WORDS[each], "content": {"application/json": {"schema": _ERROR}}} for each in statuses
    }
