"""What holds the turns of a bare `stream_turn`, without a session."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from burr.core import State
from burr.core.action import streaming_action
from burr.visibility import TracerFactory

from apps import loops
from apps.graphs import build
from apps.kinds import STREAMING, scripted_app
from burr_chat_widget.bridge import Breakpoints, Holds, TurnControl, stream_turn
from burr_chat_widget.protocol import events as e

Act = Callable[[Holds, e.TurnPaused], object]


async def play(app: Any, inputs: dict[str, Any], holds: Holds, act: Act, **options: Any) -> list[e.TurnEvent]:
    """Run a turn; wherever it is held, `act` says how it goes on, as soon as it waits."""
    told: list[e.TurnEvent] = []
    loop = asyncio.get_running_loop()
    async for event in stream_turn(app, inputs, holds=holds, **options):
        told.append(event)
        if isinstance(event, e.TurnPaused):
            loop.call_soon(act, holds, event)
    return told


def kinds(told: list[e.TurnEvent]) -> list[str]:
    """The events that are about where the turn is."""
    names: list[str] = []
    for event in told:
        match event:
            case e.TurnPaused():
                names.append(f"held at {event.at}: {event.reason}")
            case e.TurnResumed():
                names.append("goes on")
            case e.StepStarted():
                names.append(event.action)
            case e.TextDelta():
                names.append(event.text)
            case e.TurnCompleted() | e.TurnStopped() | e.TurnFailed():
                names.append(type(event).__name__)
            case _:
                pass
    return names


async def test_the_order_of_events() -> None:
    points = Breakpoints(["start", "count", "say"])
    points.add("say", when="after")
    holds = Holds(points)
    holds.pause()
    ways = iter([holds.step, holds.resume, holds.resume])
    told = await play(loops.application(), {"prompt": "2"}, holds, lambda *_: next(ways)())
    assert kinds(told) == [
        "held at action: pause", "goes on", "start",
        "held at action: step", "goes on", "count", "count", "say", "1 ", "2 ",
        "held at action: breakpoint", "goes on", "TurnCompleted",
    ]  # fmt: skip
    assert not holds.held
    assert not holds.pausing


@pytest.mark.parametrize("sync", ["thread", "inline"])
@pytest.mark.parametrize("kind", STREAMING)
async def test_by_deltas_to_the_end(kind: str, sync: Any) -> None:
    app, script = scripted_app(kind, ["a", "b"])
    holds = Holds(Breakpoints([]))
    holds.begin_turn()
    holds.step_delta()
    told = await play(app, {"prompt": "hi"}, holds, lambda *_: holds.step_delta(), sync=sync)
    at_delta = ["held at delta: step", "goes on"]
    assert kinds(told) == [
        "human", "held at action: step", "goes on", "answer", "a", *at_delta, "b", *at_delta, "TurnCompleted",
    ]  # fmt: skip
    assert (script.running, script.closed) == (0, 1)


@pytest.mark.parametrize("sync", ["thread", "inline"])
@pytest.mark.parametrize("kind", STREAMING)
@pytest.mark.parametrize("how", ["stop", "close", "cancel"])
async def test_what_is_held_at_a_delta_is_given_up(kind: str, sync: Any, how: str) -> None:
    """Its generator is closed, the state is as before, and the next turn is not held."""
    app, script = scripted_app(kind, ["a", "b", "c"])
    holds, control = Holds(Breakpoints([])), TurnControl()
    before = copy.deepcopy(app.state.get_all())
    events = stream_turn(app, {"prompt": "hi"}, holds=holds, control=control, sync=sync)
    holds.begin_turn()
    told: list[e.TurnEvent] = []
    held = asyncio.Event()

    async def read() -> None:
        async for event in events:
            told.append(event)
            if isinstance(event, e.StepStarted) and event.action == "answer":
                holds.step_delta()
            if isinstance(event, e.TurnPaused):
                held.set()
                if how == "close":
                    break

    reader = asyncio.ensure_future(read())
    await held.wait()
    if how == "stop":
        control.stop()
        await reader
        assert kinds(told)[-1] == "TurnStopped"
    elif how == "cancel":
        await asyncio.sleep(0)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
    else:
        await reader
        await events.aclose()
    assert not holds.held
    assert (script.running, script.closed) == (0, 1)
    state = app.state.get_all()
    state.pop("__SEQUENCE_ID")
    assert state == before
    holds.begin_turn()
    told = [event async for event in stream_turn(app, {"prompt": "hi"}, holds=holds, sync=sync)]
    assert kinds(told) == ["human", "answer", "a", "b", "c", "TurnCompleted"]


async def test_whoever_reads_the_events_may_answer_at_once() -> None:
    """Before the turn waits, and while a change by hand is told: nothing that is asked is lost."""
    app = loops.application()
    holds = Holds(Breakpoints(["start", "count", "say"]))
    holds.breakpoints.add("say")
    paused: list[e.TurnPaused] = []
    async for event in stream_turn(app, {"prompt": "1"}, holds=holds):
        if isinstance(event, e.TurnPaused):
            paused.append(event)
            if len(paused) == 1:
                app.update_state(app.state.update(goal=2))  # it is told again, and goes another way
            else:
                holds.resume()
    assert [each.next_action for each in paused] == ["say", "count", "say"]
    assert app.state["counted"] == [1, 2]


@pytest.mark.parametrize("ends", ["done", "stopped"])
async def test_the_time_that_a_step_is_held_is_not_of_what_is_open_in_it(ends: str) -> None:
    @streaming_action(reads=[], writes=["said"])
    async def say(state: State[Any], __tracer: TracerFactory) -> AsyncGenerator[Any, None]:
        with __tracer("around"):
            yield {"delta": "a"}, None
            with __tracer("within"):
                yield {"delta": "b"}, None
        yield {"delta": "ab"}, state.update(said="ab")

    holds, control = Holds(Breakpoints([])), TurnControl()
    stops: list[float] = []

    def stop() -> None:
        stops.append(time.monotonic())
        control.stop()

    ways = iter([holds.step_delta, stop if ends == "stopped" else holds.resume])
    loop = asyncio.get_running_loop()
    holds.step_delta()
    # Long beside what else happens; where it is not, nothing is proved, and nothing fails.
    told = await play(build(say=say), {}, holds, lambda *_: loop.call_later(0.05, next(ways)), control=control)
    started = {each.span: each for each in told if isinstance(each, e.SpanStarted)}
    finished = {started[each.span].name: each for each in told if isinstance(each, e.SpanFinished)}
    paused = [each.monotonic for each in told if isinstance(each, e.TurnPaused)]
    resumed = [each.monotonic for each in told if isinstance(each, e.TurnResumed)]
    (step,) = [each for each in told if isinstance(each, e.StepFinished)]
    assert (step.status, len(paused), sorted(finished)) == (ends, 2, ["around", "within"])
    for each in finished.values():
        began = started[each.span].monotonic
        until = each.monotonic if ends == "done" else paused[1]
        held = sum(resumed[n] - paused[n] for n in range(len(resumed)) if paused[n] > began)
        assert until - began - held - 1e-9 <= each.duration
        closing = step.monotonic - stops[0] if stops else 0.0
        assert each.duration <= step.duration + closing


@pytest.mark.parametrize("ends", ["done", "stopped"])
async def test_the_time_that_a_step_is_held_is_not_of_its_duration(ends: str) -> None:
    app, _ = scripted_app("async-stream-function", ["a", "b"])
    holds, control = Holds(Breakpoints([])), TurnControl()
    last = control.stop if ends == "stopped" else holds.resume
    ways = iter([holds.step_delta, holds.step_delta, last])  # to the second action, and delta by delta in it
    holds.step_delta()
    told = await play(app, {"prompt": "hi"}, holds, lambda *_: next(ways)(), control=control)
    finished = [event for event in told if isinstance(event, e.StepFinished)][-1]
    started = next(event for event in told if isinstance(event, e.StepStarted) and event.step == finished.step)
    inside = told[told.index(started) : told.index(finished)]
    paused = [event.monotonic for event in inside if isinstance(event, e.TurnPaused)]
    resumed = [event.monotonic for event in inside if isinstance(event, e.TurnResumed)]
    until = finished.monotonic if ends == "done" else paused.pop()
    assert finished.status == ends
    assert len(paused) == len(resumed) > 0
    held = sum(resumed) - sum(paused)
    if ends == "stopped":
        assert finished.duration == pytest.approx(until - started.monotonic - held, abs=1e-9)
    else:  # it ended somewhere between the last time that it went on and when that was told
        assert resumed[-1] - started.monotonic - held - 1e-9 <= finished.duration < until - started.monotonic - held
