"""An application that says as much as its prompt asks for, as fast as Python can: `prompt` is a number of deltas.

With `|` after the number the last of them waits until it is let go: so a turn is not over before a test has looked at it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

WORDS = 100
"""Words in a paragraph, each of them a delta."""

HOLD = "|"

_permits: list[None] = []


def let_go() -> None:
    """Let what is held, or is to be held next, end."""
    _permits.append(None)


async def _hold() -> None:
    while True:
        with contextlib.suppress(IndexError):
            return _permits.pop()
        await asyncio.sleep(0.01)


def deltas(count: int, words: int = WORDS) -> Iterator[str]:
    """The numbers from 1 to `count`, in paragraphs of `words`: text that Markdown shows as it is."""
    for n in range(1, count + 1):
        yield f"{n}\n\n" if n % words == 0 else f"{n} "


@action(reads=[], writes=["count", "held"])
def prompt(state: State, prompt: str) -> State:
    """Take how many deltas to yield."""
    return state.update(count=int(prompt.removesuffix(HOLD)), held=prompt.endswith(HOLD))


@streaming_action(reads=["count", "words", "held"], writes=["said"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Count, without ever waiting but where it is held."""
    held = state["count"] if state["held"] else None
    for n, text in enumerate(deltas(state["count"], state["words"]), 1):
        if n == held:
            await _hold()
        yield {"delta": text}, None
    yield {"count": state["count"]}, state.update(said=state["count"])


def application(words: int = WORDS) -> Application[Any]:
    """A fresh one, in which nothing has been let go."""
    _permits.clear()
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(words=words)
        .with_entrypoint("prompt")
        .build()
    )
