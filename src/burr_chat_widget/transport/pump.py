"""What empties the outbox: a thread of its own, so that frames go out while an action or a cell blocks a loop."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from .outbox import Outbox

__all__ = ["Pump", "start_pump"]

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], None]


class Pump(Protocol):
    """Sends what is due until it is closed."""

    def close(self) -> None:
        """Send what is due now, and nothing from then on."""
        ...


def start_pump(outbox: Outbox, send: Send, context: contextvars.Context) -> Pump:
    """Send the outbox's messages, each as it falls due, in `context`.

    On a thread; where there are none (Pyodide), on the running event loop.
    """
    if sys.platform == "emscripten":
        return _LoopPump(outbox, send, context, asyncio.get_running_loop())
    return _ThreadPump(outbox, send, context)


class _ThreadPump:
    def __init__(self, outbox: Outbox, send: Send, context: contextvars.Context) -> None:
        self._outbox = outbox
        self._send = send
        self._woken = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=context.run, args=(self._run,), name="burr-chat-pump", daemon=True)
        outbox.wake = self._woken.set
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._woken.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while True:
            due = self._outbox.next_due()
            wait = None if due is None else due - time.monotonic()
            if (wait is None or wait > 0) and not self._closed:
                self._woken.wait(wait)
                self._woken.clear()
                continue
            if wait is not None and wait <= 0:
                _send_all(self._outbox, self._send)
            if self._closed:
                return


class _LoopPump:
    def __init__(
        self, outbox: Outbox, send: Send, context: contextvars.Context, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._outbox = outbox
        self._send = send
        self._context = context
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        outbox.wake = lambda: loop.call_soon(self._run, context=context)

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _run(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed:
            return
        due = self._outbox.next_due()
        if due is not None and due <= time.monotonic():
            _send_all(self._outbox, self._send)
            due = self._outbox.next_due()
        if due is not None:
            self._timer = self._loop.call_later(max(0, due - time.monotonic()), self._run, context=self._context)


def _send_all(outbox: Outbox, send: Send) -> None:
    for message in outbox.take():
        try:
            send(message)
        except Exception:
            # A page that misses it finds the gap, or is told by the heartbeat, and asks for a snapshot.
            logger.exception("could not send a %s", message["type"])
