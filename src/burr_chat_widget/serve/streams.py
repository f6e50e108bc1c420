"""Streams of server-sent events as HTTP responses: what keeps them alive, and what ends them.

A stream ends when what it sends has ended, when its client goes away, or when the server exits. In whatever way, the generator is
closed before the response is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from burr_chat_widget.protocol.sse import BEAT

from .exiting import Exiting
from .guard import Guard

__all__ = ["HEARTBEAT", "EventStream", "Streams", "beaten", "finished"]

HEARTBEAT = 5.0
"""Seconds without an event after which a beat says that the connection is alive. Who hears none for some of them takes it for dead."""

STALLED = 60.0
"""Seconds after which a client that takes nothing of what is sent has gone away: its stream is somebody else's then."""

SLICE = 65_536
"""Bytes that are handed to the server at once: what a client does not take of them lies there, beside what it is part of."""

HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
"""Nobody on the way keeps or gathers what is sent."""


async def beaten(source: AsyncIterator[bytes], beat: bytes = BEAT) -> AsyncGenerator[bytes, None]:
    """What `source` yields, and a beat whenever nothing came for `HEARTBEAT` seconds."""
    coming: asyncio.Task[bytes] | None = None
    try:
        while True:
            coming = coming or asyncio.create_task(_next(source))
            done, _ = await asyncio.wait({coming}, timeout=HEARTBEAT)
            if not done:
                yield beat
                continue
            try:
                sent = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield sent
    finally:
        if coming is not None:
            await _cancelled(coming)
        await _closed(source)


class EventStream(Response):
    """A response of `text/event-stream`.

    Args:
        source: yields what is sent; each piece goes out by itself, a large one in slices.
        exiting: ends it.
        gone: is called when the client has gone away before the end.
        ended: is called at the end, in whatever way.
        headers: further ones.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        source: AsyncIterator[bytes],
        exiting: Exiting,
        *,
        gone: Callable[[], object] = lambda: None,
        ended: Callable[[], object] = lambda: None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(headers={**HEADERS, **(headers or {})})
        del self.headers["content-length"]
        self._source = source
        self._exiting = exiting
        self._gone = gone
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. See ASGI."""
        del scope
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if await finished(self._send(send), receive, self._exiting, gone=self._gone) is not None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await _closed(self._source)
            self._ended()

    async def _send(self, send: Send) -> None:
        async for piece in self._source:
            for start in range(0, len(piece), SLICE):
                some = piece[start : start + SLICE]
                await _taken(send({"type": "http.response.body", "body": some, "more_body": True}))


class Streams:
    """Makes the responses of one server that stream: as many as its guard allows, until it exits.

    Attributes:
        exiting: says when it does.
    """

    def __init__(self, guard: Guard, exiting: Exiting) -> None:
        self.exiting = exiting
        self._guard = guard

    def __call__(
        self, source: Callable[[], AsyncGenerator[bytes, None]], *, placed: bool = False, **options: Any
    ) -> EventStream:
        """A response that sends what `source` yields; `placed`: in the guard's `place`. Options: see `EventStream`.

        Raises:
            Refusal: if too many are open.
        """
        if not placed:
            self._guard.open_stream()
        return EventStream(source(), self.exiting, ended=self._guard.close_stream, **options)


async def finished(
    work: Coroutine[Any, Any, object], receive: Receive, exiting: Exiting, *, gone: Callable[[], object]
) -> bool | None:
    """Do something for a client as long as it is there, and the server too; else it is cancelled.

    Args:
        work: what is done.
        receive: the request's, of which the body was read.
        exiting: says when the server goes away.
        gone: is called when the client has gone.

    Returns:
        Whether it was done to its end; None when the client has gone.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnected(receive))
    ending = asyncio.create_task(exiting.wait())
    try:
        await asyncio.wait({working, leaving, ending}, return_when=asyncio.FIRST_COMPLETED)
        left = leaving.done() and not working.done()
        done = working.done()
    finally:
        for task in (leaving, ending, working):
            await _cancelled(task)
    if done:
        try:
            working.result()
        except OSError:  # it could not be sent
            left = True
    if left:
        gone()
        return None
    return done


async def _taken(sending: Awaitable[None]) -> None:
    """Wait until it is sent. Raises ConnectionError where the client is `STALLED`."""
    task = asyncio.current_task()
    assert task is not None, "a response is sent in a task"
    stalled = False

    def give_up() -> None:
        nonlocal stalled
        stalled = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(STALLED, give_up)
    try:
        await sending
    except asyncio.CancelledError:
        if stalled:
            raise ConnectionError("the client takes nothing") from None
        raise
    finally:
        timer.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _next(source: AsyncIterator[bytes]) -> bytes:
    return await anext(source)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # it is not to be complained about


async def _closed(source: AsyncIterator[bytes]) -> None:
    """Let a generator come to its end."""
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
