"""The user's own hooks: in a turn they are told what they are told when the application runs without one."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from burr.core import Action, Application, ApplicationBuilder, State
from burr.core.action import StreamingAction
from burr.lifecycle import PostRunStepHook, PostRunStepHookAsync, PreRunStepHook, PreRunStepHookAsync

from apps.graphs import does
from apps.reading import collect, types
from burr_chat_widget.bridge import stream_turn

TESTS = Path(__file__).parents[2]


class Answer(Action):
    """An action of the user's own class."""

    reads: list[str] = []
    writes = ["answer"]
    inputs = ["prompt"]

    def run(self, state: State, prompt: str) -> dict[str, Any]:  # noqa: ARG002
        return {"answer": prompt}

    def update(self, result: dict[str, Any], state: State) -> State:
        return state.update(**result)


class Stream(StreamingAction):
    """A streaming one."""

    reads: list[str] = []
    writes = ["answer"]
    inputs = ["prompt"]

    def stream_run(self, state: State, prompt: str) -> Any:  # noqa: ARG002
        yield {"answer": prompt}

    def update(self, result: dict[str, Any], state: State) -> State:
        return state.update(**result)


def say(state: State, prompt: str) -> State:
    return state.update(answer=prompt)


class Sync(PreRunStepHook, PostRunStepHook):
    """Keeps what it is told of."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def pre_run_step(self, *, action: Action, **_: Any) -> None:
        self.seen.append(action)

    def post_run_step(self, *, action: Action, **_: Any) -> None:
        self.seen.append(action)


class Async(PreRunStepHookAsync, PostRunStepHookAsync):
    """The same, awaited."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def pre_run_step(self, *, action: Action, **_: Any) -> None:
        self.seen.append(action)

    async def post_run_step(self, *, action: Action, **_: Any) -> None:
        self.seen.append(action)


def hooked(action: Any, hook: Any) -> Application[Any]:
    return ApplicationBuilder().with_actions(ask=action).with_entrypoint("ask").with_hooks(hook).build()


@pytest.mark.parametrize("make", [Sync, Async])
@pytest.mark.parametrize(
    "action", [Answer(), Stream(), does(say, writes=["answer"])], ids=["class", "stream", "function"]
)
async def test_hooks_are_told_of_the_action_itself(action: Any, make: Any) -> None:
    hook = make()
    app = hooked(action, hook)
    (own,) = app.graph.actions
    assert types(await collect(stream_turn(app, {"prompt": "hi"})))[-1] == "turn-completed"
    assert hook.seen == [own, own]
    seen = hook.seen[0]
    assert (isinstance(seen, Answer), isinstance(seen, StreamingAction)) == (
        isinstance(action, Answer),
        isinstance(action, Stream),
    )
    assert not seen.is_async()
    assert copy.copy(seen).name == "ask"


async def test_hooks_are_told_of_the_action_that_fails() -> None:
    def fail(state: State, prompt: str) -> State:  # noqa: ARG001
        raise ValueError(prompt)

    hook = Sync()
    app = hooked(does(fail, writes=["answer"]), hook)
    assert types(await collect(stream_turn(app, {"prompt": "hi"})))[-1] == "turn-failed"
    assert hook.seen == [*app.graph.actions] * 2


AGAIN = """
import asyncio, sys
from apps.nested import traced
from apps.reading import collect, types

def turn():
    from burr_chat_widget.bridge import stream_turn
    return types(asyncio.run(collect(stream_turn(traced())))).count("span-finished")

first = turn()
for name in [name for name in sys.modules if name.startswith("burr_chat_widget")]:
    del sys.modules[name]
assert first == turn() > 0, first
"""


def test_spans_are_told_after_the_package_was_imported_anew() -> None:
    """In a program of its own: modules that exist twice are for no other test."""
    ran = subprocess.run([sys.executable, "-c", AGAIN], cwd=TESTS, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
