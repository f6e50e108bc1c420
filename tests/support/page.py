"""A page, as far as the transport is concerned: what js/src/transport/connection.ts does, in Python."""

from __future__ import annotations

from typing import Any

import msgspec

from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import KernelMessage
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox


class Page:
    """Holds the view that the kernel's messages make. `messages` is all that reached it."""

    def __init__(self, outbox: Outbox, name: str = "page") -> None:
        self.outbox = outbox
        self.name = name
        self.view: View | None = None
        self.seq = -1
        self.messages: list[dict[str, Any]] = []
        self.hellos = 0
        self.hello()

    def hello(self) -> None:
        """Ask for a snapshot."""
        self.view = None
        self.hellos += 1
        self.outbox.hello(self.name)

    def ack(self) -> None:
        """Say what has been applied."""
        if self.view is not None:
            self.outbox.ack(self.name, self.seq)

    def look_up(self) -> None:
        """What a page does when nothing came for a while, or it comes back into sight."""
        if self.view is None:
            self.hello()
        self.ack()

    def receive(self, message: dict[str, Any]) -> None:
        """Take one message, as it came off the wire."""
        self.messages.append(message)
        match message["type"]:
            case "snapshot" if message["client"] == self.name and not (self.view and message["seq"] <= self.seq):
                self.view = msgspec.convert(message["view"], View)
                self.seq = message["seq"]
                self.ack()
            case "frame" if self.view is not None and message["seq"] == self.seq + 1:
                frame = msgspec.convert(message, KernelMessage)
                for event in frame.events:
                    fold(self.view, event)
                self.seq = frame.seq
            case "frame" if self.view is not None and message["seq"] > self.seq + 1:
                self.hello()
            case "heartbeat" if self.view is not None:
                if message["seq"] > self.seq:
                    self.hello()
                else:
                    self.ack()


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
