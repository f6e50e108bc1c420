"""What every way has to show: one Burr action that streams numbered words at a rate, and keeps the time of each.

A delta is as long as an English word and its space: five digits and a space. Every fiftieth ends a paragraph. The digits
tell afterwards which delta was seen when, and which never.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

PARAGRAPH = 50
"""Deltas."""

TIMES = Path("times.json")
"""Written at the end of the stream: for each delta, when it was due and when it was yielded, by the wall clock."""


@action(reads=[], writes=["rate", "count"])
def prompt(state: State, prompt: str) -> State:
    """Take `RATE COUNT`: deltas a second (0: as fast as Python can), and how many."""
    rate, count = prompt.split()
    return state.update(rate=int(rate), count=int(count))


@streaming_action(reads=["rate", "count"], writes=["status"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Count."""
    rate, count = state["rate"], state["count"]
    times: list[tuple[float, float]] = []
    began = time.time()
    for n in range(count):
        due = began + n / rate if rate else time.time()
        if (delay := due - time.time()) > 0:
            await asyncio.sleep(delay)
        times.append((due, time.time()))
        yield {"delta": f"{n:05d}" + ("\n\n" if n % PARAGRAPH == PARAGRAPH - 1 else " ")}, None
    TIMES.write_text(json.dumps(times))  # noqa: ASYNC240 -- nothing is timed any more
    yield {"status": "done"}, state.update(status="done")


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(State({}))
        .with_entrypoint("prompt")
        .build()
    )


async def deltas(rate: int, count: int) -> AsyncIterator[str]:
    """The deltas as Burr alone hands them out."""
    _, container = await application().astream_result(halt_after=["answer"], inputs={"prompt": f"{rate} {count}"})
    async for item in container:
        yield item["delta"]
