"""The turns of a conversation that a server has, as its events tell them."""

from __future__ import annotations

import asyncio
import time

from msgspec.structs import replace

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import FrameSent
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import Turn
from burr_chat_widget.transport.outbox import Outbox

__all__ = ["RemoteTurns"]

CUT_OFF = "The server does not know this turn any more: the process that ran it has ended, or has forgotten it. What was kept of it is in the chat."


class RemoteTurns:
    """What is known of each turn. All of it happens on one thread, reading `shown` apart.

    A turn of which not everything was heard (it had begun before this chat was connected, or was told of while nothing was heard) is
    missed: its own stream tells it then, and what the conversation's stream tells of it is passed over.

    Args:
        same_clock: the server's monotonic clock is this machine's. Else it is put so that the event that was fastest here was told in the
            moment in which it came, and frames are sent, as pages see it, on the server's clock.

    Attributes:
        shown: the turns of the view, oldest first; before them those that were heard before the server was started again.
    """

    def __init__(self, *, same_clock: bool) -> None:
        self._same_clock = same_clock
        self._behind: float | None = None
        self.shown: list[Turn] = []
        self._known: dict[str, Turn] = {}
        self._missed: set[str] = set()
        self._rests: list[asyncio.Future[None]] = []

    @property
    def running(self) -> Turn | None:
        """The turn that runs, as far as it was heard."""
        return next((turn for turn in reversed(self.shown) if turn.status == "running"), None)

    def get(self, key: str) -> Turn | None:
        """That turn, if it is known."""
        return self._known.get(key)

    def tell(self, event: e.TurnEvent, outbox: Outbox) -> None:
        """The conversation's stream has told something."""
        behind = time.monotonic() - event.monotonic
        self._behind = behind if self._behind is None else min(self._behind, behind)
        with outbox.order:  # whoever looks at the turn and at the view sees the same of both
            if isinstance(event, e.TurnStarted) and event.turn not in self._known:
                turn = self._begin(event.turn, outbox, request=event.request)
                self.shown = [*(each for each in self.shown if each.key != event.replaces), turn]
            if event.turn in self._known and event.turn not in self._missed:
                _record(self._known[event.turn], event)
            outbox.put(event)
        self._look(event)

    def show(self, view: View, outbox: Outbox, *, same_server: bool) -> list[Turn]:
        """There is another view; gives those of its turns of which something was missed.

        Args:
            view: what is seen from now on.
            outbox: where it is shown.
            same_server: it comes from the server that told what was told before, so that what it does not show is not seen any more.
        """
        if not same_server:
            self._behind = None
        keys = {turn.key for turn in view.turns}
        before = [] if same_server else [turn for turn in self.shown if turn.key not in keys]
        seen: list[Turn] = []
        missed: list[Turn] = []
        for each in view.turns:
            turn = self._known.get(each.key)
            if turn is None:
                turn = self._begin(each.key, outbox, request=each.request)
                turn.prompt = each.prompt
            if turn.status == "running" and each.key not in self._missed:
                self._missed.add(each.key)
                missed.append(turn)
            seen.append(self._as_seen(turn, view))
        self.shown = [*before, *seen]
        self._known = {turn.key: turn for turn in self.shown}
        return missed

    def lost(self) -> list[Turn]:
        """Those that run, as far as was heard, and are in no view: of a server that was started again, or of another one."""
        lost = [turn for turn in self.shown if turn.status == "running" and turn.key not in self._missed]
        self._missed.update(turn.key for turn in lost)
        return lost

    def catch_up(self, turn: Turn, event: e.TurnEvent, number: int) -> None:
        """The turn's own stream has told that event, the one with that number."""
        if number >= len(turn.events):
            _record(turn, event)
            self._look(event)

    def caught_up(self, turn: Turn) -> None:
        """Its own stream has told everything, or nobody tells the rest of it."""
        self._missed.discard(turn.key)
        if turn.status != "running":
            return
        if not len(turn.events):
            self.shown = [each for each in self.shown if each is not turn]
        error = e.TurnError(
            kind="ServerError", message=CUT_OFF, remedy="Send the prompt again if its answer is missing."
        )
        event = e.TurnFailed(time=time.time(), monotonic=time.monotonic(), turn=turn.key, error=error)
        turn.record(event)
        self._look(event)

    def next_rest(self) -> asyncio.Future[None]:
        """Done when a turn is held or has ended."""
        rest: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rests.append(rest)
        return rest

    async def end_of(self, turn: Turn) -> None:
        """Until that turn has ended."""
        while turn.status == "running":
            await self.next_rest()

    def _begin(self, key: str, outbox: Outbox, *, request: str | None) -> Turn:
        turn = self._known[key] = Turn(key, {}, request=request)
        turn.begin_sending(outbox.told(), lambda first, last: self._on_its_clock(outbox.sent(first, last)))
        return turn

    def _on_its_clock(self, frames: list[FrameSent]) -> list[FrameSent]:
        """What pages say of frames is on the server's clock already: they go by when these were sent."""
        if self._same_clock or self._behind is None:
            return frames
        return [replace(frame, sent=frame.sent - self._behind) for frame in frames]

    def _as_seen(self, turn: Turn, view: View) -> Turn:
        """The turn as it is where one has gone back into it."""
        steps = [step.step for step in view.steps if step.turn == turn.key]
        completed = any(each.key == turn.key and each.status == "completed" for each in view.turns)
        if not completed or not steps or turn.status == "running":
            return turn
        seen = self._known[turn.key] = turn.up_to(steps[-1])
        return seen

    def _look(self, event: e.TurnEvent) -> None:
        """Whoever waits for a rest goes on, where this is one."""
        if not isinstance(event, e.TurnPaused | e.TurnCompleted | e.TurnStopped | e.TurnFailed):
            return
        rests, self._rests = self._rests, []
        for rest in rests:
            if not rest.done():
                rest.set_result(None)


def _record(turn: Turn, event: e.TurnEvent) -> None:
    if isinstance(event, e.TurnStarted):
        turn.inputs, turn.replaces = dict(event.inputs), event.replaces
    turn.record(event)
