"""One conversation that this process has open: what is done with it, by whomever, and who listens."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from burr_chat_widget.errors import ConversationMoved, ServerBusy
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnStarted
from burr_chat_widget.protocol.frames import KernelMessage
from burr_chat_widget.session import ChatSession, Turn
from burr_chat_widget.store import Conversation

from .asking import Asking
from .begun import Begun
from .bell import Bell
from .claim import Claim
from .exposure import Exposure
from .limits import ServeLimits
from .listeners import Listeners
from .pages import Pages
from .processes.elsewhere import Elsewhere
from .processes.locks import TurnLock
from .processes.mirror import Mirror
from .processes.relay import Relay
from .processes.remote import RemoteTurn
from .ring import Ring
from .tasks import Tasks
from .telling import Telling
from .turns import ServedTurn

__all__ = ["Opened", "Served"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """A conversation as it was taken up from the store."""

    session: ChatSession
    conversation: Conversation


class Served:
    """One of the conversations that this process has open. Its methods are called on the server's loop.

    Its life: taken up when it is first asked for; turns, each under the conversation's lock; taken up again whenever another process has
    gone on with it, while clients stay; closed.

    Args:
        take_up: makes the session, of what the store has now. Called on any thread, as this is made.
        name: what it is called among processes: see `conversation_name`.
        exposure: what clients see.
        lock: keeps other processes from running a turn meanwhile.
        relay: what processes tell each other, where several can share the store.
        limits: see there.
        loop: the server's.
        history: the state's key of the messages, where that is not inferred; an attribute, too.
        clock: seconds, monotonic.

    Attributes:
        session: has the application. Another one after each taking up.
        outbox: what clients may see.
        used: when it was asked for last.
    """

    def __init__(
        self,
        take_up: Callable[[], Opened],
        *,
        name: str,
        exposure: Exposure,
        lock: TurnLock,
        relay: Relay | None,
        limits: ServeLimits,
        loop: asyncio.AbstractEventLoop,
        history: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._take_up = take_up
        self._exposure = exposure
        self._limits = limits
        self._loop = loop
        self._clock = clock
        self.history = history
        opened = take_up()
        self.session, self._conversation = opened.session, opened.conversation
        self.used = self._looked = clock()
        self._bell = Bell(loop)
        self._tasks = Tasks(loop)
        self._elsewhere = Elsewhere(relay, name, exposure, self._bell)
        self._claim = Claim(lock, self._renew, self._elsewhere.running)
        self._telling = Telling(
            self.session, exposure, self._bell, held=lambda: self._claim.held, started=self._started
        )
        self.outbox = self._telling.outbox
        self._ring: Ring | None = None  # what was told is remembered for those who listen: from the first one on
        self._pages = Pages(self.outbox, self._bell)
        self._begun = Begun()
        self._asking = Asking(self, self.outbox, exposure, self._claim, self._pages, self._begun.turns, self._ends)
        self._mirror = Mirror(self._elsewhere, self.outbox, self._bell, self._claim, self._tasks)
        self._listeners = Listeners(self._look, limits.watch, self._mirror.heard, self._mirror.catch_up)

    @property
    def busy(self) -> bool:
        """Whether something goes on, or somebody listens."""
        return self._claim.held or len(self._listeners) > 0 or self._tasks.busy

    @property
    def mirrored(self) -> list[Turn]:
        """What was told of turns of other processes that are seen here."""
        return self._mirror.turns

    async def begin(self, text: str | None, inputs: Mapping[str, Any] | None = None) -> ServedTurn:
        """Begin a turn, on the newest state that any process has left. Returns when it has begun.

        Raises:
            TurnRunning: if one runs, here or in another process; `turn` is its key, where that can be told.
            BurrChatError: what the future of `ChatSession.begin` raises; a `StoreError` where the store cannot be read.
            ServerBusy: if the conversation is being closed.
        """
        return await self._tasks.undisturbed(self._begin(text, inputs or {}))

    def turn(self, key: str) -> ServedTurn | None:
        """The turn of that name, of the last ones that have run in this process; see `turn_elsewhere` where there is none."""
        return self._begun.turns.get(key)

    async def turn_elsewhere(self, key: str) -> RemoteTurn | None:
        """The turn of that name, of one that runs in another process or has ended some minutes ago at most.

        Raises:
            NoAnswer: if a turn runs in another process, which tells nothing of it.
            StoreError: if the store cannot be reached.
        """
        return await self._elsewhere.turn(key, none_runs=self._claim.held)

    def stop(self, turn: str | None = None) -> str | None:
        """Let the running turn end as stopped, if it is that one and runs here; gives its key then. See `stop_anywhere`."""
        running = self.session.running
        self.session.stop(turn)
        return running.key if running is not None and turn in (None, running.key) else None

    async def stop_anywhere(self, turn: str | None = None) -> str | None:
        """Let the running turn end as stopped, if it is that one, whichever process runs it; gives its key. None where none runs.

        Raises:
            NoAnswer: if it runs in another process, which does not hear it.
            StoreError: if the store cannot be reached.
        """
        stopped = self.stop(turn)
        return stopped if stopped is not None or self._claim.held else await self._elsewhere.stop(turn)

    async def runs_elsewhere(self) -> bool:
        """Whether another process runs a turn now. If not, what is seen is fresh."""
        return not await self._tasks.undisturbed(self._claim.look())

    async def refresh(self) -> None:
        """See to it that what is seen is what any process has left, `limits.fresh` ago at most. While a turn runs, nothing changes."""
        if self._clock() - self._looked >= self._limits.fresh:
            await self._look()

    def events(self, last_id: str | None = None) -> AsyncGenerator[bytes, None]:
        """The view and all that is told from then on, as server-sent events: see `Ring.events`."""
        self._ring = self._ring or Ring(self.outbox, self._bell)
        return self._listeners.hearing(self._ring.events(last_id))

    def frames(self, client: str) -> AsyncGenerator[bytes, None]:
        """What the page of that name is sent, as server-sent events, until it closes the generator."""
        return self._listeners.hearing(self._pages.frames(client))

    def has_page(self, client: str) -> bool:
        """Whether that page's stream is here. If not, its commands belong to the process that has it."""
        return client in self._pages

    async def command(self, command: c.Command, *, may_begin: bool = True) -> KernelMessage | None:
        """Do what a client asks. Where it has no answer of its own, what became of it is told in `outbox`.

        What is not exposed is refused in words, and so is what another process's turn stands in the way of. `may_begin`: see
        `Turns.go_on_for`.
        """
        return await self._tasks.undisturbed(self._asking.answer(command, may_begin=may_begin))

    async def close(self) -> None:
        """Stop what runs, as a person would, and let go of everything. Streams end after the last event."""
        self._listeners.close()
        await self._mirror.close()
        await self._claim.close(lambda: asyncio.to_thread(self.session.close))
        # Those of an action that blocks its loop, and was not waited for any longer.
        self._begun.give_up_all(ServerBusy("the conversation is being closed", remedy="ask again"))
        await self._tasks.finish()
        self._telling.release_all()
        await self._pages.close()
        self._bell.ring()

    async def _begin(self, text: str | None, inputs: Mapping[str, Any]) -> ServedTurn:
        await self._claim.take()
        request = uuid.uuid4().hex
        try:
            future = self.session.begin(text, inputs, request=request).future
        except RuntimeError:  # it was closed
            await self._let_go()
            raise ServerBusy("the conversation is being closed", remedy="ask again") from None
        begun = self._begun.expect(request)
        self._ends(future, request)
        return await begun

    def _ends(self, future: concurrent.futures.Future[Any] | None, request: str | None = None) -> None:
        """When that is done, what was begun under the claim is over."""

        def over() -> None:
            self._tasks.spawn(self._let_go(future, request))

        if future is None:
            over()
        else:
            future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(over))

    async def _let_go(self, future: concurrent.futures.Future[Any] | None = None, request: str | None = None) -> None:
        ended = self._begun.ended()
        for turn in ended:
            await self._elsewhere.end(turn)
        await self._claim.give_back()
        self._telling.release()
        self._looked = self.used = self._clock()
        # Nobody listens there: what is pending becomes part of the view.
        await asyncio.to_thread(self.session.outbox.take)
        for turn in ended:
            turn.free = True
        self._bell.ring()
        if future is not None and request is not None:
            error = future.exception() or ServerBusy("the turn did not begin", remedy="ask again")
            self._begun.give_up(request, error)

    async def _look(self) -> None:
        if self._claim.held or self._mirror.busy:
            return
        self._looked = self._clock()
        if self._mirror.shows or await asyncio.to_thread(self._is_moved):
            await self._tasks.undisturbed(self._claim.look())

    async def _renew(self) -> None:
        stays, shown = self._mirror.stays, self._mirror.drop()
        replaced = shown and not stays
        if await asyncio.to_thread(self._is_moved):
            replaced = await asyncio.to_thread(self._again, stays)
        elif replaced:
            await asyncio.to_thread(self._telling.show)
        if replaced:
            self._mirror.turns = []

    def _is_moved(self) -> bool:
        try:
            self._conversation.check()
        except ConversationMoved:
            return True
        return False

    def _again(self, quietly: bool) -> bool:
        """Another process has gone on: take up what it has left. Whoever listens stays, and is shown that: see `Telling.hear`."""
        before, opened = self.session, self._take_up()
        session = opened.session
        for point in before.breakpoints:
            with contextlib.suppress(Exception):  # an action of that name is not there any more
                session.breakpoints.add(point.action, when=point.when, condition=point.condition)
        session.set_pace(before.pace)
        self.session, self._conversation = session, opened.conversation
        replaced = self._telling.hear(session, quietly=quietly)
        before.close()
        return replaced

    def _started(self, told: TurnStarted) -> None:
        """A turn begins: on any thread."""
        started = next(turn for turn in reversed(self.session.turns) if turn.key == told.turn)
        turn = ServedTurn(
            started, self.outbox.told(), self._bell, self._exposure, self.outbox.sent, self._listeners.one
        )
        self._loop.call_soon_threadsafe(self._follow, turn, told.request)

    def _follow(self, turn: ServedTurn, request: str | None) -> None:
        """From now on it can be followed, in every process."""
        self._elsewhere.begin(turn, self.stop)
        self._begun.add(turn, request)
