"""A value that grows ends on the page as what it was last, however its changes are put together on the way."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.bridge.parts import PartReader
from burr_chat_widget.protocol import events as e
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view
from support.page import Clock, Page

values = st.dictionaries(
    st.sampled_from(["title", "body", "tags", "é"]), st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=3)
)
changes = st.one_of(
    st.tuples(st.just("data"), values),
    st.tuples(st.just("text"), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
    st.tuples(st.just("look"), st.none()),
    st.tuples(st.just("reload"), st.none()),
)


@given(st.lists(changes, max_size=40))
def test_the_last_value_is_there(asked: list[tuple[str, Any]]) -> None:
    clock = Clock()
    outbox = Outbox(first_view(), clock=clock)
    page = Page(outbox)
    reader = PartReader()
    at = {"time": 1.0, "monotonic": 1.0, "turn": "t"}
    outbox.put(e.TurnStarted(**at, inputs={}))
    outbox.put(e.StepStarted(**at, step=1, action="answer"))
    thought, last = "", None

    def look() -> None:
        clock.now += 1
        for message in outbox.take():
            page.receive(message)
        page.ack()

    for what, value in asked:
        match what:
            case "data":
                last = value
                for part in reader.show(value):
                    outbox.put(e.PartDelta(**at, step=1, part=part.part, kind="data", text=part.text, keep=part.keep))
            case "text":
                thought += value
                outbox.put(e.PartDelta(**at, step=1, part="reasoning:1", kind="reasoning", text=value))
            case "look":
                look()
            case _:
                page = Page(outbox, f"{page.name}'")
    for _ in range(5):
        look()
    assert page.view is not None
    shown = {message.kind: message.text for message in page.view.messages}
    assert shown.get("reasoning", "") == thought
    assert (json.loads(shown["data"]) if "data" in shown else None) == last


@given(st.text("ab{}", max_size=200), st.text("ab{}", max_size=200))
def test_only_what_differs_travels(before: str, after: str) -> None:
    """What two texts have in common at both ends is not sent again."""
    outbox = Outbox(first_view(), clock=(clock := Clock()))
    page = Page(outbox)
    at = {"time": 1.0, "monotonic": 1.0, "turn": "t"}
    outbox.put(e.TurnStarted(**at, inputs={}))
    outbox.put(e.StepStarted(**at, step=1, action="answer"))
    for text in (before, f"<{before}{after}>", f"<{before}!{after}>"):
        outbox.put(e.PartDelta(**at, step=1, part="data", kind="data", text=text, keep=0))
        clock.now += 1
        for message in outbox.take():
            page.receive(message)
        page.ack()
    assert page.view is not None
    assert page.view.messages[-1].text == f"<{before}!{after}>"
    (last,) = page.messages[-1]["events"]
    assert last["text"] == "!"
