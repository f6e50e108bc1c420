"""The turns that have begun here: those that can be followed, and who waits until the one begins that they have asked for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from .turns import ServedTurn

__all__ = ["Begun"]

TURNS = 100
"""So many turns can be followed again; the oldest are forgotten."""


class Begun:
    """Used on the server's loop.

    Attributes:
        turns: by key, the oldest first.
    """

    def __init__(self) -> None:
        self.turns: OrderedDict[str, ServedTurn] = OrderedDict()
        self._asked: dict[str, asyncio.Future[ServedTurn]] = {}

    def expect(self, request: str) -> asyncio.Future[ServedTurn]:
        """Done when the turn has begun that is asked for by that name."""
        begun = self._asked[request] = asyncio.get_running_loop().create_future()
        return begun

    def add(self, turn: ServedTurn, request: str | None) -> None:
        """A turn has begun, asked for by that name."""
        self.turns[turn.key] = turn
        while len(self.turns) > TURNS:
            self.turns.popitem(last=False)
        begun = self._asked.get(request or "")
        if begun is not None and not begun.done():
            begun.set_result(turn)

    def ended(self) -> list[ServedTurn]:
        """Those that have ended, of which this is not known yet."""
        return [turn for turn in self.turns.values() if not turn.free and turn.turn.status != "running"]

    def give_up(self, request: str, error: BaseException) -> None:
        """What was asked for by that name has begun, or will not: whoever waits for it has that error."""
        begun = self._asked.pop(request, None)
        if begun is not None and not begun.done():
            begun.set_exception(error)

    def give_up_all(self, error: BaseException) -> None:
        """None of those begins that were asked for and have not."""
        for begun in self._asked.values():
            if not begun.done():
                begun.set_exception(error)
