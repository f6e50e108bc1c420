"""An application that says which process it runs in, then what it is asked to; its pace is that of `waiting`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action

from .waiting import GATES, HOLD, prompt


@action(reads=["said"], writes=["worker", "taken"])
async def take(state: State) -> State:
    """A step that ends before the answer begins."""
    return state.update(worker=os.getpid(), taken=state["said"])


@streaming_action(reads=["said", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say the process, and the words; at a word `@name` wait for the file of that name."""
    said = [f"{os.getpid()}: "]
    yield {"delta": said[0]}, None
    for word in state["said"].split(" "):
        if word.startswith(HOLD):
            while not Path(os.environ[GATES], word.removeprefix(HOLD)).exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
                await asyncio.sleep(0.01)
        else:
            said.append(f"{word} ")
            yield {"delta": said[-1]}, None
    final = {"role": "assistant", "content": "".join(said)}
    yield {"response": final}, state.append(chat_history=final)


def builder() -> ApplicationBuilder[Any]:
    """What is served."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, take, answer)
        .with_transitions(("prompt", "take"), ("take", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )
