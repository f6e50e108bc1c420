"""What the bridge uses of Burr that is not public is there, and does what the bridge thinks it does."""

from __future__ import annotations

import inspect
import logging
import threading
from typing import Any

import pytest
from burr.core import ApplicationBuilder, ApplicationContext, State, action
from burr.core import application as burr
from burr.core.action import FunctionBasedAction, FunctionBasedStreamingAction
from burr.core.parallelism import SubGraphTask, TaskBasedParallelAction
from burr.lifecycle import PostRunStepHook
from burr.lifecycle.base import ExecuteMethod
from burr.lifecycle.internal import REGISTERED_SYNC_HOOKS, LifecycleAdapterSet
from burr.visibility import TracerFactory

from apps.graphs import build, does, streams
from burr_chat_widget.bridge import private, spans, stream_turn


def ask(state: State, prompt: str, model: str) -> State:  # noqa: ARG001
    return state


async def speak(state: State, model: str) -> Any:
    yield {"model": model}, None
    yield {}, state.update(model=model)


def test_names() -> None:
    for name, parameters in {
        "_remap_dunder_parameters": ["run_method", "inputs", "vars_to_remap"],
        "_run_function": ["function", "state", "inputs", "name"],
        "_run_reducer": ["reducer", "state", "result", "name"],
        "_validate_result": ["result", "name", "schema"],
    }.items():
        assert list(inspect.signature(getattr(burr, name)).parameters) == parameters
    assert (burr.SEQUENCE_ID, burr.PRIOR_STEP) == ("__SEQUENCE_ID", "__PRIOR_STEP")
    assert "ExecuteMethod.stream_result" in inspect.getsource(burr.Application.astream_result)
    assert callable(burr._call_execute_method_pre_post(ExecuteMethod.stream_result).acall_post)


def test_graph() -> None:
    app = build(("ask", "speak"), ask=does(ask).bind(model="m"), speak=streams(speak, writes=["model"]))
    graph = private.get_graph(app)
    assert list(graph._action_map) == ["ask", "speak"]
    assert app.get_next_action() is private.graph_action(graph, "ask")
    assert "self._graph.get_next_node(" in inspect.getsource(burr.Application.get_next_action)
    assert callable(app._adapter_set.call_all_lifecycle_hooks_sync_and_async)


def test_actions() -> None:
    app = build(("ask", "speak"), ask=does(ask).bind(model="m"), speak=streams(speak, writes=["model"]))
    plain, stream = app.graph.actions
    assert type(plain) is FunctionBasedAction
    assert private.bound_parameters(plain) == {"model": "m"}
    assert private.original_function(plain) is ask
    assert type(stream) is FunctionBasedStreamingAction
    assert private.is_function_stream(stream)
    assert private.original_function(stream) is not None


async def test_container() -> None:
    app = build(speak=streams(speak, writes=["model"]))
    _, container = await app.astream_result(halt_after=["speak"], inputs={"model": "m"})
    assert inspect.isasyncgen(container.streaming_result_generator)
    assert inspect.isasyncgen(container.__aiter__())
    assert (await container.get())[0] == {}


@pytest.mark.parametrize("ours", [False, True], ids=["Burr alone", "the bridge"])
async def test_the_running_step_is_known_inside_of_actions(ours: bool) -> None:
    """What Burr's own context says only inside actions that do not stream."""
    seen: list[Any] = []

    def ask(state: State) -> State:
        seen.append(private.running_step())
        return state

    async def speak(state: State) -> Any:
        seen.append(private.running_step())
        yield {"a": 1}, None
        seen.append(private.running_step())
        yield {}, state

    app = build(("ask", "speak"), ask=does(ask), speak=streams(speak))
    if ours:
        assert [event async for event in stream_turn(app)]
    else:
        _, container = await app.astream_result(halt_after=["speak"])
        await container.get()
    assert seen == [("ask", app.uid, 0), ("speak", app.uid, 1), ("speak", app.uid, 1)]
    assert private.running_step() is None


# What tells of the things inside of a step.

PARAMETERS = {
    "post_application_create": {"app_id", "spawning_parent_pointer"},
    "pre_run_step": {"app_id", "sequence_id", "action", "state", "inputs"},
    "post_run_step": {"app_id", "sequence_id", "state", "exception"},
    "post_run_execute_call": {"app_id", "state", "method"},
    "post_stream_item": {"app_id", "sequence_id"},
    "pre_start_span": {"app_id", "action_sequence_id", "span"},
    "post_end_span": {"app_id", "action_sequence_id", "span"},
    "do_log_attributes": {"app_id", "action_sequence_id", "span", "attributes"},
}
"""What each hook is called with, as far as it is read."""


