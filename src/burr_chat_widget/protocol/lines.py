"""The lines of a recording, one JSON object each. docs/recordings.md shows them to people.

The first is the `Header`. Each of the others is an event as it travels, deltas one by one; `Values` of a step, behind the event
that they belong to; or a `ViewReplaced`, where what is seen became another thing than events had made of it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .events import TurnEvent, Value, kebab
from .frames import BranchesChanged, ComposerChanged, ControlsChanged
from .view import View

__all__ = [
    "VERSION",
    "Header",
    "Line",
    "LineError",
    "Values",
    "ViewReplaced",
    "decode_header",
    "decode_line",
    "encode_line",
]

VERSION = 1
"""Of the lines, the events and the view in them. Whoever adds a field to any of these raises it."""


class _Line(Value, frozen=True, kw_only=True, tag_field="type", tag=kebab):
    """Base of the lines that are no events."""


class Header(_Line, frozen=True, kw_only=True, tag="recording"):
    """What everything after it is about.

    Attributes:
        version: of the format.
        title: heading of the chat.
        app_id: Burr's id of the application.
        time: when the recording began, in seconds since the epoch.
        monotonic: the same on the clock of the events.
        view: what was seen before the first event: the conversation so far, the graph, what could be asked.
    """

    version: int
    title: str
    app_id: str
    time: float
    monotonic: float
    view: View


class ViewReplaced(_Line, frozen=True, kw_only=True):
    """From here on this is seen: one has gone back, or to another branch."""

    view: View


class Values(_Line, frozen=True, kw_only=True, omit_defaults=True, tag="values"):
    """What the application's state is, a step was given and gave back; what JSON has no form for, as `bridge.recorded` has it.

    Attributes:
        at: `now`, when the recording begins, and where the application's state became another than the last step has left;
            `start` of a step, with its inputs; `end` of a step, with its result.
        turn: the step's turn.
        step: its sequence id.
        state: keys that are others than in the lines before, with their values.
        appended: keys whose lists have grown, with the items that came after the ones before.
        removed: keys that are gone.
        inputs: what the action was given, by name.
        result: what it gave back.
    """

    at: Literal["now", "start", "end"]
    turn: str = ""
    step: int | None = None
    state: dict[str, Any] = {}
    appended: dict[str, list[Any]] = {}
    removed: list[str] = []
    inputs: dict[str, Any] = {}
    result: Any = None


Line = TurnEvent | ComposerChanged | ControlsChanged | BranchesChanged | Values | ViewReplaced
"""What follows the header."""

_encoder = msgspec.json.Encoder()
_lines: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_headers = msgspec.json.Decoder(Header)


class _Kind(msgspec.Struct):
    """What a first line says of itself, whatever else is in it."""

    type: str
    version: int


class LineError(ValueError):
    """What is wrong with a line; `remedy` is what to do about it."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


def encode_line(line: Header | Line) -> bytes:
    """A line, with its end."""
    return _encoder.encode(line) + b"\n"


def decode_header(line: bytes) -> Header:
    """The header that a first line is.

    Raises:
        LineError: if it is none, or of another version.
    """
    try:
        kind = msgspec.json.decode(line, type=_Kind)
    except msgspec.ValidationError:
        raise LineError("this is no recording: it does not begin with a line of the type 'recording'") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LineError(_no_json(error)) from None
    if kind.type != "recording":
        raise LineError("this is no recording: it does not begin with a line of the type 'recording'")
    if kind.version > VERSION:
        raise LineError(
            f"it is of version {kind.version}, and this burr-chat-widget reads version {VERSION}",
            "update it: pip install --upgrade burr-chat-widget",
        )
    if kind.version < 1:
        raise LineError(f"there is no version {kind.version} of recordings; the first is 1")
    return _decoded(_headers, line)


def decode_line(line: bytes) -> Line:
    """The line that some bytes are.

    Raises:
        LineError: if they are none.
    """
    return _decoded(_lines, line)


def _decoded(decoder: Any, line: bytes) -> Any:
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise LineError(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LineError(_no_json(error)) from None


def _no_json(error: Exception) -> str:
    return f"it is not valid JSON: {error}"
