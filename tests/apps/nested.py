"""Applications whose actions start applications of their own, in every way that there is, or open spans and log attributes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, ApplicationContext, State, action
from burr.core.action import streaming_action
from burr.visibility import TracerFactory, trace

from burr_chat_widget.bridge import stream_turn

from .gates import acome_to, come_to


def inner_builder(app_id: str, *, on_loop: bool) -> ApplicationBuilder:
    """Of `inner`."""

    @action(reads=[], writes=["thought"])
    def think(state: State) -> State:
        come_to("think")
        return state.update(thought="deep")

    @streaming_action(reads=["thought"], writes=["said"])
    def say(state: State) -> Generator[tuple[dict[str, Any], State | None], None, None]:
        yield {"word": "so "}, None
        come_to("say")
        yield {"word": "it is"}, None
        yield {"said": "so it is"}, state.update(said="so it is")

    @action(reads=[], writes=["thought"])
    async def athink(state: State) -> State:
        await acome_to("think")
        return state.update(thought="deep")

    @streaming_action(reads=["thought"], writes=["said"])
    async def asay(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
        yield {"word": "so "}, None
        await acome_to("say")
        yield {"word": "it is"}, None
        yield {"said": "so it is"}, state.update(said="so it is")

    actions = {"think": athink, "say": asay} if on_loop else {"think": think, "say": say}
    return (
        ApplicationBuilder()
        .with_actions(**actions)
        .with_transitions(("think", "say"))
        .with_entrypoint("think")
        .with_identifiers(app_id=app_id)
    )


def inner(app_id: str = "inner", *, on_loop: bool) -> Application:
    """The graph is think -> say: passes the gate `think`, then streams two items, the gate `say` between them."""
    return inner_builder(app_id, on_loop=on_loop).build()


SYNC_WAYS = ("run", "step", "iterate", "stream_result", "stream_iterate")
ASYNC_WAYS = ("arun", "astep", "aiterate", "astream_result", "astream_iterate", "stream_turn")


def drive(app: Application, way: str) -> None:
    """Run `inner` to its end."""
    match way:
        case "run":
            app.run(halt_after=["say"])
        case "step":
            app.step()
            app.step()
        case "iterate":
            list(app.iterate(halt_after=["say"]))
        case "stream_result":
            list(app.stream_result(halt_after=["say"])[1])
        case "stream_iterate":
            for _, items in app.stream_iterate(halt_after=["say"]):
                list(items)
        case _:
            raise ValueError(way)


async def adrive(app: Application, way: str) -> None:
    """Run `inner`, with async actions, to its end."""
    match way:
        case "arun":
            await app.arun(halt_after=["say"])
        case "astep":
            await app.astep()
            await app.astep()
        case "aiterate":
            [_ async for _ in app.aiterate(halt_after=["say"])]
        case "astream_result":
            [_ async for _ in (await app.astream_result(halt_after=["say"]))[1]]
        case "astream_iterate":
            async for _, items in app.astream_iterate(halt_after=["say"]):
                [_ async for _ in items]
        case "stream_turn":
            [_ async for _ in stream_turn(app)]
        case _:
            raise ValueError(way)


def nesting(
    way: str,
    *,
    streaming: bool = False,
    spawned: bool = False,
    made: Application | None = None,
    app_id: str = "outer",
    deeper: bool = False,
) -> Application:
    """An application whose one action runs `inner` that way.

    Args:
        way: one of `SYNC_WAYS` or `ASYNC_WAYS`, which says too of what kind the actions are.
        streaming: whether the action streams an item before and one after.
        spawned: whether the action says that it is the parent.
        made: the inner application, made for each run when None.
        app_id: the outer application's.
        deeper: run `nesting` itself inside, and `inner` in that.
    """
    on_loop = way in ASYNC_WAYS

    def make(context: ApplicationContext) -> Application:
        if made is not None:
            return made
        builder = inner_builder("inner", on_loop=on_loop)
        if spawned:
            builder = builder.with_spawning_parent(context.app_id, context.sequence_id, context.partition_key)
        return builder.build()

    def run(context: ApplicationContext) -> None:
        if deeper:
            nesting(way, app_id="middle", spawned=spawned).run(halt_after=["work"])
        else:
            drive(make(context), way)

    async def arun(context: ApplicationContext) -> None:
        if deeper:
            await nesting(way, app_id="middle", spawned=spawned).arun(halt_after=["work"])
        else:
            await adrive(make(context), way)

    @action(reads=[], writes=["done"])
    def work(state: State, __context: ApplicationContext) -> State:
        run(__context)
        return state.update(done=True)

    @action(reads=[], writes=["done"])
    async def awork(state: State, __context: ApplicationContext) -> State:
        await arun(__context)
        return state.update(done=True)

    @streaming_action(reads=[], writes=["done"])
    def work_streaming(state: State, __context: ApplicationContext) -> Generator[Any, None, None]:
        yield {"text": "before "}, None
        run(__context)
        yield {"text": "after"}, None
        yield {}, state.update(done=True)

    @streaming_action(reads=[], writes=["done"])
    async def awork_streaming(state: State, __context: ApplicationContext) -> AsyncGenerator[Any, None]:
        yield {"text": "before "}, None
        await arun(__context)
        yield {"text": "after"}, None
        yield {}, state.update(done=True)

    actions = {(False, False): work, (True, False): awork, (False, True): work_streaming, (True, True): awork_streaming}
    chosen = actions[on_loop, streaming]
    return (
        ApplicationBuilder().with_actions(work=chosen).with_entrypoint("work").with_identifiers(app_id=app_id).build()
    )


# Spans and attributes.


@trace()
def measured(length: int) -> int:
    """A traced function."""
    return length * 2


@trace(span_name="awaited", capture_inputs=False)
async def ameasured(length: int) -> int:
    """A traced coroutine function."""
    return length * 2


def traced() -> Application:
    """Three actions, sync_work, async_work and streaming_work, open spans and log attributes."""

    @action(reads=[], writes=["sync"])
    def sync_work(state: State, __tracer: TracerFactory) -> State:
        __tracer.log_attributes(where="step")
        with __tracer("outside") as outside:
            outside.log_attributes(where="span", size=3)
            with __tracer("within"):
                come_to("within")
        measured(4)
        with contextlib.suppress(ValueError), __tracer("broken"):
            raise ValueError("inside the span")
        return state.update(sync=True)

    @action(reads=[], writes=["threads"])
    async def async_work(state: State, __tracer: TracerFactory) -> State:
        async with __tracer("outside"):
            with __tracer("within"):
                await acome_to("async within")

        def in_thread() -> None:
            with __tracer("in a thread") as span:
                span.log_attribute("thread", "another")

        thread = threading.Thread(target=in_thread)
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.to_thread(in_thread)
        await ameasured(4)
        return state.update(threads=True)

    @streaming_action(reads=[], writes=["streamed"])
    async def streaming_work(state: State, __tracer: TracerFactory) -> AsyncGenerator[Any, None]:
        with __tracer("while it streams"):
            yield {"text": "one "}, None
            yield {"text": "two"}, None
        yield {}, state.update(streamed=True)

    return (
        ApplicationBuilder()
        .with_actions(sync_work=sync_work, async_work=async_work, streaming_work=streaming_work)
        .with_transitions(("sync_work", "async_work"), ("async_work", "streaming_work"))
        .with_entrypoint("sync_work")
        .with_identifiers(app_id="traced")
        .build()
    )
