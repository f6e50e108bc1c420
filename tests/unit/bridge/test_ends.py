"""Each way a turn can end, on each kind of action: what it held is given back, and the next prompt is answered."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import queue
import sqlite3
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from burr.core import Application, State
from burr.core.persistence import SQLitePersister
from burr.lifecycle import PostRunStepHook, PreRunStepHook
from burr.tracking import LocalTrackingClient

from apps.graphs import build, streams
from apps.kinds import KINDS, STREAMING, SYNC, Script, scripted_builder
from apps.reading import collect, only, text_of, types, visible
from burr_chat_widget.bridge import TurnControl, control, stream_turn
from burr_chat_widget.protocol import events as e

ANSWER = ["fine ", "now"]
ASYNC = [kind for kind in KINDS if kind not in SYNC]


class Bookkeeper(PreRunStepHook, PostRunStepHook):
    """Counts what began and what ended; the exceptions that it was told of."""

    def __init__(self) -> None:
        self.open = 0
        self.told: list[str] = []

    def pre_run_step(self, **_: Any) -> None:
        self.open += 1

    def post_run_step(self, *, exception: BaseException | None, **_: Any) -> None:
        self.open -= 1
        if exception is not None:
            self.told.append(type(exception).__name__)


class Rig:
    """An application with a tracker, a persister and a hook, and an action that can be held."""

    def __init__(self, kind: str, tmp_path: Any) -> None:
        self.kind = kind
        self.sync = kind in SYNC
        self.loop = asyncio.get_running_loop()
        self.reached = asyncio.Event()
        self.never = asyncio.Event()
        self.gate: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.hook = Bookkeeper()
        self.script = Script([[]])
        self.persister = SQLitePersister(str(tmp_path / "state.db"))
        self.persister.initialize()
        self.app: Application = (
            scripted_builder(kind, self.script)
            .with_identifiers(app_id="a", partition_key="p")
            .with_tracker(LocalTrackingClient("test", storage_dir=str(tmp_path)))
            .with_state_persister(self.persister)
            .with_hooks(self.hook)
            .build()
        )
        self.control = TurnControl()
        self.held = False

    def plan(self, *first: Any) -> None:
        self.script.plans[:] = [list(first), list(ANSWER)]

    def hold(self) -> Any:
        """An operation that says it was reached and waits to be cancelled, or, in a thread, for the gate."""
        self.held = True
        if self.sync:
            self.loop.call_soon_threadsafe(self.reached.set)
            self.gate.get()
            return None
        self.reached.set()
        return self.never.wait()

    def turn(self, **options: Any) -> AsyncGenerator[e.TurnEvent, None]:
        return stream_turn(self.app, {"prompt": "first"}, control=self.control, **options)

    async def check(self, before: dict[str, Any], *, completed: bool = False) -> None:
        """Nothing is left over, and the next prompt is answered."""
        if self.held and self.sync:
            self.gate.put(None)
        while self.script.running:  # noqa: ASYNC110 a thread that could not be interrupted ends by itself
            await asyncio.sleep(0)
        assert self.hook.open == 0
        assert not hasattr(self.app._graph, "pin")
        assert type(self.app._graph._action_map["answer"]).__name__ != "Wrapped"
        assert "get_next_node" not in vars(self.app._graph)
        if not completed:
            assert visible(self.app) == before
        self.script.plans[:] = [list(ANSWER)]
        started = self.app.sequence_id
        events = await collect(stream_turn(self.app, {"prompt": "second"}))
        assert types(events)[-1] == "turn-completed"
        assert self.app.state["chat_history"][-1]["content"] == "fine now"
        assert self.app.state["chat_history"][-2]["content"] == "second"
        started = -1 if started is None else started
        first, second = (event.step for event in events if isinstance(event, e.StepStarted))
        assert (first, second) == (started + 1, started + 2)
        loaded = self.persister.load("p", "a")
        assert loaded is not None
        assert loaded["status"] == "completed"
        assert loaded["state"]["chat_history"] == self.app.state["chat_history"]


async def until_answer(events: AsyncGenerator[e.TurnEvent, None], deltas: int) -> list[e.TurnEvent]:
    """Read until the answering action has started and streamed so many deltas."""
    seen: list[e.TurnEvent] = []
    async for event in events:
        seen.append(event)
        answering = any(isinstance(x, e.StepStarted) and x.action == "answer" for x in seen)
        if answering and sum(isinstance(x, e.TextDelta) for x in seen) == deltas:
            break
    return seen


@pytest.fixture(params=KINDS)
async def rig(request: Any, tmp_path: Any) -> AsyncGenerator[Rig, None]:
    rig = Rig(request.param, tmp_path)
    yield rig
    rig.gate.put(None)
    # Burr closes the connection in `__del__`, which may run in any thread.
    rig.persister.connection.close()
    rig.persister.connection = sqlite3.connect(":memory:", check_same_thread=False)


async def test_completed(rig: Rig) -> None:
    rig.plan("all ", "well")
    await collect(rig.turn())
    assert rig.hook.told == []
    await rig.check({}, completed=True)


async def test_stopped_while_the_action_waits(rig: Rig) -> None:
    """Trap: cancelled in a plain action, Burr tells no hook, and the next action stays the interrupted one."""
    rig.plan("par", "tial", rig.hold)
    before = visible(rig.app)
    reading = asyncio.ensure_future(collect(rig.turn()))
    await rig.reached.wait()
    rig.control.stop()
    events = await reading
    assert types(events)[-2:] == ["step-finished", "turn-stopped"]
    assert events[-2].status == "stopped"
    assert events[-1].next_action == "human"
    assert rig.hook.told == ["CancelledError"]
    await rig.check(before)


async def test_stopped_at_an_event(rig: Rig) -> None:
    rig.plan("par", "tial", "never shown")
    before = visible(rig.app)
    events = rig.turn()
    seen = await until_answer(events, 1 if rig.kind in STREAMING else 0)
    rig.control.stop()
    rest = await collect(events)
    assert types(rest) == ["step-finished", "turn-stopped"]
    assert text_of(seen + rest) == ("par" if rig.kind in STREAMING else "")
    assert asyncio.current_task().cancelling() == 0 if hasattr(asyncio.Task, "cancelling") else True
    await rig.check(before)


async def test_stopped_before_it_began(rig: Rig) -> None:
    rig.plan(*ANSWER)
    rig.control.stop()
    assert types(await collect(rig.turn())) == ["turn-started", "turn-stopped"]
    assert rig.app.sequence_id is None
    await collect(stream_turn(rig.app, {"prompt": "x"}))
    await rig.check({}, completed=True)


@pytest.mark.parametrize("rig", ASYNC, indirect=True)
async def test_stopped_by_the_action_itself(rig: Rig) -> None:
    """Stop on the task's own stack must not cancel whatever the consumer awaits next."""
    rig.plan("par", rig.control.stop, "tial")
    before = visible(rig.app)
    events = await collect(rig.turn())
    assert types(events)[-1] == "turn-stopped"
    await asyncio.sleep(0)
    await rig.check(before)


