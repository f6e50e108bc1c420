"""Every kind of action made async for the duration of a turn, so that Burr can stream it and its hooks stay on the loop's thread.

Works around what Burr does not do (0.42 and 0.43): stream sync actions under `astream_result`; stream a `StreamingAction`
whose `stream_run` is an async generator; tell that a class-based stream raised (apache/burr#680: it is swallowed).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any, Literal, cast

from burr.core import Action, Application, State
from burr.core import application as burr_application
from burr.core.action import FunctionBasedStreamingAction, SingleStepAction
from burr.core.graph import Graph

from .threads import Worker

__all__ = ["SyncMode", "TurnGraph", "Wrapped"]

SyncMode = Literal["thread", "inline"]
"""Where sync actions run: in a thread, or on the loop, which they block."""

Item = tuple[Any, State[Any] | None]


class Wrapped(SingleStepAction):
    """One action as a single-step async one: for Burr it is the action itself in everything but how it runs.

    Attributes:
        late_error: what a stream raised after it had handed over its result; Burr keeps the result.
        worker_clock: wall and monotonic time of the last item's `yield`, None when it is being yielded right now.
    """

    def __init__(self, action: Action, worker: Worker | None, on_start: Callable[[], None]) -> None:
        super().__init__()
        self._name = action.name
        self._action = action
        self._worker = worker
        self._on_start = on_start
        self._stream: AsyncGenerator[Item, None] | None = None
        self.late_error: Exception | None = None
        self.worker_clock: tuple[float, float] | None = None

    # What hooks, trackers and Burr ask an action.

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_action"], name)

    @property
    def reads(self) -> list[str]:
        return self._action.reads

    @property
    def writes(self) -> list[str]:
        return self._action.writes

    @property
    def inputs(self) -> list[str] | tuple[list[str], list[str]]:
        return self._action.inputs

    @property
    def optional_and_required_inputs(self) -> tuple[set[str], set[str]]:
        # Burr takes the name of a `**kwargs` parameter for a required input.
        required, optional = self._action.optional_and_required_inputs
        return required - keyword_catchers(self._action), optional

    @property
    def tags(self) -> list[str]:
        return self._action.tags

    @property
    def schema(self) -> Any:
        return self._action.schema

    @property
    def streaming(self) -> bool:
        return self._action.streaming

    def is_async(self) -> bool:
        return True

    def get_source(self) -> str:
        return self._action.get_source()

    def input_schema(self) -> Any:
        return self._action.input_schema()

    # How it runs.

    def run_and_update(self, state: State[Any], **run_kwargs: Any) -> Any:  # a coroutine, as `is_async` tells Burr
        return self._run_plain(state, run_kwargs)

    async def _run_plain(self, state: State[Any], inputs: dict[str, Any]) -> Any:
        self._on_start()
        action = self._action
        run: Callable[[], Any]
        if action.single_step:
            single = cast(SingleStepAction, action)
            run = lambda: single.run_and_update(state, **_remapped(single.run_and_update, inputs))  # noqa: E731
            return await (run() if action.is_async() else self._in_worker(run))
        burr = cast(Any, burr_application)
        if action.is_async():
            result = await burr._arun_function(action, state, _remapped(action.run, inputs), action.name)
        else:
            result = await self._in_worker(lambda: burr._run_function(action, state, inputs, action.name))
        return result, burr._run_reducer(action, state, result, action.name)

    async def _in_worker(self, run: Callable[[], Any]) -> Any:
        return run() if self._worker is None else await self._worker.call(run)

    def stream_run_and_update(self, state: State[Any], **run_kwargs: Any) -> AsyncGenerator[Item, None]:
        self._stream = self._stream_any(state, run_kwargs)
        return self._stream

    async def _stream_any(self, state: State[Any], inputs: dict[str, Any]) -> AsyncGenerator[Item, None]:
        self._on_start()
        make, on_loop = _source(self._action, state, inputs)
        if on_loop:
            source = make()
        elif self._worker is None:
            source = _on_loop(make)
        else:
            source = self._worker.stream(make, self._at)
        items = self._single_step(source) if self._action.single_step else self._multi_step(source, state)
        try:
            async for item in items:
                yield item
        finally:
            # Left to the garbage collector, the user's `finally` would run some time later.
            await items.aclose()
            if hasattr(source, "aclose"):
                await source.aclose()

    async def _single_step(self, source: Any) -> AsyncGenerator[Item, None]:
        """A function-based stream: its last item brings the new state with it."""
        final = False
        try:
            async for item in source:
                if item.__class__ is dict:  # Burr 0.42 knows no bare dicts
                    yield item, None
                    continue
                final = item.__class__ is tuple and len(item) == 2 and item[1] is not None
                yield item
        except Exception as error:
            if not final:
                raise
            self.late_error = error

    async def _multi_step(self, source: Any, state: State[Any]) -> AsyncGenerator[Item, None]:
        """A class-based stream: its last item is the result, which the reducer makes a state of."""
        last: Any = None
        clock = None
        async for item in source:
            clock, self.worker_clock = self.worker_clock, clock
            if last is not None:
                yield last, None
            last = item
        name = self._action.name
        if last is None:
            raise ValueError(f"action {name!r} yielded nothing; the last item of a streaming action is its result")
        yield last, cast(Any, burr_application)._run_reducer(self._action, state, last, name)

    def _at(self, clock: tuple[float, float]) -> None:
        self.worker_clock = clock

    async def close(self) -> None:
        """Close the stream, if there is one, down to the user's generator."""
        if self._stream is not None:
            await self._stream.aclose()