async def test_hooks_are_watched() -> None:
    told: dict[str, dict[str, Any]] = {}
    heard: list[str] = []

    class Listener(PostRunStepHook):
        def post_run_step(self, **_: Any) -> None:
            heard.append("after the watcher" if "post_run_step" in told else "before")

    @action(reads=[], writes=[])
    async def work(state: State, __tracer: TracerFactory) -> State:
        with __tracer("outer"), __tracer("inner") as span:
            span.log_attributes(a=1)
        return state

    def watch(hook: str, arguments: dict[str, Any]) -> None:
        told[hook] = arguments

    private.watch_hooks(watch, *PARAMETERS)
    try:
        app = (
            ApplicationBuilder()
            .with_actions(work=work, speak=streams(speak, writes=["model"]).bind(model="m"))
            .with_transitions(("work", "speak"))
            .with_entrypoint("work")
            .with_identifiers(app_id="child")
            .with_spawning_parent("parent", 3)
            .with_hooks(Listener())
            .build()
        )
        await app.arun(halt_after=["work"])
        assert told["post_run_execute_call"]["method"].value == "arun"
        _, container = await app.astream_result(halt_after=["speak"])
        [_ async for _ in container]
    finally:
        private.unwatch_hooks(watch)
    assert {*spans.HOOKS, "post_stream_item"} == {*PARAMETERS} <= REGISTERED_SYNC_HOOKS
    for hook, arguments in told.items():
        assert arguments.keys() >= PARAMETERS[hook], hook
        assert arguments["app_id"] == "child"
    assert told.keys() == PARAMETERS.keys()
    pointer = told["post_application_create"]["spawning_parent_pointer"]
    assert (pointer.app_id, pointer.sequence_id) == ("parent", 3)
    span = told["do_log_attributes"]["span"]
    assert (span.name, span.uid, span.parent.uid) == ("inner", "0:0.0", "0:0")
    assert heard == ["after the watcher"] * 2
    told.clear()
    app.reset_to_entrypoint()
    await app.astep()
    assert told == {}


def test_hooks_of_threads_that_watch_at_the_same_time() -> None:
    told: dict[int, int] = {}
    together = threading.Barrier(8)

    def watch(number: int) -> None:
        def watcher(hook: str, arguments: dict[str, Any]) -> None:  # noqa: ARG001
            told[number] = told.get(number, 0) + 1

        together.wait()
        private.watch_hooks(watcher, "pre_run_step")
        together.wait()
        if number == 0:
            build(work=does(lambda state: state)).step()
        together.wait()
        private.unwatch_hooks(watcher)

    threads = [threading.Thread(target=watch, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == dict.fromkeys(range(8), 1)
    assert private._watchers == {}


def test_hooks_are_called_through_one_method() -> None:
    parameters = inspect.signature(LifecycleAdapterSet.call_all_lifecycle_hooks_sync).parameters
    assert [*parameters] == ["self", "hook_name", "kwargs"]
    assert "self.call_all_lifecycle_hooks_sync(" in inspect.getsource(
        LifecycleAdapterSet.call_all_lifecycle_hooks_sync_and_async
    )
    assert LifecycleAdapterSet().sync_hooks == {}


def test_parallel_actions() -> None:
    """They ask the context for an executor, and hand it one task at a time."""
    assert "parallel_executor_factory" in inspect.signature(ApplicationContext).parameters
    assert "executor.map(execute_task, task_generator)" in inspect.getsource(TaskBasedParallelAction.run_and_update)
    assert {"application_id", "state", "graph"} <= {*inspect.signature(SubGraphTask).parameters}


async def test_an_item_of_a_stream_is_told() -> None:
    told: list[int] = []

    async def two(state: State) -> Any:
        yield {"a": 1}, None
        yield {"a": 2}, None
        yield {}, state

    def watch(hook: str, arguments: dict[str, Any]) -> None:  # noqa: ARG001
        told.append(arguments["sequence_id"])

    app = build(two=streams(two))
    private.watch_hooks(watch, "post_stream_item")
    try:
        _, container = await app.astream_result(halt_after=["two"])
        [_ async for _ in container]
    finally:
        private.unwatch_hooks(watch)
    assert told == [0, 0]


@pytest.mark.parametrize("error", [KeyError("a hook's"), None])
def test_hooks_of_the_users_work_as_ever(error: Exception | None) -> None:
    class Hook(PostRunStepHook):
        def post_run_step(self, **_: Any) -> None:
            if error is not None:
                raise error

    app = ApplicationBuilder().with_actions(a=does(lambda state: state)).with_entrypoint("a").with_hooks(Hook()).build()
    if error is None:
        app.step()
    else:
        with pytest.raises(KeyError):
            app.step()


def test_the_report_of_a_failure() -> None:
    def fail(state: State) -> State:  # noqa: ARG001
        raise ValueError("no")

    reports: list[bool] = []

    def keep(record: logging.LogRecord) -> bool:
        reports.append(private.is_report_of_failure(record))
        return False

    private.log_through(keep)
    private.log_through(keep)
    try:
        with pytest.raises(ValueError, match="no"):
            build(fail=does(fail)).run(halt_after=["fail"])
        burr.logger.error("another thing")
    finally:
        burr.logger.removeFilter(keep)
    assert reports == [True, False]
    assert keep not in burr.logger.filters
