"""What empties the outbox: apart from the turns, so that frames go out while an action or a cell blocks a loop."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .outbox import Outbox
from .recurring import recurring

__all__ = ["Pump"]

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], None]

AFTER_FAILURE = 1.0
"""Seconds until the outbox is tried again, when nothing could be taken from it."""

REST = 9.0
"""What was asked for rests so many times as long as it took: it takes a tenth of the time at most, however long the chat becomes."""


class Pump:
    """Sends the outbox's messages, each as it falls due, until it is closed."""

    def __init__(self, outbox: Outbox, send: Send) -> None:
        self._outbox = outbox
        self._send = send
        self._closed = False
        self._asked: deque[Callable[[], object]] = deque()
        self._doing = threading.Lock()
        self._rested = 0.0
        self._calls = recurring(self._go_on, "burr-chat-pump")
        outbox.wake = self._calls.wake

    def soon(self, function: Callable[[], object]) -> None:
        """Call a function where messages are sent, after what is due now was sent, and not at once after one that took long. It must not
        raise. Callable on any thread.
        """
        self._asked.append(function)
        self._calls.wake()

    def settle(self) -> None:
        """Do here what was asked for and is not done, and wait for what is being done."""
        while self._do_one():
            pass

    def close(self) -> None:
        """Send what is due now, and nothing from then on."""
        self._closed = True
        self._calls.end()

    def _go_on(self) -> float | None:
        """Do one thing; returns in how many seconds there is another, or None."""
        now = time.monotonic()
        due = self._outbox.next_due()
        if due is not None and due <= now:
            return _send_all(self._outbox, self._send)
        rested = self._rested if self._asked and not self._closed else None
        if rested is not None and rested <= now:
            self._do_one()
            return 0
        return min((at - now for at in (due, rested) if at is not None), default=None)

    def _do_one(self) -> bool:
        with self._doing:
            if not self._asked or self._closed:
                return False
            began = time.monotonic()
            self._asked.popleft()()
            self._rested = time.monotonic() + REST * (time.monotonic() - began)
            return True


def _send_all(outbox: Outbox, send: Send) -> float:
    try:
        messages = outbox.take()
    except Exception:
        logger.exception("nothing could be taken from the outbox")
        return AFTER_FAILURE  # it would be tried again at once
    for message in messages:
        try:
            send(message)
        except Exception:
            # A page that misses it finds the gap, or is told by the heartbeat, and asks for a snapshot.
            logger.exception("could not send a %s", message["type"])
    return 0
