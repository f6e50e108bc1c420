"""An application that says its prompt, or, when that is `for ever`, goes on until it is stopped; for servers in other processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from burr.core import ApplicationBuilder, State
from burr.core.action import streaming_action


@streaming_action(reads=["chat_history"], writes=["chat_history"])
async def answer(state: State, prompt: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say it."""
    yield {"delta": prompt}, None
    if prompt == "for ever":
        await asyncio.Event().wait()
    said = [
        {"content": prompt, "type": "text", "role": "user"},
        {"content": prompt, "type": "text", "role": "assistant"},
    ]
    yield {"said": prompt}, state.update(chat_history=[*state["chat_history"], *said])


def builder() -> ApplicationBuilder[Any]:
    """What is served."""
    return (
        ApplicationBuilder()
        .with_actions(answer)
        .with_transitions(("answer", "answer"))
        .with_state(chat_history=[])
        .with_entrypoint("answer")
    )
