"""What clients ask of a conversation by commands: what each may, and how it is answered."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec.structs import replace

from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnStarted
from burr_chat_widget.protocol.frames import AssetReply, Inspected, KernelMessage, Logged, Refused, stands_for
from burr_chat_widget.session import ChatSession, Turn
from burr_chat_widget.session.lookups import look_up
from burr_chat_widget.transport.outbox import Outbox

from .claim import Claim
from .exposure import Exposure
from .pages import Pages
from .permitted import why_not
from .turns import ServedTurn

__all__ = ["Asking", "InSession"]

UNDER_CLAIM = (*c.BEGINS, *c.GOES_ON, c.Restart, c.Rewind, c.Fork, c.Switch)
"""For these the conversation must be this process's own."""


class InSession(Protocol):
    """Has the session that there is now, and knows where turns run."""

    @property
    def session(self) -> ChatSession:
        """See there."""
        ...

    @property
    def mirrored(self) -> Sequence[Turn]:
        """Turns of other processes that are seen here."""
        ...

    async def stop_anywhere(self, turn: str | None = None) -> object:
        """See there."""
        ...


class Asking:
    """Carries out commands.

    Args:
        served: has the session.
        outbox: what clients may see.
        exposure: what they may do.
        claim: whose the conversation is.
        pages: those whose streams are here.
        turns: those that can be followed, by key.
        ends: is handed what is done when a command has been carried out, which was begun under the claim.
    """

    def __init__(
        self,
        served: InSession,
        outbox: Outbox,
        exposure: Exposure,
        claim: Claim,
        pages: Pages,
        turns: Mapping[str, ServedTurn],
        ends: Callable[[concurrent.futures.Future[Any] | None], object],
    ) -> None:
        self._served = served
        self._outbox = outbox
        self._exposure = exposure
        self._claim = claim
        self._pages = pages
        self._turns = turns
        self._ends = ends

    async def answer(self, command: c.Command, *, may_begin: bool = True) -> KernelMessage | None:
        """Carry it out. Where it has no answer of its own, what became of it is told in the outbox. `may_begin`: see `Turns.go_on_for`."""
        session = self._served.session
        if isinstance(command, c.Retry):
            command = self._asked_anew(command)
        branches = isinstance(command, c.Retry) and self._branches(command)
        refusal = why_not(command, self._exposure.names, branches=branches)
        match command:
            case c.Hello() | c.Ack() | c.Bye() | c.Painted():
                if command.client in self._pages:  # its stream is here, and still is
                    self._outbox.hear(command)
            case c.Prefer():
                pass  # how often frames go out is the same for all clients
            case c.Stop():
                await self._served.stop_anywhere(command.turn)
            case c.Asset():
                return AssetReply(name=command.name, error="a server has it at /assets/")
            case c.Log():
                return await asyncio.to_thread(self._logged, command)
            case c.Inspect() if refusal is not None:
                return Inspected(client=command.client, request=command.request, error=refusal)
            case c.Inspect():
                return await asyncio.to_thread(session.inspect, command)
            case _ if refusal is not None:
                self._refuse(command.request, refusal)
            case _ if isinstance(command, UNDER_CLAIM):
                await self._under_claim(command, may_begin)
            case _:
                session.pages.handle(command)
        return None

    def _asked_anew(self, command: c.Retry) -> c.Retry | c.Send:
        """A turn of another process that is seen here, and has left nothing, is no turn of the session: its prompt is sent again, or
        the one that takes its place.
        """
        last = next(reversed(self._served.mirrored), None)
        if last is None or last.key != command.turn or last.status not in ("stopped", "failed"):
            return command
        begun = last.events[0]
        if (
            not isinstance(begun, TurnStarted) or not begun.editable
        ):  # with more inputs than one text: only their forms are known
            return command
        text = begun.prompt if command.text is None else command.text
        return c.Send(client=command.client, request=command.request, text=text)

    def _branches(self, command: c.Retry) -> bool:
        """Whether to retry that turn begins another branch: see `Past.retry`."""
        turns = self._served.session.turns
        last = turns[-1] if turns else None
        again = last is not None and last.key == command.turn and last.status in ("failed", "stopped")
        return command.text is not None or not again

    async def _under_claim(self, command: Any, may_begin: bool) -> None:
        try:
            await self._claim.take()
        except Exception as error:
            self._refuse(command.request, self._exposure.words(error))
            return
        # The session may be another one by now.
        self._ends(self._served.session.pages.handle(command, may_begin=may_begin))

    def _refuse(self, request: str, reason: str) -> None:
        self._outbox.put(Refused(**self._served.session.stamp(), request=request, reason=reason))

    def _logged(self, command: c.Log) -> Logged:
        if any(turn.key == command.turn for turn in self._served.mirrored):
            return look_up(command, self._served.mirrored)  # filtered already, and told in this outbox alone
        found, turn = self._served.session.log(command), self._turns.get(command.turn)
        end = found.first + sum(map(stands_for, found.events))
        return replace(
            found,
            events=[self._exposure.wire_event(event) for event in found.events],
            frames=[] if turn is None else turn.frames(found.first, end),
        )
