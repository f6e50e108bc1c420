"""Sync streams in a thread: batched, held back, closed, in the caller's context."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from burr.core import ApplicationContext, State
from burr.core.action import StreamingAction

from apps.graphs import build, does, streams
from apps.reading import collect, only, text_of, types
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.bridge.threads import HELD_BACK, Worker
from burr_chat_widget.protocol import events as e

where: contextvars.ContextVar[str] = contextvars.ContextVar("where", default="nowhere")


async def test_the_generator_is_held_when_nobody_reads() -> None:
    made = 0
    worker = Worker()
    over_the_limit = threading.Event()

    def source() -> Iterator[int]:
        nonlocal made
        for made in range(HELD_BACK * 3):
            if made > HELD_BACK:
                over_the_limit.set()
            yield made

    stream = worker.stream(source, lambda _: None)
    assert await anext(stream) == 0
    # The first item may have been taken before or after the thread counts: it waits at the limit or one item later.
    while made < HELD_BACK - 1:  # noqa: ASYNC110 - the thread tells nobody that it waits
        await asyncio.sleep(0)
    assert not over_the_limit.is_set()
    assert [item async for item in stream] == list(range(1, HELD_BACK * 3))
    assert over_the_limit.is_set()
    worker.shutdown()


async def test_closing_ends_a_held_generator() -> None:
    worker = Worker()
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    stream = worker.stream(source, lambda _: None)
    await anext(stream)
    await stream.aclose()
    assert closed.is_set()
    worker.shutdown()


@pytest.mark.parametrize("in_class", [False, True])
async def test_delta_times_are_those_of_the_yield(in_class: bool) -> None:
    """Items that wait in the thread while the loop is busy, or are held back, keep their own times."""
    yielded: list[float] = []
    all_out = threading.Event()

    def words() -> Iterator[dict[str, str]]:
        for word in ("a", "b"):
            yielded.append(time.monotonic())
            yield {"delta": word}
        yielded.append(time.monotonic())
        all_out.set()

    def say(state: State) -> Any:
        yield from words()
        yield {}, state

    class Say(StreamingAction):
        reads: list[str] = []
        writes: list[str] = []

        def stream_run(self, state: State) -> Any:  # noqa: ARG002
            yield from words()
            yield {"done": True}

        def update(self, result: dict, state: State) -> State:  # noqa: ARG002
            return state

    told: list[float] = []
    async for event in stream_turn(build(say=Say() if in_class else streams(say))):
        if isinstance(event, e.TextDelta):
            assert all_out.wait(60)
            told.append(event.monotonic)
    assert yielded[0] <= told[0] <= yielded[1] <= told[1] <= yielded[2]


async def test_context_of_the_caller() -> None:
    """What an action prints lands where the caller's context says."""

    def plain(state: State) -> State:
        return state.update(plain=where.get())

    def stream(state: State) -> Any:
        yield {"delta": where.get()}
        yield {}, state

    where.set("here")
    app = build(("plain", "stream"), plain=does(plain, writes=["plain"]), stream=streams(stream))
    events = await collect(stream_turn(app))
    assert app.state["plain"] == "here"
    assert text_of(events) == "here"


async def test_one_thread_for_a_turn() -> None:
    """What is bound to a thread, such as an SQLite connection, can go from one action to the next."""

    def connect(state: State) -> State:
        return state.update(db=sqlite3.connect(":memory:"))

    def use(state: State) -> State:
        with state["db"] as db:
            (one,) = db.execute("select 1").fetchone()
        state["db"].close()
        return state.update(one=one)

    app = build(("connect", "use"), connect=does(connect, writes=["db"]), use=does(use, reads=["db"], writes=["one"]))
    await collect(stream_turn(app))
    assert app.state["one"] == 1


async def test_application_context_in_plain_actions() -> None:
    def plain(state: State) -> State:
        context = ApplicationContext.get()
        assert context is not None
        return state.update(app=context.app_id)

    app = build(plain=does(plain, writes=["app"]))
    await collect(stream_turn(app))
    assert app.state["app"] == app.uid


async def test_the_loop_runs_on_beside_a_stream_that_never_waits() -> None:
    """Otherwise nobody could stop it."""
    from burr_chat_widget.bridge import TurnControl

    async def forever(state: State) -> Any:
        while True:
            yield {"delta": "x"}
        yield {}, state

    control = TurnControl()
    asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(control.stop))
    events = await collect(stream_turn(build(forever=streams(forever)), control=control))
    assert types(events)[-1] == "turn-stopped"


async def test_endless_loops_can_be_stopped() -> None:
    from burr_chat_widget.bridge import TurnControl

    control = TurnControl()
    steps = 0

    def count(state: State) -> State:
        nonlocal steps
        steps += 1
        if steps == 50:
            loop.call_soon_threadsafe(control.stop)
        return state

    loop = asyncio.get_running_loop()
    events = await collect(stream_turn(build(("count", "count"), count=does(count)), control=control))
    assert only(events, e.TurnStopped).next_action == "count"
    assert steps >= 50
