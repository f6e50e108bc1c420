"""Every kind of action made async for the duration of a turn, so that Burr can stream it and its hooks stay on the loop's thread.

Works around what Burr does not do (0.42 and 0.43): stream sync actions under `astream_result`; stream a `StreamingAction`
whose `stream_run` is an async generator; tell that a class-based stream raised (apache/burr#680: it is swallowed).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import AsyncGenerator, Callable
from typing import Any, Literal

from burr.core import Action, Application, State
from burr.core.action import SingleStepAction

from . import private
from .holds import Holds
from .spans import Spans
from .threads import Worker

__all__ = ["SyncMode", "TurnGraph", "Wrapped", "keyword_catchers"]

SyncMode = Literal["thread", "inline"]
"""Where sync actions run: in a thread, or on the loop, which they block."""


class Wrapped(SingleStepAction):
    """One action as a single-step async one: for Burr it is the action itself in everything but how it runs.

    Hooks are told of the action itself, which they may compare, copy or ask for its class: see `private.watch_hooks`.

    Attributes:
        late_error: what a stream raised after it had handed over its result; Burr keeps the result.
        clock: wall and monotonic time at which the item at hand was yielded in its thread, None without a thread.
    """

    def __init__(self, action: Action, worker: Worker | None, on_start: Callable[[], None], spans: Spans) -> None:
        super().__init__()
        self._name = action.name
        self._action: Any = action
        self._worker = worker
        self._on_start = on_start
        self._spans = spans
        self._stream: AsyncGenerator[Any, None] | None = None
        self.late_error: Exception | None = None
        self.clock: tuple[float, float] | None = None

    # What Burr asks an action.

    @property
    def wrapped_action(self) -> Action:
        return self._action

    def __getattr__(self, name: str) -> Any:
        if name == "_action":  # while it is copied, it has nothing yet
            raise AttributeError(name)
        return getattr(self._action, name)

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

    async def run_and_update(self, state: State[Any], **run_kwargs: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._on_start()
        action = self._action
        given = self._spans.inputs(run_kwargs)
        if action.single_step:
            inputs = private.remap_inputs(action.run_and_update, given)
            return await self._call(lambda: action.run_and_update(state, **inputs))
        result = await self._call(lambda: private.run_class_action(action, state, given))
        return result, private.reduce_result(action, state, result)

    async def _call(self, run: Callable[[], Any]) -> Any:
        if self._action.is_async():
            return await run()
        return run() if self._worker is None else await self._worker.call(run)

    def stream_run_and_update(self, state: State[Any], **run_kwargs: Any) -> AsyncGenerator[Any, None]:
        """The action's items and last its result, each with the state that Burr expects beside it."""
        self._stream = self._items(state, run_kwargs)
        return self._stream

    async def _items(self, state: State[Any], inputs: dict[str, Any]) -> AsyncGenerator[Any, None]:
        self._on_start()
        action = self._action
        make, on_loop = self._source(state, self._spans.inputs(inputs))
        if on_loop:
            source = make()
        elif self._worker is None:
            source = _on_loop(make)
        else:
            source = self._worker.stream(make, self._at)
        last: Any = None
        clock: tuple[float, float] | None = None
        try:
            if action.single_step:
                async for last in source:
                    if last.__class__ is dict:  # Burr 0.42 knows no bare dicts
                        yield last, None
                    else:
                        yield last
            else:
                # One item is held back: the last one is the result, which the reducer makes a state of. Of a stream that breaks off it is
                # never shown: it may have been the result, and the whole answer would stand there twice.
                async for item in source:
                    clock, self.clock = self.clock, clock
                    if last is not None:
                        yield last, None
                    self.clock, last = clock, item
                if last is None:
                    raise ValueError(
                        f"action {action.name!r} yielded nothing; the last item of a streaming action is its result"
                    )
                yield last, private.reduce_result(action, state, last)
        except Exception as error:
            if not action.single_step or not _is_result(last):
                raise
            self.late_error = error
        finally:
            # Left to the garbage collector, the user's `finally` would run some time later.
            if hasattr(source, "aclose"):
                await source.aclose()

    def _source(self, state: State[Any], inputs: dict[str, Any]) -> tuple[Callable[[], Any], bool]:
        """What makes the user's own generator, and whether it is an async one."""
        action = self._action
        if private.is_function_stream(action):
            # Not its `stream_run_and_update`: that generator holds the user's, where nobody could close it.
            bound = private.bound_parameters(action)
            return lambda: action.fn(state, **bound, **inputs), action.is_async()
        method = action.stream_run_and_update if action.single_step else action.stream_run
        given = private.remap_inputs(method, inputs)
        return lambda: method(state, **given), action.is_async() or inspect.isasyncgenfunction(inspect.unwrap(method))

    def _at(self, clock: tuple[float, float]) -> None:
        self.clock = clock

    async def close(self) -> None:
        """Close the stream, if there is one, down to the user's generator."""
        if self._stream is not None:
            await self._stream.aclose()


async def _on_loop(make: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    items = make()
    try:
        for item in items:
            yield item
    finally:
        if hasattr(items, "close"):
            items.close()


def _is_result(item: Any) -> bool:
    """Whether a single-step stream has handed over its result with this, a pair of it and the new state."""
    return item.__class__ is tuple and len(item) == 2 and item[1] is not None


def keyword_catchers(action: Action) -> set[str]:
    """The names of a function action's `*args` and `**kwargs` parameters."""
    fn = private.original_function(action)
    if fn is None:
        return set()
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {p.name for p in inspect.signature(fn).parameters.values() if p.kind in kinds}


class TurnGraph:
    """Puts wrapped actions into an application, and takes them out again.

    The application is given a copy of its graph, so that whoever else holds it sees no change; `restore` puts it back.
    """

    def __init__(self, app: Application[Any], mode: SyncMode, holds: Holds) -> None:
        self._app = app
        self._original = private.get_graph(app)
        self._worker = Worker(lambda: holds.one_by_one) if mode == "thread" else None
        self._pinned: Wrapped | None = None
        graph: Any = copy.copy(self._original)
        find_next = graph.get_next_node

        def get_next_node(prior_step: str | None, state: State[Any], entrypoint: str) -> Action | None:
            # Until the action runs, Burr is told the one that was announced: asking a condition twice may give two answers.
            return self._pinned or find_next(prior_step, state, entrypoint)

        graph.get_next_node = get_next_node
        private.set_graph(app, graph)

    def pin(self, name: str, spans: Spans) -> Wrapped:
        """The wrapped action of that name, which is the next one until it starts; `spans` is told what it does inside."""
        self._pinned = Wrapped(private.graph_action(self._original, name), self._worker, self._unpin, spans)
        return self._pinned

    def _unpin(self) -> None:
        self._pinned = None

    def restore(self) -> None:
        """The application has its own graph again, and the thread ends with what it is doing."""
        private.set_graph(self._app, self._original)
        self._pinned = None
        if self._worker is not None:
            self._worker.shutdown()
