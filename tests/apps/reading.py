"""Reading a turn's events in tests."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
from burr.core import Application

from burr_chat_widget.protocol import events as e

CLOCKS = ("time", "monotonic", "turn", "duration", "first_delta")


async def collect(events: AsyncIterator[e.TurnEvent]) -> list[e.TurnEvent]:
    """All events."""
    return [event async for event in events]


def plain(events: Iterable[e.TurnEvent]) -> list[dict[str, Any]]:
    """The events as they go on the wire, without clocks and without fields at their defaults."""
    return [
        {
            k: v
            for k, v in msgspec.json.decode(msgspec.json.encode(event)).items()
            if k not in CLOCKS and v is not None and v != [] and v != {}
        }
        for event in events
    ]


def types(events: Iterable[e.TurnEvent]) -> list[str]:
    """The events' names."""
    return [event.__struct_config__.tag for event in events]


def text_of(events: Iterable[e.TurnEvent]) -> str:
    """The text that a reader has on the page at the end."""
    text = ""
    for event in events:
        if isinstance(event, e.TextDelta):
            text += event.text
        elif isinstance(event, e.TextReplaced):
            text = event.text
    return text


def only(events: Iterable[e.TurnEvent], kind: type[Any]) -> Any:
    """The one event of that kind."""
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def visible(app: Application) -> dict[str, Any]:
    """A copy of the state without Burr's own sequence id."""
    return copy.deepcopy({k: v for k, v in app.state.get_all().items() if k != "__SEQUENCE_ID"})
