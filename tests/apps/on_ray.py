"""A parallel action whose parts run in Ray's processes. Run as a program, which Ray and its processes leave when it ends.

It prints as JSON what is told while the parts wait for a file, then at the turn's end, then of a turn with a part that fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import ray
from burr.core import State, action
from burr.core.graph import GraphBuilder
from burr.core.parallelism import RunnableGraph
from burr.integrations.ray import RayExecutor

from apps import parallel
from apps.reading import collect
from apps.trees import tree
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.protocol import events as e

TESTS = str(Path(__file__).parents[1])


class Waiting(parallel.EachWord):
    """Each part waits for the file that `go` names."""

    def __init__(self, go: Path) -> None:
        super().__init__()
        self._go = go

    def action(self, state: State, inputs: dict[str, Any]) -> RunnableGraph:  # noqa: ARG002
        @action(reads=["word"], writes=["loud", "elsewhere"])
        def shout(state: State, go: Path, process: int) -> State:
            while not go.exists():
                time.sleep(0.01)
            if state["word"] == "bad":
                raise ValueError("not this word")
            return state.update(loud=state["word"].upper(), elsewhere=os.getpid() != process)

        graph = GraphBuilder().with_actions(shout=shout.bind(go=self._go, process=os.getpid())).build()
        return RunnableGraph(graph=graph, entrypoint="shout", halt_after=["shout"])


async def turn(words: str, folder: Path) -> Any:
    """What is told before the parts are let go, what in all, and how it ends."""
    go = folder / words
    events = stream_turn(parallel.application(Waiting(go), executor=RayExecutor), {"prompt": words})
    seen: list[e.TurnEvent] = []
    while sum(isinstance(x, e.SpanStarted) for x in seen) < 2:
        seen.append(await anext(events))
    before = tree(seen, named=False)
    go.touch()
    seen += await collect(events)
    errors = [event.error.message for event in seen if isinstance(event, e.TurnFailed)]
    return before, tree(seen, named=False), errors


async def main() -> None:
    """Two turns."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps([await turn(words, Path(folder)) for words in ("one two", "one bad")]))


def start(folder: str) -> None:
    """Start Ray. It gives its processes thirty seconds, which a busy machine may need more than once."""
    options = {"include_dashboard": False, "log_to_driver": False, "object_store_memory": 2**27, "_temp_dir": folder}
    for last in (False, False, True):
        try:
            ray.init(num_cpus=2, runtime_env={"env_vars": {"PYTHONPATH": TESTS}}, **options)
        except Exception:
            ray.shutdown()
            if last:
                raise
        else:
            return


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as temporary:
        start(temporary)
        try:
            asyncio.run(main())
        finally:
            ray.shutdown()
