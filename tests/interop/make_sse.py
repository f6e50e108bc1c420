"""Writes fixtures/sse.json anew: turns, how each is told to a page, and its server-sent events (`make fixtures`).

protocol/sse.py and js/src/timeline/sse.ts are held to it. The turns stay what they are; without the file they are made up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from burr_chat_widget.protocol.events import StepFinished, TurnEvent
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.session import Turn
from support.events import turns

SSE = Path(__file__).parent / "fixtures" / "sse.json"

WALL = 1_700_000_000
"""Seconds that the wall clock is ahead of the other."""

DURATIONS = [0.0, 1.0, 0.25, 0.0001, 1.5e-5, 1e-5, 5e-6, 1.25e-6, 5e-7, 123456.75]
"""What a float may look like."""

MOST = 16


def make() -> list[list[dict[str, Any]]]:
    """The events of turns, made up."""
    found: dict[str, list[dict[str, Any]]] = {}
    durations = iter(DURATIONS * 100)

    def timed(event: TurnEvent) -> TurnEvent:
        """As marks can tell it."""
        event = replace(event, time=round(WALL + event.time, 4), monotonic=round(event.monotonic, 4))
        return replace(event, duration=next(durations)) if isinstance(event, StepFinished) else event

    @settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(turns(most=1))
    def collect(told: Any) -> None:
        events = [timed(event) for event in told if isinstance(event, TurnEvent) and event.turn == "t0"]
        if len(events) > 6:
            plain = msgspec.to_builtins(events)
            found[json.dumps([event["type"] for event in plain])] = plain

    collect()
    return sorted(found.values(), key=len)[:: max(1, len(found) // MOST)]


def sent(events: list[dict[str, Any]]) -> dict[str, Any]:
    """A case: the events, what a page is told of them, and each as it is sent."""
    turn = Turn("t0", {})
    told = msgspec.convert(events, list[TurnEvent])
    for event in told:
        turn.record(event)
    log, end = turn.events.chunk(0)
    assert end == len(told)
    return {
        "events": events,
        "log": msgspec.to_builtins(log),
        "sse": [server_sent(event, number) for number, event in enumerate(told)],
    }


if __name__ == "__main__":
    known = [case["events"] for case in json.loads(SSE.read_text())] if SSE.exists() else make()
    SSE.write_text("[\n" + ",\n".join(json.dumps(sent(events)) for events in known) + "\n]\n")
