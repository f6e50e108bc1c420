"""What a page is told of how a turn went: which of its events each frame carried."""

from __future__ import annotations

import json

import msgspec

from apps import scripted
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TextDelta
from burr_chat_widget.protocol.frames import FrameSent
from support.scripts import script
from support.session import Scene

COUNT = 20


def text_in(frame: FrameSent) -> str:
    """What the deltas of a frame say."""
    events = json.loads(frame.body or "")["events"]
    return "".join(event["text"] for event in events if event["type"] == "text")


async def test_the_events_of_a_frame_are_counted_from_the_turns_first_one_on() -> None:
    scene = Scene(scripted.application())
    for number in (1, 2):
        scene.send(script(deltas=COUNT, delay=0.005))
        await scene.until(lambda view, n=number: len(view.turns) == n and view.status == "idle")
    turn = scene.session.turns[1]
    assert turn.events.first == len(scene.session.turns[0].events)

    logged = scene.session.log(c.Log(client="page", request="r", turn=turn.key))
    assert not logged.more
    # The first frame may have the end of the turn before, and the last one what comes after this one.
    assert [frame.first for frame in logged.frames[1:]] == [frame.last for frame in logged.frames[:-1]]
    assert logged.frames[0].first <= 0 < logged.frames[0].last
    assert logged.frames[-1].last == len(turn.events)
    for frame in logged.frames:
        said = [event.text for event in turn.events[max(0, frame.first) : frame.last] if isinstance(event, TextDelta)]
        assert text_in(frame).endswith("".join(said))

    later = scene.session.log(c.Log(client="page", request="r", turn=turn.key, start=len(turn.events) - 1))
    assert later.frames == logged.frames[-len(later.frames) :]
    assert msgspec.to_builtins(later.events[-1])["type"] == "turn-completed"


async def test_of_a_turn_that_is_not_there_nothing_is_told() -> None:
    scene = Scene(scripted.application())
    answer = scene.session.log(c.Log(client="page", request="r", turn="t1"))
    assert answer.error == "There is no such turn, or no such event."
