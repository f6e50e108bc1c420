"""What the bridge costs for each delta, beside Burr's own `astream_result` in the same run.

`python tests/bench/bench_bridge.py` prints a table.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from burr.core import Application, ApplicationBuilder, State
from burr.core.action import streaming_action

from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.protocol.events import TextDelta

DELTAS = 10_000
ROUNDS = 25


@streaming_action(reads=[], writes=["said"])
async def asynchronous(state: State) -> AsyncIterator[tuple[dict, State | None]]:
    """Streams as fast as it can."""
    for _ in range(DELTAS):
        yield {"delta": "word "}, None
    yield {"said": True}, state.update(said=True)


@streaming_action(reads=[], writes=["said"])
def synchronous(state: State) -> Iterator[tuple[dict, State | None]]:
    """Streams as fast as it can."""
    for _ in range(DELTAS):
        yield {"delta": "word "}, None
    yield {"said": True}, state.update(said=True)


def _app(action: Any) -> Application:
    return ApplicationBuilder().with_actions(say=action).with_state(State()).with_entrypoint("say").build()


async def _plain() -> int:
    _, container = await _app(asynchronous).astream_result(halt_after=["say"])
    return len([item async for item in container])


def _bridge(action: Any, **options: Any) -> Callable[[], Awaitable[int]]:
    async def run() -> int:
        return len([event async for event in stream_turn(_app(action), **options) if isinstance(event, TextDelta)])

    return run


def measure() -> dict[str, float]:
    """Microseconds for each delta, and how often that of plain `astream_result` in the same round: medians of the rounds."""
    runs: dict[str, Callable[[], Awaitable[int]]] = {
        "plain": _plain,
        "async": _bridge(asynchronous),
        "sync_thread": _bridge(synchronous),
        "sync_inline": _bridge(synchronous, sync="inline"),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}

    async def all_rounds() -> None:
        for _ in range(ROUNDS):
            for name, run in runs.items():
                begin = time.perf_counter()
                assert await run() == DELTAS
                times[name].append((time.perf_counter() - begin) / DELTAS * 1e6)

    asyncio.run(all_rounds())
    figures = {f"{name}_us": statistics.median(values) for name, values in times.items()}
    return figures | {
        f"{name}_ratio": statistics.median(a / b for a, b in zip(times[name], times["plain"], strict=True))
        for name in runs
        if name != "plain"
    }


def main() -> None:
    """Print the table."""
    figures = measure()
    print(f"{'bridge, 10,000 deltas':28} {'us/delta':>9} {'ratio':>7}")
    for name in ("plain", "async", "sync_thread", "sync_inline"):
        print(f"{name:28} {figures[f'{name}_us']:9.2f} {figures.get(f'{name}_ratio', 1.0):7.2f}")


if __name__ == "__main__":
    main()
