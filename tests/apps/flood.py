"""An application that says as much as its prompt asks for, as fast as Python can: `prompt` is a number of deltas."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

WORDS = 100
"""Words in a paragraph, each of them a delta."""


def deltas(count: int, words: int = WORDS) -> Iterator[str]:
    """The numbers from 1 to `count`, in paragraphs of `words`: text that Markdown shows as it is."""
    for n in range(1, count + 1):
        yield f"{n}\n\n" if n % words == 0 else f"{n} "


@action(reads=[], writes=["count"])
def prompt(state: State, prompt: str) -> State:
    """Take how many deltas to yield."""
    return state.update(count=int(prompt))


@streaming_action(reads=["count", "words"], writes=["said"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Count, without ever waiting."""
    for text in deltas(state["count"], state["words"]):
        yield {"delta": text}, None
    yield {"count": state["count"]}, state.update(said=state["count"])


def application(words: int = WORDS) -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(words=words)
        .with_entrypoint("prompt")
        .build()
    )
