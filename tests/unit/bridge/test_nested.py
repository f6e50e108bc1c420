"""Applications that actions start are told, while they run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from burr.core import ApplicationBuilder, State

from apps import gates, nested
from apps.graphs import build, does
from apps.reading import collect, plain, text_of, types
from apps.trees import THINK, ran, read_until, tree
from burr_chat_widget.bridge import private, stream_turn
from burr_chat_widget.protocol import events as e


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whoever waits at a gate is let go, and nobody listens to Burr's hooks after a turn."""
    yield
    gates.release()
    assert private._watchers == {}


WAYS = [*nested.SYNC_WAYS, *nested.ASYNC_WAYS]


@pytest.mark.parametrize("origin", ["made", "spawned", "reused"])
@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("way", WAYS)
async def test_nested(way: str, streaming: bool, origin: str) -> None:
    made = nested.inner(on_loop=way in nested.ASYNC_WAYS) if origin == "reused" else None
    app = nested.nesting(way, streaming=streaming, spawned=origin == "spawned", made=made)
    events = await collect(stream_turn(app))
    assert tree(events) == ran(way)
    assert types(events)[-1] == "turn-completed"
    if streaming:
        told = [x for x in types(events) if x in ("text-delta", "span-started")]
        assert told == ["text-delta", "span-started", "span-started", "span-started", "text-delta"]


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("way", WAYS)
async def test_nested_is_told_while_it_runs(way: str, streaming: bool) -> None:
    gates.hold("think", "say")
    events = stream_turn(nested.nesting(way, streaming=streaming))
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: "  action think ..." in tree(seen))
    assert tree(seen) == ["app inner ...", "  action think ..."]
    assert text_of(seen) == ("before " if streaming else "")
    gates.release("think")
    await read_until(events, seen, lambda: "  action say ..." in tree(seen))
    assert tree(seen) == ["app inner ...", "  action say ...", f"  {THINK}"]
    gates.release("say")
    seen += await collect(events)
    assert tree(seen) == ran(way)
    assert text_of(seen) == ("before after" if streaming else "")


@pytest.mark.parametrize("spawned", [False, True])
@pytest.mark.parametrize("way", ["run", "arun"])
async def test_nested_in_nested(way: str, spawned: bool) -> None:
    events = await collect(stream_turn(nested.nesting(way, deeper=True, spawned=spawned)))
    assert tree(events) == ["app middle -> done done:True", "  action work -> done", *ran(way, 2)]


async def test_a_turn_in_a_turn_in_a_turn() -> None:
    """Each turn tells what happens in it; the outer ones tell all of it."""
    within: list[e.TurnEvent] = []

    async def middle(state: State) -> State:
        within.extend(await collect(stream_turn(nested.nesting("stream_turn", app_id="middle"))))
        return state

    events = await collect(stream_turn(build(middle=does(middle))))
    assert tree(within) == ran("stream_turn")
    assert tree(events) == ["app middle -> done done:True", "  action work -> done", *ran("stream_turn", 2)]


async def test_the_whole_list() -> None:
    events = await collect(stream_turn(nested.nesting("astream_result", streaming=True)))
    assert plain(events) == [
        {"type": "turn-started", "next_action": "work", "editable": False},
        {"type": "step-started", "step": 0, "action": "work", "streaming": True},
        {"type": "text-delta", "step": 0, "text": "before "},
        {"type": "span-started", "step": 0, "span": 1, "kind": "application", "name": "inner"},
        {"type": "span-started", "step": 0, "span": 2, "kind": "action", "name": "think", "parent": 1},
        {"type": "span-finished", "step": 0, "span": 2, "status": "done", "deltas": 0},
        {"type": "span-started", "step": 0, "span": 3, "kind": "action", "name": "say", "parent": 1},
        {"type": "span-finished", "step": 0, "span": 3, "status": "done", "deltas": 2},
        {"type": "text-delta", "step": 0, "text": "after"},
        {
            "type": "span-finished",
            "step": 0,
            "span": 1,
            "status": "done",
            "deltas": 2,
            "changes": [
                {"key": "thought", "change": "added", "before": None, "after": "'deep'"},
                {"key": "said", "change": "added", "before": None, "after": "'so it is'"},
            ],
        },
        {
            "type": "state-changed",
            "step": 0,
            "changes": [{"key": "done", "change": "added", "before": None, "after": "True"}],
        },
        {"type": "step-finished", "step": 0, "action": "work", "status": "done", "deltas": 2},
        {"type": "turn-completed"},
    ]


async def test_streams_inside_that_take_turns() -> None:
    """What begins between two items of a nested stream, and outlasts it, is none of its parts for long."""

    async def both(state: State) -> State:
        first, second = (nested.inner(name, on_loop=True) for name in ("first", "second"))
        one = (await first.astream_result(halt_after=["say"]))[1].__aiter__()
        await anext(one)
        other = (await second.astream_result(halt_after=["say"]))[1].__aiter__()
        await anext(other)
        [_ async for _ in one]
        [_ async for _ in other]
        await nested.inner("third", on_loop=True).arun(halt_after=["say"])
        return state

    events = await collect(stream_turn(build(both=does(both))))
    starts = {x.name: x.parent for x in events if isinstance(x, e.SpanStarted) and x.kind == "application"}
    assert (starts["first"], starts["third"]) == (None, None)
    assert [x.status for x in events if isinstance(x, e.SpanFinished)] == ["done"] * 9


@pytest.mark.parametrize("way", ["run", "arun", "step", "astep"])
async def test_a_nested_application_that_fails_and_is_run_again(way: str) -> None:
    """Its error is its own where the action goes on without it."""
    tries = iter([ValueError("at first"), None])

    def attempt(state: State) -> State:
        error = next(tries)
        if error is not None:
            raise error
        return state

    async def aattempt(state: State) -> State:
        return attempt(state)

    inside = (
        ApplicationBuilder()
        .with_actions(attempt=does(aattempt if way.startswith("a") else attempt))
        .with_transitions(("attempt", "attempt"))
        .with_entrypoint("attempt")
        .with_identifiers(app_id="inside")
        .build()
    )
    arguments = {"halt_after": ["attempt"]} if way.endswith("run") else {}

    async def retry(state: State) -> State:
        for _ in range(2):
            try:
                done = getattr(inside, way)(**arguments)
                if asyncio.iscoroutine(done):
                    await done
            except ValueError:
                pass
        return state

    events = await collect(stream_turn(build(retry=does(retry))))
    failed = "action attempt -> failed ValueError: at first"
    if way.endswith("run"):
        expected = [
            "app inside -> done",
            "  action attempt -> done",
            "app inside -> failed ValueError: at first",
            f"  {failed}",
        ]
    else:
        expected = ["app inside -> done", "  action attempt -> done", f"  {failed}"]
    assert tree(events) == expected
    assert types(events)[-1] == "turn-completed"
