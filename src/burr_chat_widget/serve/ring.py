"""What was told last in one conversation, for those who listen to it and those who come back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator

from burr_chat_widget.protocol.events import TurnEvent
from burr_chat_widget.protocol.frames import Remark
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox

from .bell import Bell

__all__ = ["Ring"]

EVENTS = 5000
"""So many events are remembered."""

BYTES = 1_000_000
"""They have so many bytes together at most; the last one is remembered in any case."""

PIECE = 65_536
"""Bytes from which on no further event is sent in the same piece."""


class Ring:
    """Everything that an outbox tells, numbered from 1 on; the last of it is remembered.

    It hears on any thread, with the outbox's order held, and is read on the server's loop. A reader costs no memory: who falls too far
    behind is sent the view anew.

    Args:
        outbox: what clients are told.
        bell: is rung when there is more.

    Attributes:
        last: the number of what was told last, 0 before anything was.
    """

    def __init__(self, outbox: Outbox, bell: Bell) -> None:
        self._outbox = outbox
        self._bell = bell
        self._boot = secrets.token_hex(4)  # numbers of another process, or of before, are not these
        self._kept: dict[int, bytes] = {}
        self._size = 0
        self.last = 0
        outbox.listen(self._hear)

    async def events(self, last_id: str | None = None) -> AsyncGenerator[bytes, None]:
        """The view, and all that is told from then on; without the view where what came after `last_id` is remembered.

        Args:
            last_id: the id of the event that the reader had last.
        """
        at = self._place(last_id)
        while True:
            rung = self._bell.next()
            if at is None:
                sent, at = await asyncio.to_thread(self._begin)
                yield sent
            elif at == self.last:
                await self._bell.wait(rung)
            else:
                sent, at = self._after(at)
                if sent:
                    yield sent

    def _hear(self, told: TurnEvent | Remark | View) -> None:
        event = ViewReplaced(view=told) if isinstance(told, View) else told
        sent = self._sent(event, self.last + 1)
        self._kept[self.last + 1] = sent
        self._size += len(sent)
        self.last += 1
        while len(self._kept) > EVENTS or (self._size > BYTES and len(self._kept) > 1):
            oldest = next(iter(self._kept))
            self._size -= len(self._kept.pop(oldest))
        self._bell.ring()

    def _begin(self) -> tuple[bytes, int]:
        """The view as it is now, and the number of what was told last before."""
        with self._outbox.order:
            view, at = self._outbox.view(), self.last
        return self._sent(ViewReplaced(view=view), at), at

    def _place(self, last_id: str | None) -> int | None:
        """The number in an id; None where it is not of here, or too long ago."""
        boot, _, number = (last_id or "").rpartition("-")
        if boot != self._boot or not (number.isascii() and number.isdecimal() and len(number) < 16):
            return None
        at = int(number)
        return at if at == self.last or at + 1 in self._kept else None

    def _after(self, at: int) -> tuple[bytes, int | None]:
        """Some of what was told after that one, and the number of the last of it; None where it is not remembered any more."""
        pieces: list[bytes] = []
        size = 0
        while size < PIECE and at < self.last:
            sent = self._kept.get(at + 1)
            if sent is None:
                return b"".join(pieces), None
            pieces.append(sent)
            size += len(sent)
            at += 1
        return b"".join(pieces), at

    def _sent(self, event: TurnEvent | Remark | ViewReplaced, number: int) -> bytes:
        return server_sent(event, f"{self._boot}-{number}").encode()
