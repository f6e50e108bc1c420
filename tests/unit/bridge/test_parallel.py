"""The parts of parallel actions are told, while they run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest
from burr.tracking import LocalTrackingClient

from apps import gates, parallel
from apps.reading import collect, only, types
from apps.trees import EACH, ONE, SHOUT, TWO, read_until, tree
from burr_chat_widget.bridge import private, stream_turn
from burr_chat_widget.protocol import events as e


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whoever waits at a gate is let go, and nobody listens to Burr's hooks after a turn."""
    yield
    gates.release()
    assert private._watchers == {}


ONE_CRIED = "app word='one' -> done loud:'ONE!'"
TWO_CRIED = "app word='two' -> done loud:'TWO!'"
CRY = "  action cry -> done"


@pytest.mark.parametrize(
    ("kind", "inside"),
    {
        "map-states": EACH,
        "map-states-on-loop": EACH,
        "map-actions": [ONE_CRIED, CRY, ONE, SHOUT],
        "map-actions-and-states": [ONE_CRIED, CRY, ONE, SHOUT, TWO_CRIED, CRY, TWO, SHOUT],
        "tasks": EACH,
        "tasks-on-loop": EACH,
        "map-reduce": EACH,
    }.items(),
)
@pytest.mark.parametrize("tracked", [False, True])
async def test_parallel(kind: str, inside: list[str], tracked: bool, tmp_path: Any) -> None:
    tracker = LocalTrackingClient("test", storage_dir=str(tmp_path)) if tracked else None
    events = await collect(stream_turn(parallel.application(kind, tracker=tracker), {"prompt": "one two"}))
    assert tree(events, named=False) == inside
    assert types(events)[-1] == "turn-completed"


@pytest.mark.parametrize("kind", ["map-states", "map-states-on-loop", "tasks", "tasks-on-loop", "map-reduce"])
async def test_parallel_parts_are_told_while_they_run(kind: str) -> None:
    gates.hold("one", "two")
    events = stream_turn(parallel.application(kind), {"prompt": "one two"})
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: sum(isinstance(x, e.SpanStarted) for x in seen) == 4)
    running = ["app word='one' ...", "  action shout ...", "app word='two' ...", "  action shout ..."]
    assert tree(seen, named=False) == running
    gates.release("two")
    await read_until(events, seen, lambda: sum(isinstance(x, e.SpanFinished) for x in seen) == 2)
    assert tree(seen, named=False) == [*running[:2], TWO, SHOUT]
    gates.release("one")
    assert tree(seen + await collect(events), named=False) == EACH


@pytest.mark.parametrize("sync", ["thread", "inline"])
async def test_where_sync_actions_run(sync: Any) -> None:
    events = await collect(stream_turn(parallel.application(), {"prompt": "one two"}, sync=sync))
    assert tree(events, named=False) == EACH


@pytest.mark.parametrize("kind", ["map-states", "map-states-on-loop"])
async def test_a_part_that_fails(kind: str) -> None:
    """In threads the others are awaited; `asyncio.gather` leaves them alone, and they end with the step."""
    gates.hold("bad", "two")
    events = stream_turn(parallel.application(kind), {"prompt": "bad two"})
    seen: list[e.TurnEvent] = []
    await read_until(events, seen, lambda: sum(isinstance(x, e.SpanStarted) for x in seen) == 4)
    gates.release("bad")
    failed = "app word='bad' -> failed ValueError: not this word"
    await read_until(events, seen, lambda: failed in tree(seen, named=False))
    if kind == "map-states":
        gates.release("two")
    seen += await collect(events)
    assert tree(seen, named=False)[:2] == [failed, "  action shout -> failed ValueError: not this word"]
    rest = [TWO, SHOUT] if kind == "map-states" else ["app word='two' -> failed", "  action shout -> failed"]
    assert tree(seen, named=False)[2:] == rest
    error = only(seen, e.TurnFailed).error
    assert (error.kind, error.message, error.action) == ("ValueError", "not this word", "fan_out")


class Shared(Executor):
    """An executor that several parallel actions use, one after the other."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.submit = pool.submit


async def test_an_executor_of_the_users() -> None:
    with ThreadPoolExecutor(1) as pool:
        app = parallel.application(executor=lambda: Shared(pool))
        for _ in range(2):
            assert tree(await collect(stream_turn(app, {"prompt": "one two"})), named=False) == EACH
