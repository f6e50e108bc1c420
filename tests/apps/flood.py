"""An application that says as much as its prompt asks for, as fast as Python can: `prompt` is a number of deltas."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

WORDS = 100
"""Words in a paragraph, each of them a delta."""


def deltas(count: int) -> Iterator[str]:
    """The numbers from 1 to `count`, in paragraphs: text that Markdown shows as it is."""
    for n in range(1, count + 1):
        yield f"{n}\n\n" if n % WORDS == 0 else f"{n} "


@action(reads=[], writes=["count"])
def prompt(state: State, prompt: str) -> State:
    """Take how many deltas to yield."""
    return state.update(count=int(prompt))


@streaming_action(reads=["count"], writes=["said"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Count, without ever waiting."""
    for text in deltas(state["count"]):
        yield {"delta": text}, None
    yield {"count": state["count"]}, state.update(said=state["count"])


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_entrypoint("prompt")
        .build()
    )
