"""What a served conversation costs: memory and time of 200 at once, beside a server that is written out of Burr's own calls.

`python -m bench.bench_serve` in `tests/` prints the figures. Both servers have the application in this module, keep conversations in a
SQLite file, and have a process of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action
from burr.core.persistence import SQLitePersister
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from burr_chat_widget import serve

CONVERSATIONS = 200
DELTAS = 200
ROUNDS = 5
MEMORY = "/dev/shm"
"""Where the stores are, so that no disk is measured."""


@action(reads=["chat_history"], writes=["chat_history"])
async def prompt(state: State, prompt: str) -> State:
    """Take the prompt."""
    return state.append(chat_history={"role": "user", "content": prompt, "type": "text"})


@streaming_action(reads=["chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say some words, as fast as they are taken."""
    for _ in range(DELTAS):
        yield {"delta": "words "}, None
        await asyncio.sleep(0)
    final = {"role": "assistant", "content": "words " * DELTAS, "type": "text"}
    yield {"response": final}, state.append(chat_history=final)


def builder() -> ApplicationBuilder[Any]:
    """The chatbot."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )


def plain(store: str) -> FastAPI:
    """What one would write instead, as Burr's streaming example does: an application for each conversation, kept in a dict."""
    app, applications = FastAPI(), dict[str, Application[Any]]()

    def found(name: str) -> Application[Any]:
        if name not in applications:
            persister = SQLitePersister(store, connect_kwargs={"check_same_thread": False})
            persister.initialize()
            made = builder().with_identifiers(app_id=name, partition_key="bench").with_state_persister(persister)
            applications[name] = made.build()
        return applications[name]

    @app.post("/response/bench/{name}")
    async def respond(name: str, asked: dict[str, str]) -> StreamingResponse:
        async def sent() -> AsyncIterator[str]:  # Burr has a stream called and read in one task
            _, container = await found(name).astream_result(halt_after=["answer"], inputs=asked)
            async for item in container:
                yield f"data: {json.dumps({'type': 'delta', 'value': item['delta']})} \n\n"
            await container.get()

        return StreamingResponse(sent(), media_type="text/event-stream")

    return app


def ours(store: str) -> FastAPI:
    """The same, served."""
    limits = serve.ServeLimits(turns=1_000_000, streams=10 * CONVERSATIONS)
    return serve.app(builder, store=store, limits=limits)


@contextlib.contextmanager
def server(kind: str) -> Iterator[tuple[str, int]]:
    """One of the two in a process of its own; its URL and process id."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None) as folder:
        command = [sys.executable, "-m", "bench.bench_serve", kind, str(Path(folder, "chats.sqlite"))]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()
            process.communicate()


def memory(process: int) -> int:
    """Bytes that a process holds in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def threads(process: int) -> int:
    """How many threads it has."""
    return len(os.listdir(f"/proc/{process}/task"))


async def _all(client: httpx.AsyncClient) -> float:
    """Seconds that a turn of each conversation takes."""

    async def chat(name: str) -> None:
        response = await client.post(f"/response/bench/{name}", json={"prompt": "hello"})
        assert response.text.count('"delta"') == DELTAS

    began = time.perf_counter()
    await asyncio.gather(*(chat(f"c{number}") for number in range(CONVERSATIONS)))
    return time.perf_counter() - began


async def _measure(url: str, process: int) -> dict[str, float]:
    async with httpx.AsyncClient(
        base_url=url, timeout=None, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
    ) as client:
        for _ in range(2):
            await client.post("/response/bench/warm", json={"prompt": "hello"})
        before = memory(process)
        first = await _all(client)
        held = (memory(process) - before) / CONVERSATIONS
        later = [await _all(client) for _ in range(ROUNDS)]
        grown = (memory(process) - before) / CONVERSATIONS
        return {
            "first": first,
            "later": statistics.median(later),
            "held": held,
            "grown": grown,
            "threads": threads(process),
        }


def measure() -> dict[str, dict[str, float]]:
    """Seconds and bytes, of the server that is written by hand and of ours."""
    figures: dict[str, dict[str, float]] = {}
    for kind in ("plain", "ours"):
        with server(kind) as (url, process), ThreadPoolExecutor() as pool:  # this thread may have an event loop already
            figures[kind] = pool.submit(lambda url=url, process=process: asyncio.run(_measure(url, process))).result()
    return figures


def rows() -> Iterator[tuple[str, str, str, str]]:
    """What was measured, of the server that is written by hand, of ours, and how often the one is in the other."""
    figures = measure()
    plain, ours = figures["plain"], figures["ours"]
    each = f"a turn of {DELTAS} deltas in each of {CONVERSATIONS} conversations at once"
    for what, name, unit, digits in (
        (f"{each}, the first one, s", "first", 1.0, 1),
        (f"{each}, a later one, s", "later", 1.0, 1),
        ("memory for each conversation after its first turn, KB", "held", 1e3, 0),
        (f"memory for each conversation after {1 + ROUNDS} turns, KB", "grown", 1e3, 0),
    ):
        yield (
            what,
            f"{plain[name] / unit:.{digits}f}",
            f"{ours[name] / unit:.{digits}f}",
            f"{ours[name] / plain[name]:.2f}",
        )
    yield f"threads after {CONVERSATIONS} conversations", f"{plain['threads']:.0f}", f"{ours['threads']:.0f}", ""


def main() -> None:
    """Print the figures, or be one of the servers."""
    if len(sys.argv) > 1:
        listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        app = {"plain": plain, "ours": ours}[sys.argv[1]](sys.argv[2])
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
        return
    for row in rows():
        print(" | ".join(row))


if __name__ == "__main__":
    main()
