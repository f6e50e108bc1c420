"""Writes fixtures/fold.json: views, the events of frames, and the views that they lead to (`make fixtures`).

Both folds are held to this one file: tests/interop/test_fold.py the Python one, js/tests/store/fold.test.ts the TypeScript
one. Make it anew when the fold is meant to change, and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Page

FIXTURES = Path(__file__).parent / "fixtures" / "fold.json"


def make() -> list[dict[str, Any]]:
    """Cases of {before, events, after}, the same ones each time."""
    cases: list[dict[str, Any]] = []

    @settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
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


if __name__ == "__main__":
    FIXTURES.parent.mkdir(exist_ok=True)
    FIXTURES.write_text("[\n" + ",\n".join(json.dumps(case) for case in make()) + "\n]\n")
