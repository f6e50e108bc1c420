"""Spans and attributes are told, while the action runs; and what happens inside a step is told of no other, and to its end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from burr.core import Application, ApplicationBuilder, ApplicationContext, State, action
from burr.core.action import streaming_action
from burr.visibility import TracerFactory

from apps import gates, nested, parallel
from apps.graphs import build, does, streams
from apps.reading import collect, text_of, types, visible
from apps.trees import (
    EACH,
    ONE,
    SHOUT,
    only_this_task,
    ran,
    read_until,
    told_inside,
    tree,
)
from burr_chat_widget.bridge import TurnControl, private, stream_turn
from burr_chat_widget.protocol import events as e


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whoever waits at a gate is let go, and nobody listens to Burr's hooks after a turn."""
    yield
    gates.release()
    assert private._watchers == {}


# Spans and attributes.


async def test_spans() -> None:
    events = await collect(stream_turn(nested.traced()))
    assert tree(events) == [
        "[where='step']",
        "span broken -> failed ValueError: inside the span",
        "span measured [length=4 return=8] -> done",
        "span outside [where='span' size=3] -> done",
        "  span within -> done",
        "span awaited [return=8] -> done",
        "span in a thread [thread='another'] -> done",
        "span in a thread [thread='another'] -> done",
        "span outside -> done",
        "  span within -> done",
        "span while it streams -> done",
    ]
    around = [x for x in types(events) if x in ("span-started", "text-delta", "span-finished")]
    assert around[-4:] == ["span-started", "text-delta", "text-delta", "span-finished"]


@pytest.mark.parametrize(("gate", "step"), [("within", 0), ("async within", 1)])
async def test_spans_are_told_while_the_action_runs(gate: str, step: int) -> None:
    gates.hold(gate)
    events = stream_turn(nested.traced())
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: sum(isinstance(x, e.StepStarted) for x in seen) == step + 1)
    await read_until(events, seen, lambda: "  span within ..." in tree(seen))
    assert sum(isinstance(x, e.StepFinished) for x in seen) == step
    assert any(line.startswith("span outside") and line.endswith("...") for line in tree(seen))
    gates.release(gate)
    assert types(await collect(events))[-1] == "turn-completed"


async def test_too_many_attributes() -> None:
    """What is left out is told, once."""

    def work(state: State, __tracer: TracerFactory) -> State:
        for n in range(3):
            __tracer.log_attributes(**{f"a{n}_{i}": i for i in range(501)})
        return state

    events = await collect(stream_turn(build(work=does(work))))
    logged = [event.attributes for event in events if isinstance(event, e.AttributesLogged)]
    assert [len(attributes) for attributes in logged] == [501, 499]
    told = [event.text for event in events if isinstance(event, e.Notice) and event.step is not None]
    assert told == ["More than 1,000 attributes in this step: the others are not shown."]


async def test_spans_of_an_action_inside() -> None:
    """A span of a nested action is inside of that; an application that it starts is, too."""

    @action(reads=[], writes=[])
    async def work(state: State, __tracer: TracerFactory) -> State:
        with __tracer("careful") as span:
            span.log_attributes(care=1)
            await nested.inner(on_loop=True).arun(halt_after=["say"])
        return state

    async def outer(state: State) -> State:
        app = (
            ApplicationBuilder().with_actions(work=work).with_entrypoint("work").with_identifiers(app_id="app").build()
        )
        await app.arun(halt_after=["work"])
        return state

    events = await collect(stream_turn(build(outer=does(outer))))
    assert tree(events) == [
        "app app -> done",
        "  action work -> done",
        *ran("arun", 2),
        "    span careful [care=1] -> done",
    ]


# Turns that are ended early.


@pytest.mark.parametrize("kind", ["map-states", "map-states-on-loop"])
@pytest.mark.parametrize("held", ["waiting", "at an event"])
async def test_stopped_in_the_middle(kind: str, held: str) -> None:
    gates.hold("two")
    app = parallel.application(kind)
    before = visible(app)
    control = TurnControl()
    events = stream_turn(app, {"prompt": "one two"}, control=control)
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: ONE in tree(seen, named=False))
    if held == "waiting":
        await read_until(events, seen, lambda: sum(isinstance(x, e.SpanStarted) for x in seen) == 4)
        reading = asyncio.ensure_future(collect(events))
        await asyncio.sleep(0)  # it waits for the children
        control.stop()
        seen += await reading
    else:
        control.stop()
        seen += await collect(events)
    assert types(seen)[-2:] == ["step-finished", "turn-stopped"]
    assert tree(seen, named=False)[:2] == [ONE, SHOUT]
    assert all(line.endswith("-> stopped") for line in tree(seen, named=False)[2:])
    assert visible(app) == before
    gates.release()
    again = await collect(stream_turn(app, {"prompt": "one two"}))
    assert tree(again, named=False) == EACH
    assert types(again)[-1] == "turn-completed"