def _source(action: Action, state: State[Any], inputs: dict[str, Any]) -> tuple[Callable[[], Any], bool]:
    """What makes the user's own generator, and whether it is an async one."""
    if type(action) is FunctionBasedStreamingAction:
        # Not its `stream_run_and_update`: that generator holds the user's, where nobody could close it.
        bound = cast("dict[str, Any]", action._bound_params)  # pyright: ignore[reportPrivateUsage]
        fn: Callable[..., Any] = action.fn
        return lambda: fn(state, **bound, **inputs), action.is_async()
    method: Callable[..., Any]
    if action.single_step:
        method = cast(Any, action).stream_run_and_update
    else:
        method = cast(Any, action).stream_run
    given = _remapped(method, inputs)
    return lambda: method(state, **given), action.is_async() or inspect.isasyncgenfunction(inspect.unwrap(method))


async def _on_loop(make: Callable[[], Iterable[Any]]) -> AsyncGenerator[Any, None]:
    items = make()
    try:
        for item in items:
            yield item
    finally:
        if hasattr(items, "close"):
            cast(Any, items).close()


def _remapped(method: Callable[..., Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Python mangles `__context` and `__tracer` in a class's methods; Burr minds that for sync `run` only."""
    if "__context" not in inputs and "__tracer" not in inputs:
        return inputs
    return cast(Any, burr_application)._remap_dunder_parameters(method, inputs, ["__context", "__tracer"])


def keyword_catchers(action: Action) -> set[str]:
    """The names of a function action's `*args` and `**kwargs` parameters."""
    fn = getattr(action, "_originating_fn", None)
    if fn is None:
        return set()
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {p.name for p in inspect.signature(fn).parameters.values() if p.kind in kinds}


class TurnGraph:
    """Puts wrapped actions into an application, and takes them out again.

    The graph object may be shared by applications, so the application is given a copy of it; `restore` puts the old one back.
    """

    def __init__(self, app: Application[Any], mode: SyncMode) -> None:
        self._app = app
        self._original = cast(Graph, cast(Any, app)._graph)
        self.worker = Worker() if mode == "thread" else None
        self._pinned: Wrapped | None = None
        graph = copy.copy(self._original)
        find_next = graph.get_next_node

        def get_next_node(prior_step: str | None, state: State[Any], entrypoint: str) -> Action | None:
            # Until the action runs, Burr is told the one that was announced: asking a condition twice may give two answers.
            return self._pinned or find_next(prior_step, state, entrypoint)

        cast(Any, graph).get_next_node = get_next_node
        cast(Any, app)._graph = graph

    def pin(self, name: str) -> Wrapped:
        """The wrapped action of that name, which is the next one until it starts."""
        action = cast(Any, self._original)._action_map[name]
        self._pinned = Wrapped(action, self.worker, self._unpin)
        return self._pinned

    def _unpin(self) -> None:
        self._pinned = None

    def restore(self) -> None:
        """The application has its own graph again, and the thread ends."""
        cast(Any, self._app)._graph = self._original
        self._pinned = None
        if self.worker is not None:
            self.worker.shutdown()
