"""What checkpoints cost: 1,000 steps of a chat of 100 messages, with them and when they are forgotten."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action

from burr_chat_widget.session import ChatSession

STEPS = 1000
MESSAGES = 100
LENGTH = 1000
"""Characters of a message."""


def message(number: int, text: str) -> dict[str, Any]:
    """As a provider's client keeps one."""
    return {
        "role": "assistant",
        "content": f"{number:06d} {text}",
        "id": f"m{number}",
        "metadata": {"model": "m", "usage": {"in": 1000 + number, "out": 2000 + number}, "finish": "stop"},
        "tool_calls": [{"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


@action(reads=["messages"], writes=["messages", "number"])
def think(state: State, prompt: str) -> State:
    """Say something in the place of the oldest message."""
    number = state.get("number", 0) + 1
    said = message(MESSAGES + number, f"{prompt} " + "x" * LENGTH)
    return state.update(number=number, messages=[*state["messages"][1:], said])


def application() -> Application[Any]:
    """A chat of that many messages, which grows no further."""
    messages = [message(n, "y" * LENGTH) for n in range(MESSAGES)]
    return (
        ApplicationBuilder()
        .with_actions(think)
        .with_transitions(("think", "think"))
        .with_state(messages=messages)
        .with_entrypoint("think")
        .build()
    )


async def run() -> tuple[int, int]:
    """How many bytes more are held after all steps than before them: with the checkpoints, and without."""
    session = ChatSession(application(), runner="kernel", checkpoints=STEPS)
    await asyncio.wrap_future(session.begin("warm up", {}).future)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(STEPS):
            await asyncio.wrap_future(session.begin(f"prompt {number}", {}).future)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        assert len(session.checkpoints) == STEPS
        session.checkpoints.drop_after(-1)
        gc.collect()
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    session.close()
    return held, left


def measure() -> dict[str, float]:
    """Megabytes: what checkpoints add, and what the whole run keeps with them."""
    held, left = asyncio.run(run())
    return {"checkpoints_mb": (held - left) / 1e6, "run_mb": held / 1e6}


if __name__ == "__main__":
    print(measure())
