"""The pages of one conversation: each has a stream of its own, and all are fed from one outbox."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

from burr_chat_widget.protocol.sse import message_sent
from burr_chat_widget.transport.outbox import Outbox

from .bell import Bell

__all__ = ["Pages"]

WAITING = 2_000_000
"""So many bytes wait for a page that does not read; then they are dropped, and it is sent a snapshot when it reads again."""


LAST = 0.5
"""Seconds within which the last frames are sent."""


class _Page:
    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.size = 0
        self.behind = False
        self.gone = False
        self.news = asyncio.Event()

    def send(self, message: bytes) -> None:
        if self.behind:
            return
        self.waiting.append(message)
        self.size += len(message)
        if self.size > WAITING:
            self.waiting.clear()
            self.size, self.behind = 0, True
        self.news.set()

    def leave(self) -> None:
        self.gone = True
        self.news.set()


class Pages:
    """What empties an outbox while there are pages, on the server's loop. All of it happens there."""

    def __init__(self, outbox: Outbox, bell: Bell) -> None:
        self._outbox = outbox
        self._bell = bell
        self._pages: dict[str, _Page] = {}
        self._pump: asyncio.Task[None] | None = None
        outbox.wake = bell.ring

    def __contains__(self, client: str) -> bool:
        return client in self._pages

    async def frames(self, client: str) -> AsyncGenerator[bytes, None]:
        """What a page of that name is sent, from a snapshot on. A further stream for the same name takes the place of the one before."""
        if (before := self._pages.get(client)) is not None:
            before.leave()
        page = self._pages[client] = _Page()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run())
        self._outbox.hello(client)
        try:
            while True:
                while page.waiting:
                    message = page.waiting.popleft()
                    page.size -= len(message)
                    yield message
                if page.gone:
                    return
                if page.behind:
                    page.behind = False
                    self._outbox.hello(client)
                page.news.clear()
                if not (page.waiting or page.gone):  # else it came before the news were taken note of
                    await page.news.wait()
        finally:
            if self._pages.get(client) is page:
                del self._pages[client]
                self._outbox.bye(client)

    async def close(self) -> None:
        """Send what is due soon, and end all streams."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait({self._pump})
        end = time.monotonic() + LAST
        while (due := self._outbox.next_due()) is not None and due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._send_due()
        for page in [*self._pages.values()]:
            page.leave()

    async def _run(self) -> None:
        while self._pages:
            rung, due = self._bell.next(), self._outbox.next_due()
            wait = None if due is None else due - time.monotonic()
            if wait is None or wait > 0:
                await self._bell.wait(rung, wait)
            else:
                await self._send_due()

    async def _send_due(self) -> None:
        # A snapshot of a long conversation takes its time.
        long = self._outbox.next_due() == float("-inf")
        messages = await asyncio.to_thread(self._outbox.take) if long else self._outbox.take()
        for message in messages:
            self._deliver(message)

    def _deliver(self, message: dict[str, Any]) -> None:
        sent = message_sent(message)
        if message["type"] == "snapshot":
            pages = [page for name, page in self._pages.items() if name == message["client"]]
        else:
            pages = [*self._pages.values()]
        for page in pages:
            page.send(sent)
