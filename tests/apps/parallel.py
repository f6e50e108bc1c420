"""Parallel actions of every kind. Their parts make words louder, each after passing the gate of its word."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, ApplicationContext, State, action
from burr.core.graph import GraphBuilder
from burr.core.parallelism import (
    MapActions,
    MapActionsAndStates,
    MapStates,
    RunnableGraph,
    SubGraphTask,
    TaskBasedParallelAction,
    map_reduce_action,
)

from .gates import acome_to, come_to


def louder(state: State, mark: str = "") -> State:
    """In a thread."""
    come_to(state["word"])
    if state["word"] == "bad":
        raise ValueError("not this word")
    return state.update(loud=state["word"].upper() + mark)


async def alouder(state: State, mark: str = "") -> State:
    """In a task."""
    await acome_to(state["word"])
    if state["word"] == "bad":
        raise ValueError("not this word")
    return state.update(loud=state["word"].upper() + mark)


def _part(name: str, *, mark: str = "", on_loop: bool = False) -> RunnableGraph:
    """An action of that name."""
    decorated: Any = action(reads=["word"], writes=["loud"])(alouder if on_loop else louder)
    graph = GraphBuilder().with_actions(**{name: decorated.bind(mark=mark) if mark else decorated}).build()
    return RunnableGraph(graph=graph, entrypoint=name, halt_after=[name])


class _Loud:
    """What the parallel actions have in common."""

    reads = ["words"]
    writes = ["loud"]

    def reduce(self, state: State, states: Any) -> State:
        return state.update(loud=[each["loud"] for each in states])

    def states(self, state: State, context: Any, inputs: dict[str, Any]) -> Generator[State, None, None]:  # noqa: ARG002
        for word in state["words"]:
            yield state.update(word=word)


class _OnLoop(_Loud):
    def is_async(self) -> bool:
        return True

    async def reduce(self, state: State, states: Any) -> State:
        return state.update(loud=[each["loud"] async for each in states])


class EachWord(_Loud, MapStates):
    """One action, over the words."""

    def action(self, state: State, inputs: dict[str, Any]) -> RunnableGraph:  # noqa: ARG002
        return _part("shout")


class EachWordOnLoop(_OnLoop, MapStates):
    """One async action, over the words."""

    def action(self, state: State, inputs: dict[str, Any]) -> RunnableGraph:  # noqa: ARG002
        return _part("shout", on_loop=True)

    async def states(self, state: State, context: Any, inputs: dict[str, Any]) -> AsyncGenerator[State, None]:  # noqa: ARG002
        for word in state["words"]:
            yield state.update(word=word)


class EachAction(_Loud, MapActions):
    """Two actions, over the first word."""

    def actions(self, state: State, context: Any, inputs: dict[str, Any]) -> Generator[RunnableGraph, None, None]:  # noqa: ARG002
        yield _part("shout")
        yield _part("cry", mark="!")

    def state(self, state: State, inputs: dict[str, Any]) -> State:  # noqa: ARG002
        return state.update(word=state["words"][0])

    states = MapActions.states


class EachOfBoth(_Loud, MapActionsAndStates):
    """Two actions, over the words."""

    actions = EachAction.actions


class Tasks(_Loud, TaskBasedParallelAction):
    """A task for each word."""

    def tasks(self, state: State, context: ApplicationContext, inputs: dict[str, Any]) -> Any:  # noqa: ARG002
        for number, word in enumerate(state["words"]):
            yield SubGraphTask(
                graph=_part("shout"), inputs={}, state=state.update(word=word), application_id=f"task {number}"
            )


class TasksOnLoop(_OnLoop, TaskBasedParallelAction):
    """A task for each word, on the loop."""

    async def tasks(self, state: State, context: ApplicationContext, inputs: dict[str, Any]) -> Any:  # noqa: ARG002
        for number, word in enumerate(state["words"]):
            graph = _part("shout", on_loop=True)
            yield SubGraphTask(graph=graph, inputs={}, state=state.update(word=word), application_id=f"task {number}")


def _map_reduce() -> Any:
    loud = _Loud()
    return map_reduce_action(
        action=[_part("shout")],
        state=loud.states,
        reducer=loud.reduce,
        reads=["words"],
        writes=["loud"],
        inputs=["__context"],
    )


PARALLEL: dict[str, Any] = {
    "map-states": EachWord,
    "map-states-on-loop": EachWordOnLoop,
    "map-actions": EachAction,
    "map-actions-and-states": EachOfBoth,
    "tasks": Tasks,
    "tasks-on-loop": TasksOnLoop,
    "map-reduce": _map_reduce,
}


def application(
    kind: str | Any = "map-states", *, words: list[str] | None = None, executor: Any = None, tracker: Any = None
) -> Application:
    """The graph is ask -> fan_out -> ask: `ask` takes the words to make louder.

    Args:
        kind: a name of `PARALLEL`, or the action.
        words: what to say instead of the prompt's words.
        executor: makes executors.
        tracker: Burr's.
    """

    @action(reads=[], writes=["words"])
    def ask(state: State, prompt: str) -> State:
        return state.update(words=words or prompt.split())

    builder = (
        ApplicationBuilder()
        .with_actions(ask=ask, fan_out=PARALLEL[kind]() if isinstance(kind, str) else kind)
        .with_transitions(("ask", "fan_out"), ("fan_out", "ask"))
        .with_entrypoint("ask")
        .with_identifiers(app_id=f"parallel {kind}")
    )
    if executor is not None:
        builder = builder.with_parallel_executor(executor)
    if tracker is not None:
        builder = builder.with_tracker(tracker)
    return builder.build()
