"""One conversation that this process has open: what is done with it, by whomever, and who listens."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from burr_chat_widget.errors import ConversationMoved, ServerBusy
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnStarted
from burr_chat_widget.protocol.frames import ControlsChanged, KernelMessage
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import ChatSession
from burr_chat_widget.store import Conversation
from burr_chat_widget.transport.outbox import Outbox

from .asking import Asking
from .bell import Bell
from .claim import Claim
from .exposure import Exposure, log
from .late import Late, Told
from .limits import ServeLimits
from .listeners import Listeners
from .locks import TurnLock
from .pages import Pages
from .ring import Ring
from .turns import ServedTurn

__all__ = ["Opened", "Served"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

TURNS = 100
"""So many turns can be followed again; the oldest are forgotten."""


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
        exposure: what clients see.
        lock: keeps other processes from running a turn meanwhile.
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
        exposure: Exposure,
        lock: TurnLock,
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
        self.outbox = Outbox(exposure.view(self.session.outbox.view()))
        self.used = self._looked = clock()
        self._bell = Bell(loop)
        self._claim = Claim(lock, self._renew)
        self._ring: Ring | None = None  # what was told is remembered for those who listen: from the first one on
        self._pages = Pages(self.outbox, self._bell)
        self._turns: OrderedDict[str, ServedTurn] = OrderedDict()
        self._asked: dict[str, asyncio.Future[ServedTurn]] = {}  # turns that have not begun, by request
        self._asking = Asking(self, self.outbox, exposure, self._claim, self._pages, self._turns, self._ends)
        self._listeners = Listeners(self.refresh, limits.watch)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._late = Late(self._put)
        self._attach(self.session)

    @property
    def busy(self) -> bool:
        """Whether something goes on, or somebody listens."""
        return self._claim.held or len(self._listeners) > 0 or not all(task.done() for task in self._tasks)

    async def begin(self, text: str | None, inputs: Mapping[str, Any] | None = None) -> ServedTurn:
        """Begin a turn, on the newest state that any process has left. Returns when it has begun.

        Raises:
            TurnRunning: if one runs, here or in another process; `turn` is its key where it runs here.
            BurrChatError: what the future of `ChatSession.begin` raises; a `StoreError` where the store cannot be read.
            ServerBusy: if the conversation is being closed.
        """
        return await self._undisturbed(self._begin(text, inputs or {}))

    def turn(self, key: str) -> ServedTurn | None:
        """The turn of that name, of the last ones that have run in this process; see `runs_elsewhere` where there is none."""
        return self._turns.get(key)

    def stop(self, turn: str | None = None) -> bool:
        """Let the running turn end as stopped, if it is that one; says whether it runs here. Others' cannot be stopped from here."""
        running = self.session.running
        self.session.stop(turn)
        return running is not None and turn in (None, running.key)

    async def runs_elsewhere(self) -> bool:
        """Whether another process runs a turn now. If not, what is seen is fresh."""
        return not await self._undisturbed(self._claim.look())

    async def refresh(self) -> None:
        """See to it that what is seen is what any process has left, `limits.fresh` ago at most. While a turn runs, nothing changes."""
        if self._claim.held or self._clock() - self._looked < self._limits.fresh:
            return
        self._looked = self._clock()
        if await asyncio.to_thread(self._is_moved):
            await self._undisturbed(self._claim.look())

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

    async def command(self, command: c.Command) -> KernelMessage | None:
        """Do what a client asks. Where it has no answer of its own, what became of it is told in `outbox`.

        What is not exposed is refused in words, and so is what another process's turn stands in the way of.
        """
        return await self._undisturbed(self._asking.answer(command))

    async def close(self) -> None:
        """Stop what runs, as a person would, and let go of everything. Streams end after the last event."""
        self._listeners.close()
        await self._claim.close(lambda: asyncio.to_thread(self.session.close))
        for begun in self._asked.values():  # of an action that blocks its loop, and was not waited for any longer
            if not begun.done():
                begun.set_exception(ServerBusy("the conversation is being closed", remedy="ask again"))
        while self._tasks:
            await asyncio.wait(self._tasks)
        with self.outbox.order:
            self._late.release(held=False)
        await self._pages.close()
        self._bell.ring()

    async def _begin(self, text: str | None, inputs: Mapping[str, Any]) -> ServedTurn:
        await self._claim.take()
        request = uuid.uuid4().hex
        begun = self._asked[request] = self._loop.create_future()
        try:
            future = self.session.begin(text, inputs, request=request)
        except RuntimeError:  # it was closed
            self._asked.pop(request)
            await self._let_go()
            raise ServerBusy("the conversation is being closed", remedy="ask again") from None
        self._ends(future, request)
        return await begun

    def _ends(self, future: concurrent.futures.Future[Any] | None, request: str | None = None) -> None:
        """When that is done, what was begun under the claim is over."""

        def over() -> None:
            self._spawn(self._let_go(future, request))

        if future is None:
            over()
        else:
            future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(over))

    async def _let_go(self, future: concurrent.futures.Future[Any] | None = None, request: str | None = None) -> None:
        await self._claim.give_back()
        with self.outbox.order:
            self._late.release(held=self._claim.held)
        self._looked = self.used = self._clock()
        # Nobody listens there: what is pending becomes part of the view.
        await asyncio.to_thread(self.session.outbox.take)
        for turn in self._turns.values():
            turn.free = turn.turn.status != "running"
        self._bell.ring()
        begun = self._asked.pop(request or "", None)
        if begun is not None and future is not None and not begun.done():
            begun.set_exception(future.exception() or ServerBusy("the turn did not begin", remedy="ask again"))

    async def _renew(self) -> None:
        if await asyncio.to_thread(self._is_moved):
            await asyncio.to_thread(self._again)

    def _is_moved(self) -> bool:
        try:
            self._conversation.check()
        except ConversationMoved:
            return True
        return False

    def _again(self) -> None:
        """Another process has gone on: take up what it has left. Whoever listens stays, and is shown that."""
        before, opened = self.session, self._take_up()
        session = opened.session
        for point in before.breakpoints:
            with contextlib.suppress(Exception):  # an action of that name is not there any more
                session.breakpoints.add(point.action, when=point.when, condition=point.condition)
        session.set_pace(before.pace)
        before.outbox.unlisten(self._tell)
        self.session, self._conversation = session, opened.conversation
        view = session.outbox.view()
        controls = {name: getattr(view, name) for name in ("pausing", "breakpoints", "pace", "fault")}
        with self.outbox.order:
            self._attach(session)
            self._tell(view)
            self._tell(ControlsChanged(**session.stamp(), **controls))
        before.close()

    async def _undisturbed(self, doing: Coroutine[Any, Any, T]) -> T:
        """Whoever asked for it may go away in the middle: it is done to its end, so that nothing stays claimed."""
        return await asyncio.shield(self._spawn(doing))

    def _spawn(self, doing: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        def ended(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if not task.cancelled():
                task.exception()  # somebody has heard it, or nobody wants to

        task = self._loop.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(ended)
        return task

    # What is told, on any thread.

    def _attach(self, session: ChatSession) -> None:
        session.explain = self._exposure.words
        session.outbox.listen(self._tell)

    def _tell(self, told: Told) -> None:
        with self.outbox.order:
            self._late.take(told, held=self._claim.held)

    def _put(self, told: Told) -> None:
        try:
            if isinstance(told, View):
                self.outbox.replace(self._exposure.view(self.session.outbox.view()))
                return
            if isinstance(told, TurnStarted):
                self._started(told)
            log(told)
            self.outbox.put(self._exposure.event(told))
        except Exception:
            logger.exception("clients could not be told of a %s", type(told).__name__)
        finally:
            self._bell.ring()

    def _started(self, told: TurnStarted) -> None:
        started = next(turn for turn in reversed(self.session.turns) if turn.key == told.turn)
        turn = ServedTurn(
            started, self.outbox.told(), self._bell, self._exposure, self.outbox.sent, self._listeners.one
        )
        self._loop.call_soon_threadsafe(self._begun, turn, told.request)

    def _begun(self, turn: ServedTurn, request: str | None) -> None:
        self._turns[turn.key] = turn
        while len(self._turns) > TURNS:
            self._turns.popitem(last=False)
        begun = self._asked.get(request or "")
        if begun is not None and not begun.done():
            begun.set_result(turn)