@pytest.mark.parametrize("rig", ASYNC, indirect=True)
async def test_an_action_that_swallows_the_cancellation(rig: Rig) -> None:

    async def swallow() -> None:
        rig.reached.set()
        with contextlib.suppress(asyncio.CancelledError):
            await rig.never.wait()

    rig.plan("par", swallow, "tial")
    before = visible(rig.app)
    reading = asyncio.ensure_future(collect(rig.turn()))
    await rig.reached.wait()
    rig.control.stop()
    events = await reading
    assert types(events)[-1] == "turn-stopped"
    await rig.check(before)


@pytest.mark.parametrize("rig", ASYNC, indirect=True)
async def test_an_action_that_makes_another_error_of_the_cancellation(rig: Rig) -> None:
    async def wrap() -> None:
        rig.reached.set()
        try:
            await rig.never.wait()
        except asyncio.CancelledError:
            raise ValueError("request aborted") from None

    rig.plan("par", wrap)
    before = visible(rig.app)
    reading = asyncio.ensure_future(collect(rig.turn()))
    await rig.reached.wait()
    rig.control.stop()
    assert types(await reading)[-1] == "turn-stopped"
    await rig.check(before)


@pytest.mark.parametrize("words", [[], ["par", "tial"]])
async def test_raises(rig: Rig, words: list[str]) -> None:
    """Traps: with a tracker the error is a KeyError of the tracker's; a class stream that raises is "completed"."""
    rig.plan(*words, ValueError("no way"))
    before = visible(rig.app)
    events = await collect(rig.turn())
    assert types(events)[-2:] == ["step-finished", "turn-failed"]
    assert events[-2].status == "failed"
    error = only(events, e.TurnFailed).error
    assert (error.kind, error.message, error.action) == ("ValueError", "no way", "answer")
    first_frame = error.traceback.splitlines()[1]
    assert "kinds.py" in first_frame
    assert "burr_chat_widget" not in error.traceback
    if rig.kind in STREAMING:
        # of a class-based stream the last item is held back until the next one shows that it is not the result
        assert text_of(events) == "".join(words)[: 3 if "class" in rig.kind else None]
    assert rig.hook.told == ["ValueError"]
    await rig.check(before)


