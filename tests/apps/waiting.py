"""An application that waits for files to be there: a test holds it where it runs in a process of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action

GATES = "BURR_CHAT_TEST_GATES"
"""The environment variable that names the folder of the files."""

HOLD = "@"


@action(reads=["chat_history"], writes=["said", "chat_history"])
def prompt(state: State, prompt: str) -> State:
    """Take what to say. At a word `@name` the answer waits for the file of that name."""
    return state.update(said=prompt).append(chat_history={"role": "user", "content": prompt})


@streaming_action(reads=["said", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say it back, word by word."""
    said: list[str] = []
    for word in state["said"].split(" "):
        if word.startswith(HOLD):
            while not _is_there(word.removeprefix(HOLD)):  # noqa: ASYNC110 - another process makes the file
                await asyncio.sleep(0.01)
        else:
            said.append(word)
            yield {"delta": word + " "}, None
    final = {"role": "assistant", "content": " ".join(said)}
    yield {"response": final}, state.append(chat_history=final)


def _is_there(gate: str) -> bool:
    return Path(os.environ[GATES], gate).exists()


@action(reads=[], writes=[])
def unused(state: State) -> State:
    """Nothing leads here."""
    return state


def large_builder() -> ApplicationBuilder[Any]:
    """The same with so many actions that the page fetches a better layout for them."""
    return builder().with_actions(**{f"unused_{number}": unused for number in range(24)})


def builder() -> ApplicationBuilder[Any]:
    """What is served."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )
