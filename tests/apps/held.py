"""An application that waits where its prompt says, until it is let go: so tests look at it in mid-turn, however slow all is.

prompt -> think -> answer -> prompt. `think` is silent, `answer` streams the prompt back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

HOLD = "|"
THINK = "~"
LONG = "§"
PARAGRAPHS = 60
PAGES = "a line of an answer that goes on and on\n\n" * PARAGRAPHS

_permits: list[None] = []


def let_go(times: int = 1) -> None:
    """Let whatever waits, or is to wait next, go on."""
    _permits.extend([None] * times)


def hold_all() -> None:
    """Take back what was let go and has not been used."""
    _permits.clear()


async def _hold() -> None:
    while True:
        with contextlib.suppress(IndexError):
            return _permits.pop()
        await asyncio.sleep(0.01)


@action(reads=["chat_history"], writes=["said", "chat_history"])
def prompt(state: State, prompt: str) -> State:
    """Take the prompt. `~` at its beginning holds in `think`; each `|` holds there in the answer; `§` is a long text."""
    return state.update(said=prompt).append(chat_history={"role": "user", "content": prompt})


@action(reads=["said"], writes=["thought"])
async def think(state: State) -> State:
    """Say nothing, and wait if the prompt begins so."""
    if state["said"].startswith(THINK):
        await _hold()
    return state.update(thought=True)


@streaming_action(reads=["said", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Stream the prompt back, piece by piece."""
    said: list[str] = []
    text = state["said"].removeprefix(THINK).replace(LONG, PAGES)
    for index, piece in enumerate(text.split(HOLD)):
        if index:
            await _hold()
        for word in piece.splitlines(keepends=True):
            said.append(word)
            yield {"delta": word}, None
    final = {"role": "assistant", "content": "".join(said)}
    yield {"response": final}, state.append(chat_history=final)


def application() -> Application[Any]:
    """A fresh one."""
    hold_all()
    return (
        ApplicationBuilder()
        .with_actions(prompt, think, answer)
        .with_transitions(("prompt", "think"), ("think", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )
