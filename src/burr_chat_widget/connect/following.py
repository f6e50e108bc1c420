"""Follows what a server tells of one conversation, and comes back when the connection was cut."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import Any

import msgspec

from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol.events import TurnEvent
from burr_chat_widget.protocol.frames import ComposerChanged, ControlsChanged, Remark
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.sse_reading import ServerSent
from burr_chat_widget.protocol.view import Composer, View
from burr_chat_widget.session import Turn
from burr_chat_widget.session.front import stamp
from burr_chat_widget.transport.outbox import Outbox

from .asked import Asked
from .server import Server, not_understood
from .turns import RemoteTurns

__all__ = ["Following"]

logger = logging.getLogger(__name__)

AGAIN, AGAIN_MAX = 0.25, 1.5
"""Seconds until the server is tried again: doubled each time, and a little more or less, so that not all come back at once. Somebody may
look: that it is back is seen within two seconds."""

FETCHED = 4
"""So many turns that have ended are fetched at the same time."""

LOOKS = 10
"""So often a turn is looked for: of several workers behind one address each knows its own."""

_turn_events: msgspec.json.Decoder[TurnEvent] = msgspec.json.Decoder(TurnEvent)
_told: msgspec.json.Decoder[TurnEvent | Remark | ViewReplaced] = msgspec.json.Decoder(TurnEvent | Remark | ViewReplaced)


class Following:
    """One conversation of a server, as it is followed here. All of it happens on one event loop; attributes can be read anywhere.

    Its life: `begin`, which waits for the first view; live, and cut, and live again, any number of times; over, where the server does
    not let it in any more.

    While it is cut, the composer says so. When it is back, the server goes on after the event that was heard last; where it cannot (it
    was started again, or too much has been told since), it sends the view, and what was missed of turns is fetched.

    Attributes:
        turns: the turns that were heard of.
        composer: what it can do now, or could when the server was heard last.
        controls: where turns are held, how fast and by what fault.
        faults: what can be made to go wrong with the model.
        title: heading of the chat.
        live: whether the server is heard.
        over: why it will not be any more.
        told_by: which server has told what was told last, or rather which of its processes.
        viewed: is set when there is another view, or never will be.
    """

    def __init__(self, server: Server, asked: Asked) -> None:
        self._server = server
        self._asked = asked
        self.turns = RemoteTurns(same_clock=server.address.is_here)
        self.controls = ControlsChanged(**stamp(), pausing=False, breakpoints=[])
        self.faults: list[str] = []
        self.title = ""
        self.live = False
        self.over: ServerError | None = None
        self.told_by = ""
        self.viewed = asyncio.Event()
        self._outbox: Outbox | None = None
        self.composer = Composer()
        self._last_id = ""
        self._anew = False
        self._fetched = asyncio.Semaphore(FETCHED)
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

    def look_anew(self) -> None:
        """Let the server send the view."""
        self._anew = True
        if self._listening is not None:
            self._listening.cancel()

    async def _follow(self, first: asyncio.Future[list[asyncio.Task[None]]]) -> None:
        wait = AGAIN
        try:
            while True:
                if self._anew:
                    self._anew, self._last_id = False, ""
                self._listening = asyncio.create_task(self._listen(first))
                try:
                    await asyncio.wait({self._listening})
                finally:
                    self._listening.cancel()
                heard = self.live
                error = _error_of(self._listening)
                if not first.done():
                    first.set_exception(
                        error or ServerError("the server ends what it has begun to tell", remedy="try again")
                    )
                    return
                if error is not None and error.error in ("token-needed", "not-understood"):
                    self._end(error)
                    return
                if self._anew:  # it was ended for that
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
        before, self.told_by = self.told_by, sent.last_id.rpartition("-")[0]
        if isinstance(told, ViewReplaced):
            return self._show(told.view, same_server=before == self.told_by)
        if self._outbox is None:
            return []
        if isinstance(told, ComposerChanged):
            self.composer = told.composer
        elif isinstance(told, ControlsChanged):
            self.controls = told
        if isinstance(told, Remark):
            self._outbox.put(told)
        else:
            self.turns.tell(told, self._outbox)
        self._asked.told(told)
        return []

    def _show(self, view: View, *, same_server: bool) -> list[asyncio.Task[None]]:
        self.composer, self.faults, self.title = view.composer, list(view.session.faults), view.session.title
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
        self.viewed.set()
        return [self._start(self._fetch(turn)) for turn in missed if turn.key in ended]

    async def _fetch(self, turn: Turn) -> None:
        async with self._fetched:
            await self._catch_up(turn)

    async def _catch_up(self, turn: Turn) -> None:
        """Take all that is told of a turn of which something was missed, to its end."""
        wait, looks = AGAIN, 0
        while turn.status == "running" and self.over is None and looks < LOOKS:
            try:
                async with self._server.turn(turn.key) as events:
                    wait, number = AGAIN, 0
                    async for sent in events:
                        self.turns.catch_up(turn, _turn_events.decode(sent.data), number)
                        number += 1
            except ServerError as error:
                if error.error == "not-understood":
                    logger.error("of turn %s: %s", turn.key, error)
                    break
                if error.status == 404:
                    looks += 1
                    continue
                wait = min(wait * 2, AGAIN_MAX) if error.retry_after is None else error.retry_after
            except msgspec.DecodeError:
                logger.exception("what the server tells of turn %s cannot be understood", turn.key)
                break
            if turn.status == "running":
                await asyncio.sleep(wait)
        self.turns.caught_up(turn)

    def _back(self) -> None:
        if not self.live:
            self.live = True
            self._tell_composer(self.composer)

    def _cut(self, error: ServerError | None) -> None:
        """Nothing is heard any more, for now."""
        if not self.live:
            return
        self.live = False
        why = (
            "does not answer any more"
            if error is None or error.status is None
            else f"cannot be used now: {error.message}"
        )
        self._close_composer(
            f"The server at {self._server.address.base} {why}. It is tried again; what runs there may go on."
        )

    def _end(self, error: ServerError) -> None:
        self.live, self.over = False, error
        self.viewed.set()
        for turn in self.turns.lost():
            self.turns.caught_up(turn)
        self._close_composer(str(error))

    def _close_composer(self, hint: str) -> None:
        self._tell_composer(msgspec.structs.replace(self.composer, enabled=False, ended=False, away=True, hint=hint))

    def _tell_composer(self, composer: Composer) -> None:
        if self._outbox is not None:
            self._outbox.put(ComposerChanged(**stamp(), composer=composer))

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
        return not_understood(error)  # pyright: ignore[reportArgumentType] -- what ends a task otherwise is no error
    return None
