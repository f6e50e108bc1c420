"""What the bridge uses of Burr that is not public: all of it is named here, and tests/unit/bridge/test_contract.py holds it.

Burr's types leave their parameters open, so everything passes through `Any` here, and is plain elsewhere.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from burr.core import Action, Application, State
from burr.core import application as _application
from burr.core.action import FunctionBasedStreamingAction
from burr.core.graph import Graph
from burr.core.persistence import PersisterHook
from burr.core.validation import BASE_ERROR_MESSAGE
from burr.lifecycle.base import ExecuteMethod
from burr.lifecycle.internal import LifecycleAdapterSet
from burr.visibility.tracing import tracer_factory_context_var

__all__ = [
    "PRIOR_STEP",
    "SEQUENCE_ID",
    "HookWatcher",
    "bound_parameters",
    "end_execute_call",
    "end_step",
    "executor_factory",
    "get_graph",
    "graph_action",
    "hooks_for_another",
    "is_function_stream",
    "is_report_of_failure",
    "log_through",
    "original_function",
    "persister_hooks",
    "reduce_result",
    "remap_inputs",
    "run_class_action",
    "running_step",
    "set_graph",
    "tracker_for_another",
    "unwatch_hooks",
    "watch_hooks",
]

_burr: Any = _application

SEQUENCE_ID: str = _burr.SEQUENCE_ID
PRIOR_STEP: str = _burr.PRIOR_STEP

_IN_MEMORY = ("", ":memory:")


def get_graph(app: Any) -> Graph:
    """The graph that the application runs by; `app.graph` is another one, for show."""
    return app._graph


def set_graph(app: Any, graph: Graph) -> None:
    """Let the application run by `graph`."""
    app._graph = graph


def graph_action(graph: Any, name: str) -> Action:
    """The action of that name."""
    return graph._action_map[name]


def original_function(action: Any) -> Callable[..., Any] | None:
    """The function that a function-based action was made of, None for a class-based one."""
    return getattr(action, "_originating_fn", None)


def bound_parameters(action: Any) -> dict[str, Any]:
    """What was bound to a function-based action."""
    return getattr(action, "_bound_params", None) or {}


def is_function_stream(action: Action) -> bool:
    """Whether it is Burr's own function-based streaming action, whose `fn` and bound parameters are all there is to it."""
    return type(action) is FunctionBasedStreamingAction


