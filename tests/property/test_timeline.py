"""What Python says of a turn as a stream, and what pages say of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import Frame, Text
from burr_chat_widget.protocol.marks import TICKS_PER_SECOND, decode_marks, utf16_length
from burr_chat_widget.protocol.timeline import figures, marks_of
from burr_chat_widget.session import Turn, figures_of, lane_of, rows_of
from burr_chat_widget.transport.limits import SINGLY, Limits
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Page

TICK = 1 / TICKS_PER_SECOND


def played(
    told: list[Any], limits: Limits | None = None, pauses: st.DataObject | None = None
) -> tuple[Outbox, list[Turn]]:
    """All of it told to a page that listens; the turns are recorded as a session does."""
    outbox = Outbox(first_view(), limits=limits)
    page = Page(outbox)
    made: dict[str, Turn] = {}

    def pump() -> None:
        for message in outbox.take():
            page.receive(message)
        page.ack()

    pump()
    for event in told:
        if isinstance(event, e.TurnStarted):
            made[event.turn] = Turn(event.turn, {})
            made[event.turn].begin_sending(outbox.told(), outbox.sent)
        if event.turn in made and isinstance(event, e.TurnEvent):
            made[event.turn].record(event)
        outbox.put(event)
        if pauses is not None and pauses.draw(st.booleans()):
            pump()
    while outbox.next_due() is not None and page.view != outbox.view():
        pump()
    return outbox, list(made.values())


@given(turns(most=3))
def test_the_figures_are_those_of_the_view(told: list[Any]) -> None:
    outbox, made = played(told)
    view = outbox.view()
    shown = {turn.key for turn in view.turns}
    for turn in (turn for turn in made if turn.key in shown):
        ours, theirs = (msgspec.to_builtins(each) for each in (figures_of(turn), figures(view, turn.key)))
        # Times of deltas are kept as differences here and as ticks there: of two that are as good as equal, another may be chosen.
        for each in (ours, theirs):
            each.pop("rate")
            each["longest_gap"] = each["longest_gap"] and each["longest_gap"]["seconds"]
        assert _flat(ours) == pytest.approx(_flat(theirs), abs=2 * TICK)


@given(turns(most=3), st.sampled_from([Limits(interval=0, patience=0), SINGLY]), st.data())
def test_a_row_has_the_frame_that_carried_its_delta(told: list[Any], limits: Limits, data: st.DataObject) -> None:
    _, made = played(told, limits, data)
    for turn in made:
        rows = rows_of(turn)
        assert [(row["text"], row["yielded"]) for row in rows] == [
            (text, pytest.approx(time)) for text, time in turn.deltas
        ]
        carried: dict[tuple[int, int], str] = {}
        for frame in turn.frames:
            for event in msgspec.json.decode(frame.body or "", type=Frame).events:
                if isinstance(event, Text) and event.text and event.step in turn.steps:  # it may carry another turn too
                    place = frame.seq, event.step
                    carried[place] = carried.get(place, "") + event.text
        by_frame: dict[tuple[int, int], str] = {}
        for row in rows:
            place = row["frame"], row["step"]
            by_frame[place] = by_frame.get(place, "") + row["text"]
        assert {place: text for place, text in by_frame.items() if text} == carried


@given(turns(most=2))
def test_a_lane_divides_its_texts_by_its_marks(told: list[Any]) -> None:
    _, made = played(told)
    for turn in made:
        lane = lane_of("one", turn)
        rows = rows_of(turn)
        assert len(lane.marks) == len(lane.texts) == len(lane.figures.steps)
        assert sum(frame.last - frame.first for frame in lane.frames) == len(rows)
        for marks, text, step in zip(lane.marks, lane.texts, lane.figures.steps, strict=True):
            of_step = [row["text"] for row in rows if row["step"] == step.step]
            assert [length for _, length in decode_marks(marks)] == [utf16_length(each) for each in of_step]
            if any(of_step):
                assert text == "".join(of_step)


@given(turns(most=1))
def test_marks_end_where_the_text_does(told: list[Any]) -> None:
    view = played(told)[0].view()
    for turn in view.turns:
        for step in view.steps:
            times, ends = marks_of(step, turn.started)
            assert times == sorted(times)
            message = next((m for m in view.messages if m.key == f"{turn.key}:{step.step}:text"), None)
            if message is not None and not message.revision:
                assert (ends[-1] if ends else 0) == utf16_length(message.text)


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Nested plain data as one dict, which `approx` can compare."""
    if isinstance(value, dict):
        return {k: v for key, each in value.items() for k, v in _flat(each, f"{path}.{key}").items()}
    if isinstance(value, list):
        return {k: v for index, each in enumerate(value) for k, v in _flat(each, f"{path}.{index}").items()}
    return {path: value}
