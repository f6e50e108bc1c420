"""The chat's own loop: what runs on it when it is closed."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable
from typing import Any

from burr_chat_widget.transport.loops import SessionLoop


async def handed(coroutine: Awaitable[Any]) -> None:
    """As libraries do it that have groups of tasks."""
    await coroutine


def test_what_has_not_begun_when_the_loop_is_closed_begins_and_is_cancelled():
    told: list[str] = []
    loop = SessionLoop()

    async def inner(name: str) -> None:
        told.append(f"{name} begins")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            told.append(f"{name} is cancelled")
            raise

    children: list[asyncio.Task[None]] = []

    async def starts_others() -> None:
        try:
            await asyncio.sleep(60)
        finally:  # while it is wound up
            children.append(asyncio.create_task(handed(inner("second"))))

    async def main() -> None:
        children.append(asyncio.create_task(starts_others()))
        await asyncio.sleep(0)
        loop.close()  # in this same step, so that what follows is new when the loop winds up
        children.append(asyncio.create_task(handed(inner("first"))))

    loop.submit(main, contextvars.copy_context()).result(10)
    assert loop.ended()
    assert sorted(told) == ["first begins", "first is cancelled", "second begins", "second is cancelled"]
    assert all(task.cancelled() for task in children)