@pytest.mark.parametrize("way", ["arun", "astep", "aiterate", "astream_result", "stream_turn"])
@pytest.mark.parametrize("gate", ["think", "say"])
async def test_stopped_inside_of_a_nested_application(way: str, gate: str) -> None:
    """Burr tells its hooks that a cancelled action has ended well."""
    gates.hold(gate)
    app, control = nested.nesting(way), TurnControl()
    events = stream_turn(app, control=control)
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: f"  action {gate} ..." in tree(seen))
    control.stop()
    seen += await collect(events)
    assert types(seen)[-2:] == ["step-finished", "turn-stopped"]
    assert f"  action {gate} -> stopped" in [line.split(" 1 items")[0] for line in tree(seen)]
    assert tree(seen)[0].startswith("app inner -> stopped")
    gates.release()
    assert tree(await collect(stream_turn(app))) == ran(way)


@pytest.mark.parametrize("make", [
    lambda: parallel.application("map-states", words=["one", "two"]),
    lambda: parallel.application("map-states-on-loop", words=["one", "two"]),
    lambda: nested.nesting("astream_result", streaming=True),
    lambda: nested.nesting("stream_turn"),
    lambda: nested.nesting("run", deeper=True),
    nested.traced,
])  # fmt: skip
@pytest.mark.parametrize("how", ["close", "stop", "cancel"])
async def test_ended_at_any_event(make: Callable[[], Application], how: str) -> None:
    """Nothing goes on behind a turn that is left, and the application can be used at once."""
    count = len(await collect(stream_turn(make(), {"prompt": ""})))
    for point in range(count - 1):
        app, control = make(), TurnControl()
        before = visible(app)
        events = stream_turn(app, {"prompt": ""}, control=control)
        seen = [await anext(events) for _ in range(point + 1)]
        if how == "stop":
            control.stop()
            seen += await collect(events)
            completed = types(seen)[-1] == "turn-completed"
            assert completed or types(seen)[-1] == "turn-stopped"
            assert not any(line.endswith("...") for line in tree(seen))
        else:
            completed = False
            if how == "cancel":
                rest = asyncio.ensure_future(collect(events))
                await asyncio.sleep(0)  # it goes on to where it waits, or to the end
                rest.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    completed = types(await rest)[-1] == "turn-completed"
            await events.aclose()
        assert completed or visible(app) == before
        assert await only_this_task()
        assert private._watchers == {}
        if not completed or app.get_next_action() is not None:
            assert types(await collect(stream_turn(app, {"prompt": ""})))[-1] == "turn-completed"


# What belongs to whom.


async def test_more_than_a_page_can_bear() -> None:
    @action(reads=[], writes=[])
    def busy(state: State, __tracer: TracerFactory) -> State:
        for number in range(1200):
            with __tracer("again") as span:
                span.log_attributes(number=number)
        return state

    events = await collect(stream_turn(build(busy=busy)))
    assert len(tree(events)) == 1000
    assert [x.text for x in events if isinstance(x, e.Notice) and x.step == 0] == [
        "More than 1,000 spans in this step: the others are not shown.",
        "More than 1,000 attributes in this step: the others are not shown.",
    ]
    assert sum(isinstance(x, e.AttributesLogged) for x in events) == 1000


