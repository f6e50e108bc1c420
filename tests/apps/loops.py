"""An application with a loop and a self-loop: it counts as far as it is asked to, and then says so.

start -> count -> count ... -> say -> start. `count` runs once for each number, `say` streams them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, Condition, State, action, default
from burr.core.action import streaming_action


@action(reads=[], writes=["goal", "counted", "last"])
def start(state: State, prompt: str) -> State:
    """Take how far to count."""
    return state.update(goal=int(prompt), counted=[], last=0)


@action(reads=["last", "counted"], writes=["last", "counted"])
def count(state: State) -> State:
    """Count one further."""
    last = state["last"] + 1
    return state.update(last=last).append(counted=last)


@streaming_action(reads=["counted"], writes=["said"])
def say(state: State) -> Generator[tuple[dict[str, Any], State | None], None, None]:
    """Say the numbers, one delta each."""
    said = [f"{number} " for number in state["counted"]]
    for each in said:
        yield {"delta": each}, None
    yield {"response": "".join(said)}, state.update(said=len(state["counted"]))


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(start, count, say)
        .with_transitions(
            ("start", "count"),
            ("count", "count", Condition.expr("last < goal")),
            ("count", "say", default),
            ("say", "start"),
        )
        .with_state(counted=[])
        .with_entrypoint("start")
        .build()
    )
