"""What is known of a server's turns, as events and views tell it."""

from __future__ import annotations

import time
from typing import Any

from burr_chat_widget.connect.turns import RemoteTurns
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.graph import ActionInfo, Graph
from burr_chat_widget.protocol.view import Composer, Session, View
from burr_chat_widget.transport.outbox import Outbox
from support.page import Page

FAR = 1_000_000.0
"""The server's clock is so far behind ours."""


def empty() -> View:
    action = ActionInfo(name="say")
    graph = Graph(entrypoint="say", actions=[action], transitions=[])
    return new_view(Session(title="T", app_id="a"), graph, Composer(), next_action=None)


def turn(key: str, *, behind: float = 0.0) -> list[e.TurnEvent]:
    """The events of a turn that says two words."""
    now: Any = {"time": time.time(), "monotonic": time.monotonic() - behind, "turn": key}
    return [
        e.TurnStarted(**now, inputs={}, prompt="x"),
        e.StepStarted(**now, step=0, action="say", streaming=True),
        e.TextDelta(**now, step=0, text="one "),
        e.TextDelta(**now, step=0, text="two"),
        e.StepFinished(**now, step=0, action="say", status="done", duration=0.0, deltas=2),
        e.TurnCompleted(**now),
    ]


def frames_of(turns: RemoteTurns, outbox: Outbox, *, behind: float) -> list[float]:
    """When the frames were sent that carried a turn, in seconds since it began."""
    page = Page(outbox)
    for message in outbox.take():
        page.receive(message)
    for event in turn("t1", behind=behind):
        turns.tell(event, outbox)
        for message in outbox.take():
            page.receive(message)
    page.ack()
    (told,) = turns.shown
    began = next(iter(told.events)).monotonic
    return [frame.sent - began for frame in told.frames]


def test_frames_are_sent_on_the_clock_of_a_server_on_another_machine():
    sent = frames_of(RemoteTurns(same_clock=False), Outbox(empty()), behind=FAR)
    assert sent
    assert all(0 <= each < FAR / 2 for each in sent)


def test_a_clock_that_is_ours_is_left_alone():
    sent = frames_of(RemoteTurns(same_clock=True), Outbox(empty()), behind=FAR)
    assert sent
    assert all(each >= FAR for each in sent)


def test_what_was_heard_twice_is_there_once():
    turns, outbox = RemoteTurns(same_clock=True), Outbox(empty())
    events = turn("t1")
    for event in events[:3]:
        turns.tell(event, outbox)
    view = outbox.view()
    (missed,) = turns.show(view, outbox, same_server=True)
    turns.tell(events[3], outbox)  # its own stream tells it, too
    for number, event in enumerate(events):
        turns.catch_up(missed, event, number)
    turns.caught_up(missed)
    assert turns.shown == [missed]
    assert (missed.status, missed.text, len(missed.events)) == ("completed", "one two", len(events))


def test_a_turn_that_nobody_knows_any_more_has_failed():
    turns, outbox = RemoteTurns(same_clock=True), Outbox(empty())
    for event in turn("t1")[:3]:
        turns.tell(event, outbox)
    assert turns.show(empty(), outbox, same_server=False) == []
    (lost,) = turns.lost()
    assert turns.lost() == []
    turns.caught_up(lost)
    assert (lost.status, lost.text) == ("failed", "one ")
    assert turns.shown == [lost]


def test_a_turn_of_the_view_of_which_nothing_is_known_is_not_shown():
    turns, outbox = RemoteTurns(same_clock=True), Outbox(empty())
    other = Outbox(empty())
    for event in turn("t1"):
        other.put(event)
    (missed,) = turns.show(other.view(), outbox, same_server=True)
    assert (missed.prompt, missed.status) == ("x", "running")
    turns.caught_up(missed)
    assert turns.shown == []
