"""What empties the outbox: a thread of its own, so that frames go out while an action or a cell blocks a loop."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .outbox import Outbox

__all__ = ["Pump"]

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], None]


class Pump:
    """Sends the outbox's messages, each as it falls due, until it is closed."""

    def __init__(self, outbox: Outbox, send: Send) -> None:
        self._outbox = outbox
        self._send = send
        self._woken = threading.Event()
        self._closed = False
        self._asked: deque[Callable[[], object]] = deque()
        self._thread = threading.Thread(target=self._run, name="burr-chat-pump", daemon=True)
        outbox.wake = self._woken.set
        self._thread.start()

    def soon(self, function: Callable[[], object]) -> None:
        """Call a function on the pump's thread, after what is due now was sent. It must not raise. Callable on any thread."""
        self._asked.append(function)
        self._woken.set()

    def close(self) -> None:
        """Send what is due now, and nothing from then on."""
        self._closed = True
        self._woken.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while True:
            due = self._outbox.next_due()
            wait = None if due is None else due - time.monotonic()
            if (wait is None or wait > 0) and not self._closed:
                if self._asked:
                    self._asked.popleft()()
                else:
                    self._woken.wait(wait)
                    self._woken.clear()
                continue
            if wait is not None and wait <= 0:
                _send_all(self._outbox, self._send)
            if self._closed:
                return


def _send_all(outbox: Outbox, send: Send) -> None:
    try:
        messages = outbox.take()
    except Exception:
        logger.exception("nothing could be taken from the outbox")
        time.sleep(1)  # it would be tried again at once
        return
    for message in messages:
        try:
            send(message)
        except Exception:
            # A page that misses it finds the gap, or is told by the heartbeat, and asks for a snapshot.
            logger.exception("could not send a %s", message["type"])
