"""One conversation that this process has open: what is done with it, by whomever, and who listens."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from burr_chat_widget.errors import ConversationMoved, ServerBusy, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import Notice, TurnEvent, TurnFailed, TurnStarted
from burr_chat_widget.protocol.frames import (
    AssetReply,
    ControlsChanged,
    Inspected,
    KernelMessage,
    Logged,
    Refused,
    Remark,
)
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import ChatSession
from burr_chat_widget.store import Conversation
from burr_chat_widget.transport.outbox import Outbox

from .bell import Bell
from .exposure import Exposure
from .locks import TurnLock
from .pages import Pages
from .ring import Ring
from .turns import ServedTurn

__all__ = ["Opened", "ServeLimits", "Served"]

logger = logging.getLogger(__name__)

TURNS = 100
"""So many turns can be followed again; the oldest are forgotten."""

ELSEWHERE = "A turn is running in another process of the server: wait for it to end."

HOLDING = (c.Send, c.Retry, c.Restart, c.Resume, c.StepAction, c.StepDelta, c.Rewind, c.Fork, c.Switch)
"""The commands for which the conversation must be this process's own."""


@dataclass(frozen=True, kw_only=True)
class ServeLimits:
    """How much a process has open. Times in seconds.

    Attributes:
        conversations: the most that are open; of those that nobody needs the one goes that was not asked for longest.
        idle: one that nobody has asked for so long is closed.
        fresh: for so long what is seen may be older than what another process has saved.
        watch: a conversation that is listened to is looked after so often.
    """

    conversations: int = 1000
    idle: float = 900.0
    fresh: float = 1.0
    watch: float = 2.0


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
        take_up: makes the session, of what the store has now. Called on any thread.
        exposure: what clients see.
        lock: keeps other processes from running a turn meanwhile.
        limits: see there.
        loop: the server's.
        clock: seconds, monotonic.
        history: the state's key of the messages, where that is not inferred.

    Attributes:
        session: has the application. Another one after each taking up.
        outbox: what clients may see.
        history: see above.
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
        self._lock = lock
        self._limits = limits
        self._loop = loop
        self._clock = clock
        self._bell = Bell(loop)
        self.history = history
        opened = take_up()
        self.session, self._conversation = opened.session, opened.conversation
        self.outbox = Outbox(exposure.view(self.session.outbox.view()))
        self._ring = Ring(self.outbox, self._bell)
        self._pages = Pages(self.outbox, self._bell)
        self._turns: OrderedDict[str, ServedTurn] = OrderedDict()
        self._asked: dict[str, asyncio.Future[ServedTurn]] = {}  # turns that have not begun, by request
        self._gate = asyncio.Lock()  # held while it changes whose the conversation is
        self._holders = 0  # what goes on under the lock
        self._listeners = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.used = self._checked = clock()
        self._watch: asyncio.Task[None] | None = None
        self._attach(self.session)

    @property
    def busy(self) -> bool:
        """Whether something goes on, or somebody listens."""
        return bool(self._holders or self._listeners)

    # Turns.

    async def begin(self, text: str | None, inputs: Mapping[str, Any] | None = None) -> ServedTurn:
        """Begin a turn, on the newest state that any process has left. Returns when it has begun.

        Raises:
            TurnRunning: if one runs, here or in another process; `turn` is its key where it runs here.
            BurrChatError: what `ChatSession.begin` raises; a `StoreError` where the store cannot be read.
            ServerBusy: if the server is about to end.
        """
        await self._hold()
        request = uuid.uuid4().hex
        begun = self._asked[request] = self._loop.create_future()
        try:
            future = self.session.begin(text, inputs or {}, request=request)
        except BaseException:
            self._asked.pop(request, None)
            await self._let_go()
            raise
        self._concluded_by(future, request)
        return await begun

    def turn(self, key: str) -> ServedTurn | None:
        """The turn of that name, of the last ones that have run in this process; see `runs_elsewhere` where there is none."""
        return self._turns.get(key)

    def stop(self, turn: str | None = None) -> bool:
        """Let the running turn end as stopped, if it is that one; says whether one runs here. Others' turns cannot be stopped from here."""
        running = self.session.running
        self.session.stop(turn)
        return running is not None and turn in (None, running.key)

    async def runs_elsewhere(self) -> bool:
        """Whether another process runs a turn now."""
        async with self._gate:
            if self._holders:
                return False
            if not await self._lock.acquire():
                return True
            await self._lock.release()
            return False

    # What is seen.

    async def refresh(self) -> None:
        """See to it that what is seen is what any process has left, a second ago at most. Nothing changes while a turn runs."""
        if self._is_fresh():
            return
        async with self._gate:
            if self._is_fresh():
                return
            self._checked = self._clock()
            if not await self._is_moved():
                return
            # While another process runs a turn, what it has saved so far is not to be seen yet.
            if await self._lock.acquire():
                try:
                    await asyncio.to_thread(self._again)
                finally:
                    await self._lock.release()

    def events(self, last_id: str | None = None) -> AsyncGenerator[bytes, None]:
        """The view and all that is told from then on, as server-sent events: see `Ring.events`."""
        return self._listened(self._ring.events(last_id))

    def frames(self, client: str) -> AsyncGenerator[bytes, None]:
        """What the page of that name is sent, as server-sent events, until it closes the generator."""
        return self._listened(self._pages.frames(client))

    def has_page(self, client: str) -> bool:
        """Whether that page's stream is here. If not, its commands belong to another process, which has it."""
        return client in self._pages

    async def command(self, command: c.Command) -> KernelMessage | None:
        """Do what a client asks. Where it has no answer of its own, what became of it is told in `outbox`.

        What is not exposed is refused in words, and so is what another process's turn stands in the way of.
        """
        refusal = self._exposure.refusal(command, branches=isinstance(command, c.Retry) and self._branches(command))
        match command:
            case c.Hello() | c.Ack() | c.Bye() | c.Painted():
                self._hear(command)
            case c.Stop():
                self.session.stop(command.turn)
            case c.Asset():
                return AssetReply(name=command.name, error="It is at /assets/.")
            case c.Log():
                return await asyncio.to_thread(self._logged, command)
            case c.Inspect():
                if refusal is not None:
                    return Inspected(client=command.client, request=command.request, error=refusal)
                found = await asyncio.to_thread(self.session.inspect, command)
                return Inspected(client=command.client, request=command.request, **vars(found))
            case _ if refusal is not None:
                self._refuse(command.request, refusal)
            case _ if isinstance(command, HOLDING):
                await self._hold_for(command)
            case _:
                self.session.pages.handle(command)
        return None

    async def close(self) -> None:
        """Stop what runs, as a person would, and let go of everything. Streams end after the last event."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        await asyncio.to_thread(self.session.close)
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._pages.close()
        self._bell.ring()

    # Whose the conversation is.

    async def _hold(self) -> None:
        """From now on no other process runs a turn, and the session has the newest state. Each call needs a `_let_go`."""
        async with self._gate:
            if self._closed:
                raise ServerBusy("the conversation is being closed", remedy="ask again")
            if not self._holders:
                if not await self._lock.acquire():
                    raise TurnRunning(ELSEWHERE)
                try:
                    if await self._is_moved():
                        await asyncio.to_thread(self._again)
                except BaseException:
                    await self._lock.release()
                    raise
            self._holders += 1

    async def _let_go(self) -> None:
        async with self._gate:
            if self._holders == 1:
                try:
                    await self._lock.release()
                except Exception:
                    logger.warning("the lock of a conversation could not be given back", exc_info=True)
            self._holders -= 1
            self._checked = self.used = self._clock()
        for turn in self._turns.values():
            turn.free = turn.turn.status != "running"
        await asyncio.to_thread(
            self.session.outbox.take
        )  # nobody listens there: what is pending becomes part of the view
        self._bell.ring()

    def _concluded_by(self, future: concurrent.futures.Future[Any], request: str) -> None:
        """When that is done, what was held for it is let go."""

        def conclude() -> None:
            task = self._loop.create_task(self._conclude(future, request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(conclude))

    async def _conclude(self, future: concurrent.futures.Future[Any], request: str) -> None:
        await self._let_go()
        begun = self._asked.pop(request, None)
        if begun is not None and not begun.done():
            begun.set_exception(future.exception() or ServerBusy("the turn did not begin", remedy="ask again"))

    async def _is_moved(self) -> bool:
        try:
            await asyncio.to_thread(self._conversation.check)
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
        with self.outbox.order:
            self._attach(session)
            self._tell(view)
            self._tell(
                ControlsChanged(
                    **session.stamp(),
                    pausing=view.pausing,
                    breakpoints=view.breakpoints,
                    pace=view.pace,
                    fault=view.fault,
                )
            )
        before.close()

    def _is_fresh(self) -> bool:
        return self._closed or self._holders > 0 or self._clock() - self._checked < self._limits.fresh

    # What is told, on any thread.

    def _attach(self, session: ChatSession) -> None:
        session.explain = self._exposure.words
        session.outbox.listen(self._tell)

    def _tell(self, told: TurnEvent | Remark | View) -> None:
        try:
            if isinstance(told, View):
                self.outbox.replace(self._exposure.view(self.session.outbox.view()))
                return
            if isinstance(told, TurnStarted):
                self._started(told)
            self._log(told)
            self.outbox.put(self._exposure.event(told))
        except Exception:
            logger.exception("clients could not be told of a %s", type(told).__name__)
        finally:
            self._bell.ring()

    def _started(self, told: TurnStarted) -> None:
        running = self.session.running
        assert running is not None, "a turn that starts runs"
        turn = ServedTurn(running, self.outbox.told(), self._bell, self._exposure, self.outbox.sent, self._followed)
        self._loop.call_soon_threadsafe(self._begun, turn, told.request)

    def _begun(self, turn: ServedTurn, request: str | None) -> None:
        self._turns[turn.key] = turn
        while len(self._turns) > TURNS:
            self._turns.popitem(last=False)
        begun = self._asked.get(request or "")
        if begun is not None and not begun.done():
            begun.set_result(turn)

    def _log(self, told: TurnEvent | Remark) -> None:
        """What clients are not told is in the log."""
        if isinstance(told, TurnFailed):
            error = told.error
            logger.error("turn %s failed: %s: %s\n%s", told.turn, error.kind, error.message, error.traceback or "")
        elif isinstance(told, Notice) and told.level == "warning":
            logger.warning("turn %s: %s", told.turn, told.text)

    # What clients ask.

    def _branches(self, command: c.Retry) -> bool:
        """Whether to retry that turn begins another branch: see `Past.retry`."""
        last = self.session.turns[-1] if self.session.turns else None
        again = last is not None and last.key == command.turn and last.status in ("failed", "stopped")
        return command.text is not None or not again

    async def _hold_for(self, command: Any) -> None:
        try:
            await self._hold()
        except Exception as error:
            if not isinstance(error, TurnRunning | ServerBusy):
                logger.error("a command could not be carried out", exc_info=error)
            self._refuse(command.request, self._exposure.words(error))
            return
        future = self.session.pages.handle(command)
        if future is None:
            await self._let_go()
        else:
            self._concluded_by(future, command.request)

    def _refuse(self, request: str, reason: str) -> None:
        self.outbox.put(Refused(**self.session.stamp(), request=request, reason=reason))

    def _hear(self, command: c.Hello | c.Ack | c.Bye | c.Painted) -> None:
        if command.client not in self._pages:
            return  # its stream is not here, or not any more
        match command:
            case c.Hello():
                self.outbox.hello(command.client)
            case c.Ack():
                self.outbox.ack(command.client, command.seq)
            case c.Bye():
                self.outbox.bye(command.client)
            case c.Painted():
                self.outbox.painted(command.frames)

    def _logged(self, command: c.Log) -> Logged:
        found = self.session.log(command)
        turn = self._turns.get(command.turn)
        count = sum(1 for _ in found.events)
        return replace(
            found,
            events=[self._exposure.wire_event(event) for event in found.events],
            frames=[] if turn is None else turn.frames(found.first, found.first + count),
        )

    # Who listens.

    @contextlib.contextmanager
    def _followed(self) -> Generator[None]:
        self._listeners += 1
        if self._watch is None or self._watch.done():
            self._watch = self._loop.create_task(self._look_after())
        try:
            yield
        finally:
            self._listeners -= 1
            self.used = self._clock()

    async def _listened(self, source: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        with self._followed():
            async with contextlib.aclosing(source):
                async for sent in source:
                    yield sent

    async def _look_after(self) -> None:
        """While somebody listens: show what other processes have done."""
        while self._listeners and not self._closed:
            await asyncio.sleep(self._limits.watch)
            try:
                await self.refresh()
            except Exception:
                logger.warning("whether a conversation was continued elsewhere cannot be told", exc_info=True)