@pytest.mark.parametrize("kind", ["map-states", "map-states-on-loop"])
def test_turns_at_the_same_time(kind: str) -> None:
    """In other threads, on other loops, even under the same names: each tells its own children."""
    together = threading.Barrier(3)
    turns: dict[str, list[e.TurnEvent]] = {}

    async def turn(word: str) -> None:
        gates.hold(word)
        events = stream_turn(parallel.application(kind), {"prompt": word})
        seen: list[e.TurnEvent] = []
        await read_until(events, seen, lambda: sum(isinstance(x, e.SpanStarted) for x in seen) == 2)
        await asyncio.to_thread(together.wait, gates.PATIENCE)
        gates.release(word)
        turns[word] = seen + await collect(events)

    threads = [threading.Thread(target=lambda word=word: asyncio.run(turn(word))) for word in ("red", "green", "blue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for word, events in turns.items():
        assert tree(events, named=False) == [f"app word='{word}' -> done loud:'{word.upper()}'", SHOUT]
    assert len(turns) == 3


@pytest.mark.parametrize("way", ["run", "arun", "astream_result", "stream_turn"])
@pytest.mark.parametrize("streaming", [False, True])
async def test_what_the_consumer_runs_between_two_events_is_no_child(way: str, streaming: bool) -> None:
    seen: list[e.TurnEvent] = []
    tasks: list[asyncio.Task[Any]] = []
    async for event in stream_turn(nested.nesting(way, streaming=streaming)):
        seen.append(event)
        await nested.inner("consumer's", on_loop=True).arun(halt_after=["say"])
        nested.inner("consumer's, in sync", on_loop=False).run(halt_after=["say"])
        other = nested.inner("consumer's, in a task", on_loop=True)
        tasks.append(asyncio.create_task(other.arun(halt_after=["say"])))
    await asyncio.gather(*tasks)
    assert tree(seen) == ran(way)


async def test_nothing_is_told_after_the_steps_end() -> None:
    """What a step leaves running is not told as a part of the next one."""
    gates.hold("think")
    left: list[asyncio.Task[Any]] = []

    @action(reads=[], writes=[])
    async def first(state: State, __context: ApplicationContext, __tracer: TracerFactory) -> State:
        async def later() -> None:
            with __tracer("begun in time"):
                await nested.inner("left", on_loop=True).arun(halt_after=["say"])
            with __tracer("too late"):
                __tracer.log_attributes(too="late")
            builder = nested.inner_builder("child", on_loop=True)
            await builder.with_spawning_parent(__context.app_id, __context.sequence_id).build().arun(halt_after=["say"])

        left.append(asyncio.create_task(later()))
        await asyncio.sleep(0)
        return state

    @action(reads=[], writes=[])
    async def second(state: State) -> State:
        gates.release("think")
        await left[0]
        return state

    app = build(("first", "second"), first=first, second=second)
    events = await collect(stream_turn(app))
    assert [line for line in tree(events) if not line.startswith(" ")] == [
        "app left -> done",
        "span begun in time -> done",
    ]
    assert {x.step for x in told_inside(events)} == {0}
    finished = types(events).index("step-finished")
    assert not told_inside(events[finished:])


async def test_a_thread_that_serves_several_turns() -> None:
    """Threads of a pool have contexts of their own, and what was remembered there of one turn is not taken for another."""
    with ThreadPoolExecutor(1) as pool:

        def run(context: ApplicationContext) -> None:
            builder = nested.inner_builder("inner", on_loop=False)
            builder.with_spawning_parent(context.app_id, context.sequence_id).build().run(halt_after=["say"])

        @action(reads=[], writes=[])
        async def work(state: State, __context: ApplicationContext) -> State:
            await asyncio.get_running_loop().run_in_executor(pool, run, __context)
            return state

        for _ in range(2):
            assert tree(await collect(stream_turn(build(work=work)))) == ran("run")


async def test_deltas_and_what_happens_between_them_come_in_order() -> None:
    @streaming_action(reads=[], writes=[])
    def work(state: State, __tracer: TracerFactory) -> Any:
        for number in range(50):
            with __tracer(str(number)):
                yield {"text": str(number)}, None
        yield {}, state

    events = await collect(stream_turn(build(work=work)))
    told = [x for x in events if isinstance(x, (e.SpanStarted, e.TextDelta))]
    expected = [(kind, str(number)) for number in range(50) for kind in ("span-started", "text-delta")]
    assert [
        (kind, x.name if isinstance(x, e.SpanStarted) else x.text) for kind, x in zip(types(told), told, strict=True)
    ] == expected


async def test_a_stream_that_starts_something_between_two_deltas() -> None:
    async def work(state: State) -> Any:
        yield {"text": "one "}, None
        yield {"text": "two "}, None
        await nested.inner(on_loop=True).arun(halt_after=["say"])
        yield {"text": "three"}, None
        yield {}, state

    gates.hold("think")
    events = stream_turn(build(work=streams(work)))
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: "  action think ..." in tree(seen))
    assert text_of(seen) == "one two "
    gates.release()
    seen += await collect(events)
    assert (tree(seen), text_of(seen)) == (ran("arun"), "one two three")
