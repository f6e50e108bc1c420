"""Writes fixtures/fold.json anew: views, the events of frames, and the views that they lead to (`make fixtures`).

Both folds are held to this one file: tests/interop/test_fold.py the Python one, js/tests/store/fold.test.ts the TypeScript
one. The cases stay what they are; where they lead to is told by the Python fold: read the difference. Without the file, or
when there are kinds of events that it does not hold, delete it first: then cases are made up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import WireEvent
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Page

FIXTURES = Path(__file__).parent / "fixtures" / "fold.json"


def make() -> list[dict[str, Any]]:
    """Cases of {before, events, after}, made up."""
    cases: list[dict[str, Any]] = []

    @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
    @given(turns(most=3))
    def collect(events: Any) -> None:
        outbox = Outbox(first_view())
        page = Page(outbox)
        for message in outbox.take():
            page.receive(message)
        before = msgspec.to_builtins(page.view)
        for event in events:
            outbox.put(event)
        while outbox.next_due() is not None and len(page.messages) < 100:
            for message in outbox.take():
                page.receive(message)
            page.ack()
        frames = [m["events"] for m in page.messages if m["type"] == "frame"]
        cases.append(
            {
                "before": before,
                "events": [event for events in frames for event in events],
                "after": msgspec.to_builtins(page.view),
            }
        )

    collect()
    unique = {json.dumps(case, sort_keys=True): case for case in cases}
    return list(unique.values())


def refold(case: dict[str, Any]) -> dict[str, Any]:
    """The same case, as the structs and the Python fold have it now."""
    view = msgspec.convert(case["before"], View)
    before = msgspec.to_builtins(view)
    events = [msgspec.convert(event, WireEvent) for event in case["events"]]
    for event in events:
        fold(view, event)
    return {"before": before, "events": msgspec.to_builtins(events), "after": msgspec.to_builtins(view)}


if __name__ == "__main__":
    known = json.loads(FIXTURES.read_text()) if FIXTURES.exists() else make()
    FIXTURES.parent.mkdir(exist_ok=True)
    FIXTURES.write_text("[\n" + ",\n".join(json.dumps(refold(case)) for case in known) + "\n]\n")