def remap_inputs(method: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Python mangles `__context` and `__tracer` in a class's methods; Burr minds that for sync `run` only."""
    if "__context" not in inputs and "__tracer" not in inputs:
        return inputs
    return _burr._remap_dunder_parameters(method, inputs, ["__context", "__tracer"])


def run_class_action(action: Any, state: State[Any], inputs: dict[str, Any]) -> Any:
    """Run an action that has `run` and `update`: its result, or, of an async one, a coroutine of it."""
    if action.is_async():
        return _arun_class_action(action, state, inputs)
    return _burr._run_function(action, state, inputs, action.name)


async def _arun_class_action(action: Any, state: State[Any], inputs: dict[str, Any]) -> Any:
    # Not Burr's `_arun_function`: it takes mangled parameters for missing ones.
    action.validate_inputs(inputs)
    result = await action.run(state.subset(*action.reads), **remap_inputs(action.run, inputs))
    _burr._validate_result(result, action.name)
    return result


def reduce_result(action: Any, state: State[Any], result: Any) -> State[Any]:
    """The state that the action's `update` makes of its result, with Burr's checks."""
    return _burr._run_reducer(action, state, result, action.name)


def running_step() -> tuple[str, str, int] | None:
    """Inside which action this is called, with its application's id and the step's sequence id; None outside of any.

    Burr's own `ApplicationContext.get()` knows it inside actions that do not stream, and only there.
    """
    tracer: Any = tracer_factory_context_var.get()
    return None if tracer is None else (tracer.action, tracer.app_id, tracer.action_sequence_id)


def persister_hooks(app: Any) -> list[PersisterHook]:
    """The hooks through which the application's sync persisters save its steps."""
    return [hook for hook in app._adapter_set.adapters if isinstance(hook, PersisterHook)]


def hooks_for_another(app: Any) -> list[Any]:
    """The application's hooks, its tracker apart, for another one; what saves its steps saves those of the other beside them."""
    hooks: list[Any] = []
    for hook in app._adapter_set.adapters:
        if hook is app._tracker or isinstance(hook, _burr.TracerFactoryContextHook):
            continue
        if isinstance(hook, PersisterHook) and hasattr(hook.persister, "copy"):
            persister: Any = hook.persister
            if str(getattr(persister, "db_path", None)) not in _IN_MEMORY:  # a copy would be another, empty database
                hook = PersisterHook(persister.copy())
        hooks.append(hook)
    return hooks


def tracker_for_another(app: Any) -> Any:
    """A tracker like the application's: one that is shared would write of both into one file."""
    tracker = app._tracker
    return tracker.copy() if hasattr(tracker, "copy") else tracker


def executor_factory(app: Any) -> Callable[[], Any]:
    """What makes the executors of parallel actions."""
    return app._parallel_executor_factory


async def end_step(app: Any, action: Action, error: BaseException) -> None:
    """Tell the hooks that the step has ended with an error."""
    await app._adapter_set.call_all_lifecycle_hooks_sync_and_async(
        "post_run_step",
        app_id=app.uid,
        partition_key=app.partition_key,
        action=action,
        state=app.state,
        result=None,
        sequence_id=app.sequence_id,
        exception=error,
    )


async def end_execute_call(app: Application[Any], error: BaseException) -> None:
    """Tell the hooks that `astream_result` has ended, which otherwise is thought to go on in this context."""
    await _burr._call_execute_method_pre_post(ExecuteMethod.stream_result).acall_post(app, error)


HookWatcher: TypeAlias = Callable[[str, "dict[str, Any]"], None]
"""Is told the name of a hook and what it is called with, before the hooks are."""

_adapters: Any = LifecycleAdapterSet
# Burr's class has them, so that this module finds them when it is imported anew.
_watchers: dict[str, tuple[HookWatcher, ...]]
_watchers_lock: threading.Lock
_watchers, _watchers_lock = getattr(_adapters.call_all_lifecycle_hooks_sync, "watched_by", ({}, threading.Lock()))


def watch_hooks(watcher: HookWatcher, *names: str) -> None:
    """Tell `watcher` of these sync hooks of every application in this process, on whatever thread, until `unwatch_hooks`.

    An application that an action builds for itself has hooks of its own, or none: this is the one place where all come by. Every
    hook that the bridge needs is called as a sync one, also by what is async.
    """
    with _watchers_lock:
        for name in names:
            _watchers[name] = (*_watchers.get(name, ()), watcher)  # as a whole: other threads are going through it
    original, original_async = _adapters.call_all_lifecycle_hooks_sync, _adapters.call_all_lifecycle_hooks_async
    if hasattr(original, "watched_by"):
        return

    @functools.wraps(original)
    def call(self: Any, hook_name: str, **kwargs: Any) -> None:
        for each in _watchers.get(hook_name, ()):
            each(hook_name, kwargs)
        if hook_name in self.sync_hooks:  # this is called for each delta, and mostly nobody listens
            original(self, hook_name, **_of_the_action(kwargs))

    @functools.wraps(original_async)
    def call_async(self: Any, hook_name: str, **kwargs: Any) -> Awaitable[None]:
        return original_async(self, hook_name, **_of_the_action(kwargs))

    vars(call)["watched_by"] = _watchers, _watchers_lock
    _adapters.call_all_lifecycle_hooks_sync = call
    _adapters.call_all_lifecycle_hooks_async = call_async


def _of_the_action(told: dict[str, Any]) -> dict[str, Any]:
    action: Any = told.get("action")
    # Told by its attribute, not its class: after the package was imported anew there are two.
    cls: type[Any] = action.__class__
    return {**told, "action": action.wrapped_action} if hasattr(cls, "wrapped_action") else told


def unwatch_hooks(watcher: HookWatcher) -> None:
    """`watcher` is told no more, if it ever was."""
    with _watchers_lock:
        for name, watchers in [*_watchers.items()]:
            left = tuple(each for each in watchers if each != watcher)
            if left:
                _watchers[name] = left
            else:
                del _watchers[name]


def log_through(keep: Callable[[logging.LogRecord], bool]) -> None:
    """Burr logs of running actions only what `keep` keeps. To say so again changes nothing."""
    _burr.logger.addFilter(keep)


def is_report_of_failure(record: logging.LogRecord) -> bool:
    """Whether Burr reports that a plain action raised: with the whole state and all inputs in it."""
    return bool(record.exc_info) and BASE_ERROR_MESSAGE in str(record.msg)
