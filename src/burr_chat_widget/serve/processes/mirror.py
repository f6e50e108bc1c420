"""Whoever listens to a conversation here sees the turn that another process runs in it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from burr_chat_widget.serve.bell import Bell
from burr_chat_widget.serve.claim import Claim
from burr_chat_widget.serve.tasks import Tasks
from burr_chat_widget.session import Turn
from burr_chat_widget.transport.outbox import Outbox

from .elsewhere import PATIENCE, Elsewhere
from .remote import RemoteTurn

__all__ = ["Mirror"]

logger = logging.getLogger(__name__)

LOOK, LOOKS = 0.05, 20
"""Seconds between two tries to take up what a turn has left, and how many there are: others who listen look at the same moment."""

SOON = 2 * PATIENCE
"""Seconds for which who begins to listen waits for the turn of another process, at most. One that does not answer is not waited for so
long; the rest is for what a busy machine needs to read what was told of the turn.
"""


class Mirror:
    """Shows one turn at a time. All of it happens on the server's loop.

    Its life: `heard` -> a turn runs elsewhere: what is seen is what was before it -> its events, as they come -> it has ended: what it has
    left is taken up from the store. It can be dropped at any time. One that was stopped or has failed leaves nothing there: it stays to be
    seen, as it does where it ran, until another process has gone on.

    Args:
        elsewhere: tells of the turn.
        outbox: what clients may see.
        bell: is rung when there is more.
        claim: by which the conversation is taken up from the store.
        tasks: what is taken up is taken up to its end.

    Attributes:
        shows: whether what is seen is another thing than what was taken up.
        stays: whether that stays to be seen when the session that was before is taken up again.
        turns: what was told of the turns that are seen and that the session does not have, oldest first.
    """

    def __init__(
        self,
        elsewhere: Elsewhere,
        outbox: Outbox,
        bell: Bell,
        claim: Claim,
        tasks: Tasks,
    ) -> None:
        self._elsewhere = elsewhere
        self._outbox = outbox
        self._bell = bell
        self._claim = claim
        self._tasks = tasks
        self._showing: asyncio.Task[None] | None = None
        self._feeds = False
        self._drops = 0
        self.shows = False
        self.stays = False
        self.turns: list[Turn] = []

    @property
    def busy(self) -> bool:
        """Whether a turn is being shown."""
        return self._showing is not None and not self._showing.done()

    def heard(self, heard: bool) -> None:
        """Somebody listens here from now on, or nobody does any more."""
        if heard:
            self._elsewhere.watch(lambda: not (self._claim.held or self.busy), self._begin)
            return
        self._elsewhere.unwatch()
        if self._showing is not None:
            self._showing.cancel()
            self._showing, self._feeds = None, False  # whoever comes now is shown it anew
        if self.shows:
            self._tasks.spawn(self._claim.meanwhile())

    async def catch_up(self) -> None:
        """Somebody begins to listen: returns when the turn is seen that another process runs, if one does, or will not be soon.

        A page may come from that process, in the middle of a turn that it has begun: it is not to take it for lost. Where no process runs
        one, this is known at once.
        """
        if not self._claim.held:
            self._begin()
        end = time.monotonic() + SOON
        while self._showing is not None and not (self._showing.done() or (self._feeds and self.shows)):
            wait = end - time.monotonic()
            if wait <= 0:
                return
            await asyncio.wait({self._bell.next(), self._showing}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)

    def drop(self) -> bool:
        """Show it no more: what was taken up is to be seen again. Says whether anything else is seen now."""
        if self._feeds and self._showing is not None:
            self._showing.cancel()
        self._drops += 1
        shown, self.shows, self.stays = self.shows, False, False
        return shown

    async def close(self) -> None:
        """Show nothing any more."""
        self._elsewhere.unwatch()
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.wait({self._showing})

    def _begin(self) -> None:
        if not self.busy:
            self._showing = self._tasks.spawn(self._show())

    async def _show(self) -> None:
        try:
            key = await self._elsewhere.running()
            if key is None or self._claim.held:  # this process has been quicker, and the turn is its own
                return
            await self._tasks.undisturbed(self._claim.meanwhile())
            drops, turn = self._drops, await self._elsewhere.turn(key)
            # Of one that has ended, what was taken up may have some already.
            fresh = drops == self._drops and not self._claim.held
            if turn is not None and not turn.over and fresh and await self._feed(turn):
                self.stays = True
            for _ in range(LOOKS):
                if await self._tasks.undisturbed(self._claim.look()):
                    return
                await asyncio.sleep(LOOK)
        except Exception:  # what it leaves is seen when it has ended
            logger.warning("a turn that another process runs cannot be shown", exc_info=True)

    async def _feed(self, turn: RemoteTurn) -> bool:
        """Show it as it is told; says whether all of it was, and the store has nothing of it."""
        record = Turn(turn.key, {})
        record.begin_sending(self._outbox.told(), self._outbox.sent)
        self.turns = [*self.turns, record]
        self._feeds = True
        try:
            async with contextlib.aclosing(turn.events()) as told:
                async for events in told:
                    self.shows = True
                    for event in events:
                        record.record(event)
                        self._outbox.put(event)
                    self._bell.ring()
        finally:
            self._feeds = False
        return record.status in ("stopped", "failed")
