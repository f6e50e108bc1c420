"""The saved form of a chat that our own views show: see `protocol.saved`."""

from __future__ import annotations

import functools
import heapq
import time
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from burr_chat_widget._version import __version__
from burr_chat_widget.protocol.commands import Inspect, Log
from burr_chat_widget.protocol.frames import FrameSent, Inspected, Logged, WireEvent, stands_for
from burr_chat_widget.protocol.saved import FORMAT, SavedPlace, SavedStep, SavedTurn
from burr_chat_widget.protocol.view import Step, Turn, View

from .excerpt import encoded, size

__all__ = ["MIME", "ROOM", "Ask", "Documents"]

MIME = "application/vnd.burr-chat+json"
"""The MIME type of the document."""

ROOM = 1_000_000
"""So many bytes a document takes at most."""

STEPS = 0.5
"""Which part of what the view leaves of that the values of steps have at most; what was told of turns has all the rest."""

PLACES, OPENED = 24, 40_000
"""So many places of a step's values are opened, what was changed first, and about so many bytes of what is in them kept."""

What: TypeAlias = Literal["state", "given", "result", "inputs"]
Ask: TypeAlias = Callable[[Inspect | Log], Inspected | Logged]


class _Part(NamedTuple):
    name: tuple[object, ...]
    """Another one when there is something else in it."""
    make: Callable[[], bytes | None]
    """None where it is too large for any document."""


class Documents:
    """Makes the documents of one chat, again and again: what is there of a step or a turn that is over is put together once.

    Args:
        ask: what the session answers to what a page asks, at once.
        room: bytes that a document takes at most.
    """

    def __init__(self, ask: Ask, *, room: int = ROOM) -> None:
        self._ask = ask
        self._room = room
        self._made: dict[tuple[object, ...], bytes | None] = {}

    def make(self, view: View, *, left_out: int = 0) -> bytes | None:
        """The document as JSON; None where there is no room even for the view.

        Args:
            view: as it is kept: ended and shortened. It is not changed.
            left_out: how many messages were left out of it.
        """
        document = {"format": FORMAT, "version": __version__, "time": time.time(), "view": view, "left_out": left_out}
        left = self._room - size({**document, "turns": [], "steps": []})
        if left < 0:
            return None
        used: dict[tuple[object, ...], bytes | None] = {}
        steps = self._fitting(self._steps(view), int(left * STEPS), used)
        turns = self._fitting(self._turns(view), left - sum(map(len, steps)) - len(steps), used)
        self._made = used
        return encoded({**document, "turns": [*map(msgspec.Raw, turns)], "steps": [*map(msgspec.Raw, steps)]})

    def _fitting(self, parts: Iterator[_Part], room: int, used: dict[tuple[object, ...], bytes | None]) -> list[bytes]:
        """The newest, which come first, as far as there is room for them; they are given back in order."""
        found: list[bytes] = []
        left = room
        for name, make in parts:
            made = used[name] = self._made[name] if name in self._made else make()
            if made is None or len(made) + 1 > room:
                continue  # it would not fit if it were alone
            left -= len(made) + 1
            if left < 0:
                break
            found.append(made)
        return found[::-1]

    def _turns(self, view: View) -> Iterator[_Part]:
        for turn in reversed(view.turns):
            name = ("turn", view.branch, turn.key, turn.started, turn.ended)
            yield _Part(name, functools.partial(self._turn, turn))

    def _turn(self, turn: Turn) -> bytes | None:
        events: list[WireEvent] = []
        frames: dict[int, FrameSent] = {}
        start = taken = 0
        while True:
            answer = self._ask(Log(client="", request="", turn=turn.key, start=start))
            if not isinstance(answer, Logged) or answer.error is not None:
                return None
            events += answer.events
            # A body says again what the events say.
            frames.update({frame.seq: replace(frame, body=None) for frame in answer.frames})
            taken += size(answer.events)
            if taken > self._room:
                return None
            if not answer.more:
                return encoded(SavedTurn(key=turn.key, events=events, frames=[*frames.values()]))
            start += sum(map(stands_for, answer.events))

    def _steps(self, view: View) -> Iterator[_Part]:
        steps = view.steps
        if not steps or steps[-1].by_hand:
            yield _Part(("now", object()), functools.partial(self._opened, None, ["state"]))
        for step in reversed(steps):
            what: list[What] = ["state" if step.status == "done" else "given", "result", "inputs"]
            if step is steps[0] and step.status == "done":
                what.append("given")  # how it was before anything had run
            name = ("step", view.branch, step.turn, step.step, step.started, step.status, *what)
            yield _Part(name, functools.partial(self._opened, step, what))

    def _opened(self, step: Step | None, what: list[What]) -> bytes:
        number = None if step is None else step.step
        places = [place for each in what for place in self._places(number, each)]
        return encoded(SavedStep(step=number, places=places))

    def _places(self, step: int | None, what: What) -> Iterator[SavedPlace]:
        """What a reader would open: first what was changed, then what is nearer to the top."""
        waiting: list[tuple[bool, int, list[int]]] = [(False, 0, [])]
        places, room = PLACES, OPENED
        while waiting and places and room > 0:
            _, depth, path = heapq.heappop(waiting)
            answer = self._ask(Inspect(client="", request="", step=step, what=what, path=path))
            if not isinstance(answer, Inspected) or answer.error is not None:
                continue
            place = SavedPlace(what=what, path=path, rows=answer.rows, text=answer.text, more=answer.more)
            places -= 1
            room -= size(place)
            if room < 0 and path:
                continue
            yield place
            for at, row in enumerate(answer.rows):
                if row.rows or row.length is not None:
                    heapq.heappush(waiting, (row.change is None, depth + 1, [*path, at]))