@pytest.mark.parametrize("rig", ["sync-stream-function", "async-stream-function"], indirect=True)
async def test_raises_after_its_result(rig: Rig) -> None:
    """Trap: Burr logs an error after the result and goes on. So do we, and say so."""
    rig.script.after = [ValueError("in the clean-up")]
    rig.plan("all well")
    events = await collect(rig.turn())
    assert types(events)[-1] == "turn-completed"
    assert "ValueError after its result" in only(events, e.Notice).text
    rig.script.after = []
    await rig.check({}, completed=True)


async def test_cancelled_from_outside(rig: Rig) -> None:
    rig.plan("par", "tial", rig.hold)
    before = visible(rig.app)
    reading = asyncio.ensure_future(collect(rig.turn()))
    await rig.reached.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await rig.check(before)


async def test_cancelled_from_outside_and_stopped(rig: Rig) -> None:
    if not hasattr(asyncio.Task, "uncancel"):
        pytest.skip("Python 3.10 does not count cancellations")
    rig.plan("par", "tial", rig.hold)
    before = visible(rig.app)
    reading = asyncio.ensure_future(collect(rig.turn()))
    await rig.reached.wait()
    rig.control.stop()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await rig.check(before)


async def test_closed_early(rig: Rig) -> None:
    """Trap: `aclose` on Burr's iterator leaves the user's `finally` to the garbage collector."""
    rig.plan("par", "tial", "more")
    before = visible(rig.app)
    events = rig.turn()
    await until_answer(events, 1 if rig.kind in STREAMING else 0)
    await events.aclose()
    assert rig.script.running == 0
    assert rig.script.closed == (1 if rig.kind in STREAMING else 0)
    await rig.check(before)


async def test_dropped(rig: Rig) -> None:
    """Without `aclose`, the loop closes the generator when it is collected, in another task."""
    rig.plan("par", "tial", "more")
    before = visible(rig.app)
    events = rig.turn()
    await until_answer(events, 1 if rig.kind in STREAMING else 0)
    del events
    rig.control = TurnControl()
    gc.collect()
    while rig.app in control._running:  # noqa: ASYNC110 - the loop tells nobody that it has closed a generator
        await asyncio.sleep(0)
    await rig.check(before)


async def test_consumer_raises(rig: Rig) -> None:
    rig.plan("par", "tial", "more")
    before = visible(rig.app)
    events = rig.turn()

    async def read() -> None:
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, e.StepStarted) and event.action == "answer":
                    raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await read()
    await rig.check(before)


async def test_interrupted_from_the_keyboard(rig: Rig) -> None:
    """The turn ends as stopped, and the interrupt goes on."""
    rig.plan("par", "tial", KeyboardInterrupt())
    before = visible(rig.app)
    seen: list[e.TurnEvent] = []

    async def read() -> None:
        async for event in rig.turn():
            seen.append(event)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(KeyboardInterrupt):
        await read()
    assert types(seen)[-2:] == ["step-finished", "turn-stopped"]
    await rig.check(before)


async def test_an_action_that_cancels_itself(rig: Rig) -> None:
    """A CancelledError that nobody asked for is the action's own failure."""
    if not hasattr(asyncio.Task, "uncancel"):
        pytest.skip("Python 3.10 cannot tell")
    rig.plan("par", "tial", asyncio.CancelledError())
    before = visible(rig.app)
    events = await collect(rig.turn())
    assert only(events, e.TurnFailed).error.kind == "CancelledError"
    await rig.check(before)


async def test_closed_early_waits_for_the_clean_up() -> None:
    """The user's `finally` may await: it is done when `aclose` returns."""
    cleaned: list[bool] = []

    async def say(state: State) -> Any:
        try:
            yield {"delta": "a"}
            yield {}, state
        finally:
            for _ in range(50):
                await asyncio.sleep(0)
            cleaned.append(True)

    events = stream_turn(build(say=streams(say)))
    async for event in events:
        if isinstance(event, e.TextDelta):
            break
    await events.aclose()
    assert cleaned == [True]
