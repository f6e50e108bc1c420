"""The line to a server: follows what is told there, comes back when it was cut, and passes on what is asked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import Any

import msgspec

from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnEvent
from burr_chat_widget.protocol.frames import ComposerChanged, ControlsChanged, Inspected, Logged, Remark
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.sse_reading import ServerSent
from burr_chat_widget.protocol.view import Composer, View
from burr_chat_widget.session import Turn
from burr_chat_widget.session.front import stamp
from burr_chat_widget.transport.outbox import Outbox

from .asked import Asked, Question
from .server import Server
from .turns import RemoteTurns

__all__ = ["Line"]

logger = logging.getLogger(__name__)

AGAIN, AGAIN_MAX = 0.25, 10.0
"""Seconds until the server is tried again: doubled each time, and a little more or less, so that not all come back at once."""

LATE = 3.0
"""Seconds after which a view is asked for anew, where nothing was told of what the server has taken: of several workers behind one
address another one may have taken it."""

LOOKS = 10
"""So often that is done."""

FETCHED = 4
"""So many turns that have ended are fetched at the same time."""

_told: msgspec.json.Decoder[TurnEvent | Remark | ViewReplaced] = msgspec.json.Decoder(TurnEvent | Remark | ViewReplaced)


class Line:
    """One conversation of a server, as it is followed here. All of it happens on one event loop; attributes can be read anywhere.

    Its life: `begin`, which waits for the first view; live, and cut, and live again, any number of times; `over`, where the server does
    not let it in any more.

    While it is cut, nothing can be sent and pages say so. When it is back, the server goes on after the event that was heard last; where
    it cannot (it was started again, or too much has been told since), it sends the view, and what was missed of turns is fetched.

    Attributes:
        turns: the turns that were heard of.
        controls: where turns are held, how fast and by what fault.
        faults: what can be made to go wrong with the model.
        title: heading of the chat.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.turns = RemoteTurns()
        self.controls = ControlsChanged(**stamp(), pausing=False, breakpoints=[])
        self.faults: list[str] = []
        self.title = ""
        self._outbox: Outbox | None = None
        self._composer = Composer()
        self._last_id = ""
        self._told_by = ""
        self._live = False
        self._over: ServerError | None = None
        self._asked = Asked()
        self._anew = False
        self._viewed = asyncio.Event()
        self._fetched = asyncio.Semaphore(FETCHED)
        self._stop_next = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._listening: asyncio.Task[None] | None = None

    async def begin(self) -> Outbox:
        """Follow the conversation from now on; returns when its view is there, and the turns in it that have ended.

        Raises:
            ServerError: if the server cannot be reached, does not let one in, or is none of ours.
        """
        first: asyncio.Future[list[asyncio.Task[None]]] = asyncio.get_running_loop().create_future()
        self._start(self._follow(first))
        for catching_up in await first:
            await asyncio.wait({catching_up})
        assert self._outbox is not None
        return self._outbox

    def turn(self, key: str | None) -> Turn:
        """The turn of that name, which has been told of."""
        turn = self.turns.get(key or "")
        if turn is None:
            raise ServerError("the server has not said which turn has begun")
        return turn

    async def ask(self, command: Any) -> str | None:
        """Let the server carry something out, once; returns when it has: the key of the turn that it has begun, if it has.

        Raises:
            ServerError: if it does not, or cannot be asked; `error` is `refused` where it has told that to everybody.
        """
        self._check_live()
        question = self._asked.begin(command.request)
        try:
            await self._deliver(command, question)
            looks = 0
            while looks < LOOKS and self._over is None:
                await asyncio.wait({question.answer}, timeout=LATE)
                if question.answer.done():
                    return question.answer.result()
                if self._live:
                    self._look_anew()
                    looks += 1
            raise ServerError(
                "the server has not said what became of it",
                remedy="see in the chat whether it was done, before it is asked again",
            )
        finally:
            self._asked.end(command.request)
            question.answer.cancel()
            if question.answer.done() and not question.answer.cancelled():
                question.answer.exception()  # it may have come after who waited has given up

    async def look(self, command: c.Inspect | c.Log) -> Inspected | Logged:
        """What the server answers to a page's question; why it does not is an answer too."""
        try:
            answer = await self._server.command(command)
        except ServerError as error:
            kind = Inspected if isinstance(command, c.Inspect) else Logged
            return kind(client=command.client, request=command.request, error=str(error))
        if not isinstance(answer, Inspected | Logged):
            raise TypeError(f"the server answers {command!r} with {answer!r}")
        return answer

    async def stop(self, client: str, turn: str | None) -> None:
        """Stop that turn, or the running one, or the one that was asked for and has not begun.

        Where the server cannot be reached it is not stopped; pages ask again by themselves.
        """
        running = self.turns.running
        key = turn or (running.key if running is not None else None)
        if key is None:
            self._stop_next = len(self._asked) > 0
            return
        try:
            await self._server.command(c.Stop(client=client, turn=key))
        except ServerError as error:
            logger.warning("the turn could not be stopped: %s", error)

    # Following.

    async def _follow(self, first: asyncio.Future[list[asyncio.Task[None]]]) -> None:
        wait = AGAIN
        try:
            while True:
                self._listening = asyncio.create_task(self._listen(first))
                try:
                    await asyncio.wait({self._listening})
                finally:
                    self._listening.cancel()
                heard = self._live
                error = _error_of(self._listening)
                if not first.done():
                    first.set_exception(
                        error or ServerError("the server ends what it has begun to tell", remedy="try again")
                    )
                    return
                if error is not None and error.error in ("token-needed", "not-understood"):
                    self._end(error)
                    return
                if self._anew:  # asked for by ourselves
                    self._anew, self._last_id = False, ""
                    continue
                self._cut(error)
                wait = AGAIN if heard else min(wait * 2, AGAIN_MAX)
                await asyncio.sleep(max(wait * random.uniform(0.75, 1.25), (error and error.retry_after) or 0))
        finally:
            await self._server.close()

    async def _listen(self, first: asyncio.Future[list[asyncio.Task[None]]]) -> None:
        async with self._server.listen(self._last_id) as events:
            if self._outbox is not None:
                self._back()
            async for sent in events:
                missed = self._take(sent)
                if self._outbox is not None and not first.done():
                    self._back()
                    first.set_result(missed)

    def _take(self, sent: ServerSent) -> list[asyncio.Task[None]]:
        """The server has told something. Gives who fetches turns that have ended."""
        told = _told.decode(sent.data)
        self._last_id = sent.last_id
        before, self._told_by = self._told_by, sent.last_id.rpartition("-")[0]
        if isinstance(told, ViewReplaced):
            return self._show(told.view, same_server=before == self._told_by)
        if self._outbox is None:
            return []
        if isinstance(told, ComposerChanged):
            self._composer = told.composer
        elif isinstance(told, ControlsChanged):
            self.controls = told
        if isinstance(told, Remark):
            self._outbox.put(told)
        else:
            self.turns.tell(told, self._outbox)
        self._asked.told(told)
        self._stop_if_asked()
        return []

    def _show(self, view: View, *, same_server: bool) -> list[asyncio.Task[None]]:
        self._composer, self.faults, self.title = view.composer, list(view.session.faults), view.session.title
        answered = self._asked.seen(view)
        self.controls = ControlsChanged(
            **stamp(), pausing=view.pausing, breakpoints=view.breakpoints, pace=view.pace, fault=view.fault
        )
        if self._outbox is None:
            view.accepted, view.refused = [], []
            self._outbox = Outbox(view)
        else:
            self._outbox.replace(view)  # which keeps what pages were answered, and where turns are held
            self._outbox.put(self.controls)
        for remark in answered:
            self._outbox.put(remark)
        ended = {turn.key for turn in view.turns if turn.status != "running"}
        missed = self.turns.show(view, self._outbox, same_server=same_server)
        for turn in (*self.turns.lost(), *(turn for turn in missed if turn.key not in ended)):
            self._start(self._catch_up(turn))
        self._viewed.set()
        return [self._start(self._fetch(turn)) for turn in missed if turn.key in ended]

    async def _fetch(self, turn: Turn) -> None:
        async with self._fetched:
            await self._catch_up(turn)

    async def _catch_up(self, turn: Turn) -> None:
        """Take all that is told of a turn of which something was missed, to its end."""
        wait = AGAIN
        while turn.status == "running":
            try:
                async with self._server.turn(turn.key) as events:
                    number = 0
                    async for sent in events:
                        told = _told.decode(sent.data)
                        self.turns.catch_up(turn, told, number)  # pyright: ignore[reportArgumentType] -- a turn's stream has its events alone
                        number += 1
            except ServerError as error:
                if error.status in (204, 404):
                    break
                wait = min(wait * 2, AGAIN_MAX) if error.retry_after is None else error.retry_after
            if self._over is not None:
                break
            if turn.status == "running":
                await asyncio.sleep(wait)
        self.turns.caught_up(turn)

    def _back(self) -> None:
        if not self._live:
            self._live = True
            self._tell_composer(self._composer)

    def _cut(self, error: ServerError | None) -> None:
        """Nothing is heard any more, for now."""
        if not self._live:
            return
        self._live = False
        why = (
            "does not answer any more"
            if error is None or error.status is None
            else f"cannot be used now: {error.message}"
        )
        self._close_composer(
            f"The server at {self._server.address.base} {why}. It is tried again; what runs there may go on."
        )

    def _end(self, error: ServerError) -> None:
        self._live, self._over = False, error
        self._viewed.set()
        self._close_composer(str(error))

    def _close_composer(self, hint: str) -> None:
        self._tell_composer(msgspec.structs.replace(self._composer, enabled=False, ended=False, hint=hint))

    def _tell_composer(self, composer: Composer) -> None:
        if self._outbox is not None:
            self._outbox.put(ComposerChanged(**stamp(), composer=composer))

    def _look_anew(self) -> None:
        """Let the server send the view."""
        self._anew = True
        if self._listening is not None:
            self._listening.cancel()

    # Asking.

    def _check_live(self) -> None:
        if self._over is not None:
            raise self._over
        if not self._live:
            raise ServerError(
                f"the server at {self._server.address.base} does not answer now",
                remedy="it is tried again and again: wait until it is back",
                sent=False,
            )

    async def _deliver(self, command: Any, question: Question) -> None:
        """Say it to the server until that has taken it. It carries a request out once, however often it hears of it."""
        unsure: str | None = None  # the server that may have taken it, and has not said so
        while not question.answer.done():
            if unsure not in (None, self._told_by):
                raise ServerError(
                    "the server was started again before it said what became of it",
                    remedy="see in the chat whether it was done, before it is asked again",
                )
            try:
                await self._server.command(command)
                return
            except ServerError as error:
                if error.status is not None:
                    raise
                if error.sent:
                    unsure = self._told_by
            # Which server that is, is known when it has sent its view; what it has answered is in it.
            self._viewed.clear()
            self._look_anew()
            await self._viewed.wait()

    def _stop_if_asked(self) -> None:
        if self._stop_next and (turn := self.turns.running) is not None:
            self._stop_next = False
            self._start(self.stop("python", turn.key))

    def _start(self, coroutine: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _error_of(task: asyncio.Task[None]) -> ServerError | None:
    """Why nothing is heard any more; None where the server has ended the stream, or we."""
    with contextlib.suppress(asyncio.CancelledError, asyncio.InvalidStateError):
        error = task.exception()
        if error is None or isinstance(error, ServerError):
            return error
        logger.error("what the server tells cannot be understood", exc_info=error)
        return ServerError(
            f"what the server tells cannot be understood ({error})",
            remedy="use the same version of burr-chat-widget here and there",
            error="not-understood",
        )
    return None
