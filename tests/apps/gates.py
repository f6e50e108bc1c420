"""Gates in scripted actions: where one was made with `hold`, whoever comes to it waits until the test releases it."""

from __future__ import annotations

import asyncio
import contextlib
import threading

PATIENCE = 180.0
"""Seconds after which whoever waits at a gate gives up: what waits for events that do not come fails, and does not hang."""


class Gate:
    """Holds threads and tasks until it is released."""

    def __init__(self) -> None:
        self._released = threading.Event()
        self._waiting: list[asyncio.Future[None]] = []

    def wait(self) -> None:
        """Wait in a thread."""
        if not self._released.wait(PATIENCE):
            raise TimeoutError("nobody has released the gate")

    async def awaited(self) -> None:
        """Wait in a task."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        if not self._released.is_set():
            await asyncio.wait_for(future, PATIENCE)

    def release(self) -> None:
        """Let go whoever waits or is to come, on any thread."""
        self._released.set()
        for future in self._waiting:
            with contextlib.suppress(RuntimeError):  # its loop is closed
                future.get_loop().call_soon_threadsafe(_let_go, future)


def _let_go(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_gates: dict[str, Gate] = {}


def hold(*names: str) -> None:
    """Hold whoever comes to these gates."""
    _gates.update((name, Gate()) for name in names)


def release(*names: str) -> None:
    """Release these gates, or all."""
    for name in names or [*_gates]:
        _gates.pop(name).release()


def come_to(name: str) -> None:
    """Pass the gate, in a thread."""
    gate = _gates.get(name)
    if gate is not None:
        gate.wait()


async def acome_to(name: str) -> None:
    """Pass the gate, in a task."""
    gate = _gates.get(name)
    if gate is not None:
        await gate.awaited()
