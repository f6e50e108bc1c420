"""What is asked of the server: once, however often it has to be said."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator
from typing import Any

from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.frames import Inspected, KernelMessage, Logged

from .asked import Asked, Question, Wanted
from .following import Following
from .server import Server

__all__ = ["Asking"]

logger = logging.getLogger(__name__)

LATE = 2.0
"""Seconds after which a view is asked for anew, where nothing was told of what the server has taken: of several workers behind one
address another one may have taken it than the one that is heard."""

LOOKS = 10
"""So often that is done."""

UNSURE = 60.0
"""Seconds for which a server that may have taken something is waited for, until it is back and can be asked."""

LOOK = "see in the chat whether it was done, before it is asked again"


class Asking:
    """Asks the server for what Python and the pages want of one conversation. All of it happens on the loop on which it is followed.

    Args:
        server: see there.
        following: hears what became of what was asked.
        asked: what waits for that.
    """

    def __init__(self, server: Server, following: Following, asked: Asked) -> None:
        self._server = server
        self._following = following
        self._asked = asked
        self._wanted: list[Wanted] = []

    @contextlib.contextmanager
    def wanting(self, wanted: Wanted) -> Generator[None]:
        """As long as a turn is asked for, a Stop is for that one, where none runs."""
        self._wanted.append(wanted)
        try:
            yield
        finally:
            self._wanted.remove(wanted)

    async def ask(self, command: Any, wanted: Wanted | None = None) -> str | None:
        """Let the server carry something out, once; returns when it has: the key of the turn that it has begun, if it has.

        Args:
            command: what.
            wanted: the turn that it may begin, where that is asked for in several requests.

        Raises:
            ServerError: if it does not, or cannot be asked; `error` is `refused` where it has told that to everybody.
        """
        if wanted is None and isinstance(command, (*c.BEGINS, *c.GOES_ON)):
            wanted = Wanted()
            with self.wanting(wanted):
                return await self.ask(command, wanted)
        turn = await self._carried_out(command)
        if turn is not None and wanted is not None:
            wanted.turn = turn
            if wanted.stopped:
                await self.stop("python", turn)
        return turn

    async def look(self, command: c.Inspect | c.Log) -> Inspected | Logged:
        """What the server answers to a page's question; why it does not is an answer too."""
        why = "The server has no answer to this."
        try:
            answer = await self._say(command)
            if isinstance(answer, Inspected | Logged):
                return answer
        except ServerError as error:
            why = str(error)
        kind = Inspected if isinstance(command, c.Inspect) else Logged
        return kind(client=command.client, request=command.request, error=why)

    async def stop(self, client: str, turn: str | None) -> None:
        """Stop that turn, or the running one, or the one that was asked for and has not begun: not a later one.

        Where the server cannot be reached it is not stopped; pages ask again by themselves.
        """
        running = self._following.turns.running
        key = turn or (running.key if running is not None else None)
        if key is None:
            for wanted in self._wanted:
                wanted.stopped = True
            return
        try:
            await self._say(c.Stop(client=client, turn=key))
        except ServerError as error:
            logger.warning("the turn could not be stopped: %s", error)

    async def stop_wanted(self, wanted: Wanted) -> None:
        """Stop that turn, as soon as it has begun; not another one."""
        wanted.stopped = True
        if wanted.turn is not None:
            await self.stop("python", wanted.turn)

    async def _carried_out(self, command: Any) -> str | None:
        self._check()
        question = self._asked.begin(command.request)
        try:
            await self._deliver(command, question)
            looks = 0
            while looks < LOOKS and self._following.over is None:
                await asyncio.wait({question.answer}, timeout=LATE)
                if question.answer.done():
                    return question.answer.result()
                if self._following.live:
                    self._following.look_anew()
                    looks += 1
            raise ServerError("the server has not said what became of it", remedy=LOOK)
        finally:
            self._asked.end(command.request)
            question.answer.cancel()
            if question.answer.done() and not question.answer.cancelled():
                question.answer.exception()  # it may have come after who waited has given up

    async def _say(self, command: c.Inspect | c.Log | c.Stop) -> KernelMessage | None:
        """Once more where the connection breaks: a server closes one that has rested just when it is used. It does no harm to ask twice."""
        try:
            return await self._server.command(command)
        except ServerError as error:
            if error.status is not None or not error.sent:
                raise
            return await self._server.command(command)

    def _check(self) -> None:
        if self._following.over is not None:
            raise self._following.over
        if not self._following.live:
            raise ServerError(
                f"the server at {self._server.address.base} does not answer now",
                remedy="it is tried again and again: wait until it is back",
                sent=False,
            )

    async def _deliver(self, command: Any, question: Question) -> None:
        """Say it to the server until that has taken it. It carries a request out once, however often it hears of it."""
        asked = ""  # the server that may have taken it, and has not said so
        while not question.answer.done():
            if asked not in ("", self._following.told_by):
                raise ServerError(
                    "the process of the server that was asked is gone, or out of reach, and has not said what became of it",
                    remedy=LOOK,
                )
            try:
                await self._server.command(command)
                return
            except ServerError as error:
                if error.status is not None or not (error.sent or asked):
                    raise
                asked = asked or self._following.told_by
                # Which server that is, is known when it has sent its view; what it has answered is in it.
                self._following.viewed.clear()
                self._following.look_anew()
                try:
                    await asyncio.wait_for(self._following.viewed.wait(), UNSURE)
                except asyncio.TimeoutError:
                    raise ServerError(f"{error.message}, and may have taken it", remedy=LOOK) from error
