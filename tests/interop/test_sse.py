"""Server-sent events are what the fixtures say; js/tests/timeline/sse.test.ts holds what pages show of them to the same file."""

from __future__ import annotations

import json

import msgspec
import pytest

from burr_chat_widget.protocol.events import TurnEvent
from burr_chat_widget.protocol.sse import server_sent
from interop.make_sse import SSE, sent

CASES = json.loads(SSE.read_text())


def test_the_fixtures_have_deltas_that_travel_together_and_events_of_many_kinds():
    assert any(len(case["log"]) < len(case["events"]) for case in CASES)
    assert len({event["type"] for case in CASES for event in case["events"]}) > 12


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_sse(case):
    assert sent(case["events"]) == case


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_what_is_sent_is_the_event(case):
    for number, (event, text) in enumerate(zip(case["events"], case["sse"], strict=True)):
        name, kind, data, *end = text.split("\n")
        assert (name, kind, end) == (f"id: {number}", f"event: {event['type']}", ["", ""])
        field, _, json_text = data.partition(": ")
        assert field == "data"
        known = msgspec.convert(event, TurnEvent)
        assert msgspec.json.decode(json_text, type=TurnEvent) == known
        assert server_sent(known, number) == text
