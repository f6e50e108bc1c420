"""What the bridge uses of Burr that is not public is there, and does what the bridge thinks it does."""

from __future__ import annotations

import inspect
from typing import Any

from burr.core import State
from burr.core import application as burr
from burr.core.action import FunctionBasedAction, FunctionBasedStreamingAction
from burr.lifecycle.base import ExecuteMethod

from apps.graphs import build, does, streams
from burr_chat_widget.bridge import private


def ask(state: State, prompt: str, model: str) -> State:  # noqa: ARG001
    return state


async def speak(state: State, model: str) -> Any:
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
