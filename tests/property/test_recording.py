"""What is recorded and read again makes the view that was live, whatever is told and whatever is done meanwhile."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from burr.core import State
from hypothesis import given, settings
from hypothesis import strategies as st

from apps import scripted
from burr_chat_widget.bridge import Redaction
from burr_chat_widget.errors import RecordingError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import Recorder, ReplaySession
from burr_chat_widget.session.checkpoints import Checkpoints
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.session import Scene, is_answered


def live(outbox: Outbox) -> View:
    """What is seen, apart from what pages were answered."""
    view = outbox.view()
    view.accepted, view.refused = [], []
    return view


def record(path: Path, outbox: Outbox) -> Recorder:
    """A recorder of events that no application has made."""
    shown = SimpleNamespace(turns=[], checkpoints=Checkpoints(State(), 0), app=SimpleNamespace(state=State()))
    branches: Any = SimpleNamespace(shown=shown)
    return Recorder(path, outbox=outbox, branches=branches, redaction=Redaction(), remark=print)


@given(events=turns(), begin=st.integers(0, 4), part=st.floats(0, 1))
def test_the_lines_make_the_view_that_the_events_made(events: list[Any], begin: int, part: float) -> None:
    begins = [0, *(n for n, event in enumerate(events) if isinstance(event, e.TurnStarted))]
    first = begins[begin % len(begins)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lesson.jsonl")
        outbox = Outbox(first_view())
        for event in events[:first]:
            outbox.put(event)
        before = live(outbox)
        recorder = record(path, outbox)
        for event in events[first:]:
            outbox.put(event)
        recorder.stop()
        recording = Recording.read(path)
        assert recording.header.view == before
        assert recording.view == live(outbox)

        # Cut anywhere, it is what was seen after the last whole line, and can be shown.
        whole = path.read_bytes()
        header = whole.index(b"\n") + 1
        path.write_bytes(whole[: header + int(part * (len(whole) - header))])
        try:
            cut = Recording.read(path)
        except RecordingError as error:
            cut = error.recording
        assert cut.lines == recording.lines[: len(cut.lines)]
        session = ReplaySession(cut)
        assert session.outbox.view().status == "idle"
        seen = {turn.key: turn.status for turn in session.outbox.view().turns}
        assert all(seen[turn.key] == turn.status for turn in session.turns if turn.key in seen)


scripts = st.fixed_dictionaries(
    {"deltas": st.integers(0, 3), "text": st.sampled_from(["a", "{n} ", "é𝄞\n"]), "delay": st.just(1e-9)},
    optional={"fail": st.sampled_from(["before", "during", "after"])},
)
wishes = st.one_of(
    st.tuples(st.just("send"), scripts),
    st.tuples(st.just("send"), scripts),
    st.tuples(st.just("stopped"), st.tuples(scripts, st.integers(0, 6))),
    st.tuples(st.just("retry"), st.integers(0, 3)),
    st.tuples(st.just("rewind"), st.integers(0, 12)),
    st.tuples(st.just("fork"), st.integers(0, 12)),
    st.tuples(st.just("switch"), st.integers(0, 3)),
    st.tuples(st.just("record"), st.booleans()),
)


async def wish(scene: Scene, what: str, argument: Any) -> None:
    session = scene.session
    if what == "send":
        view = await scene.caught_up()  # what the last one was given may be taken by the next one, without another
        await scene.send(json.dumps(argument)) if view.composer.input else await scene.send()
    elif what == "stopped":
        script, steps = argument
        session.pause()
        request = scene.say(c.Send, text=json.dumps(script))
        await scene.until(lambda view: is_answered(view, request) and view.status != "running")
        for _ in range(steps):
            if scene.view.held is not None:
                await scene.press("step-delta")
        session.stop()
        session.pause(off=True)
        await scene.until(lambda view: view.status == "idle" and session.running is None)
    elif what == "retry" and session.turns:
        await scene.ask(c.Retry, turn=session.turns[argument % len(session.turns)].key)
        await scene.until(lambda view: view.status == "idle" and session.running is None)
    elif what in ("rewind", "fork") and len(session.checkpoints):
        step = session.checkpoints[argument % len(session.checkpoints)].sequence_id
        assert await scene.ask(c.Rewind if what == "rewind" else c.Fork, step=step) is None
    elif what == "switch":
        assert await scene.ask(c.Switch, turn=f"b{argument % len(session.branches) + 1}") is None


@settings(max_examples=30)
@given(asked=st.lists(wishes, max_size=8))
def test_a_replay_is_what_the_chat_was_whatever_was_done_in_it(asked: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(asked, Path(folder)))


async def play(asked: list[tuple[str, Any]], folder: Path) -> None:
    scene = Scene(scripted.application())
    session = scene.session
    recorders = [session.record(folder / "0.jsonl")]
    for what, argument in asked:
        if what == "record":
            earlier = session.turns if argument else []
            recorders.append(session.record(folder / f"{len(recorders)}.jsonl", turns=earlier))
        else:
            await wish(scene, what, argument)
    for recorder in recorders:
        recorder.stop()
        recording = Recording.read(recorder.path)
        assert recording.view == live(session.outbox)
        replay = ReplaySession(recording)
        known = {turn.key for turn in replay.turns}
        shown = [turn for turn in session.turns if turn.key in known]
        assert [summary(turn) for turn in replay.turns] == [summary(turn) for turn in shown]
        states = {(p.turn, p.sequence_id): plain(p.state) for p in session.checkpoints}
        for checkpoint in replay.checkpoints:
            assert plain(checkpoint.state) == states[checkpoint.turn, checkpoint.sequence_id]
        steps = {(step.turn, step.step) for step in recording.view.steps if step.status == "done"}
        recorded = {(step.turn, step.step) for step in recording.steps}
        assert {(p.turn, p.sequence_id) for p in replay.checkpoints} == steps & recorded
        assert plain(replay._state) == plain(session.app.state)


def summary(turn: Any) -> tuple[Any, ...]:
    deltas = [(delta.text, round(delta.time, 6)) for delta in turn.deltas]
    return turn.key, turn.prompt, turn.status, turn.actions, turn.steps, turn.text, deltas


def plain(state: State) -> dict[str, Any]:
    return {key: value for key, value in state.get_all().items() if not key.startswith("__")}
