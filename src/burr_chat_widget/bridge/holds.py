"""Where a turn is held, and how it goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from burr.core import Condition, State

from burr_chat_widget.errors import ConventionError

from .failures import named
from .printable import LIMIT, clean
from .transitions import condition_name

__all__ = ["Breakpoint", "Breakpoints", "Hold", "Holds", "When"]

When: TypeAlias = Literal["before", "after"]
Test: TypeAlias = "Callable[[State[Any]], object] | Condition"
"""Says of the state whether a breakpoint holds: a function, or one of Burr's conditions."""


@dataclass(frozen=True)
class Breakpoint:
    """Turns are held before `action`, or after it; where there is a `condition`, only if it is true of the state then."""

    action: str
    when: When = "before"
    condition: Test | None = None

    @property
    def condition_name(self) -> str | None:
        """What the condition is called."""
        if self.condition is None:
            return None
        if isinstance(self.condition, Condition):
            return condition_name(self.condition)
        return clean(getattr(self.condition, "__name__", None) or type(self.condition).__name__)

    def holds(self, state: State[Any]) -> bool:
        """Whether it holds at that state."""
        if self.condition is None:
            return True
        if isinstance(self.condition, Condition):
            return bool(cast(Any, self.condition).run(state)[Condition.KEY])
        return bool(self.condition(state))

    def __str__(self) -> str:
        name = self.condition_name
        return f"{self.when} {self.action}" + (f" if {name}" if name else "")


class Breakpoints:
    """The breakpoints of a chat, one for each action and side. They may be changed at any time, on any thread.

    Args:
        actions: the names of the application's actions.
        changed: called after each change.

    Example:
        >>> chat.breakpoints.add("decide_mode")
        >>> chat.breakpoints.add("answer", when="after", condition=lambda state: not state["safe"])
        >>> chat.breakpoints.remove("decide_mode")
    """

    def __init__(self, actions: list[str], changed: Callable[[], object] = lambda: None) -> None:
        self._actions = actions
        self._changed = changed
        self._all: dict[tuple[str, When], Breakpoint] = {}
        self._switched_off: dict[tuple[str, When], Breakpoint] = {}

    def add(self, action: str, *, when: When = "before", condition: Test | None = None) -> None:
        """Hold turns before `action`, or after it.

        Args:
            action: the action's name.
            when: `before` or `after`.
            condition: a function of the state, or one of Burr's conditions; only where it is true the turn is held. One that
                raises holds the turn too, which says so.

        Raises:
            ConventionError: if there is no such action, or `when` is something else.
        """
        if action not in self._actions:
            raise ConventionError(
                f"there is no action {action!r} to break at", remedy=f"the actions are {', '.join(self._actions)}"
            )
        if when not in ("before", "after"):
            raise ConventionError(f"when={when!r} is no side of an action", remedy="say when='before' or when='after'")
        if condition is not None and not isinstance(condition, Condition) and not callable(cast(object, condition)):
            raise ConventionError(
                f"condition={condition!r} can decide nothing",
                remedy="pass a function of the state, or a Burr condition",
            )
        self._all = {**self._all, (action, when): Breakpoint(action, when, condition)}
        self._switched_off.pop((action, when), None)
        self._changed()

    def remove(self, action: str, *, when: When | None = None) -> None:
        """Take away the breakpoints at `action`: on both sides, or `when` says on which. There may be none."""
        self._all, self._switched_off = (
            {key: point for key, point in points.items() if key[0] != action or when not in (None, key[1])}
            for points in (self._all, self._switched_off)
        )
        self._changed()

    def clear(self) -> None:
        """Take all of them away."""
        self._all, self._switched_off = {}, {}
        self._changed()

    def switch(self, action: str, when: When, *, off: bool) -> None:
        """As a page does it, which cannot say a condition: one that is switched off and on again has the condition that it had.

        One that is on is switched on once more to hold always, without its condition.

        Raises:
            ConventionError: see `add`.
        """
        place = (action, when)
        if off:
            before = self._all.get(place) or self._switched_off.get(place)
            self.remove(action, when=when)
            if before is not None:
                self._switched_off[place] = before
        else:
            before = self._switched_off.get(place)
            self.add(action, when=when, condition=None if before is None else before.condition)

    def at(self, action: str, when: When) -> Breakpoint | None:
        """The breakpoint there, if there is one."""
        return self._all.get((action, when))

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, action: object) -> bool:
        return any(point.action == action for point in self)

    def __repr__(self) -> str:
        return f"<Breakpoints: {', '.join(map(str, self)) or 'none'}>"


LOOK = 0.25
"""Seconds between two looks at what was changed by hand while a turn is held: Burr tells nobody."""


class Hold(NamedTuple):
    """Why a turn is held."""

    reason: Literal["pause", "step", "breakpoint"]
    breakpoint: str | None = None


class Holds:
    """Says where the turns of a session are held, and lets them go on. Used on the loop's thread.

    Between two actions a turn asks `between`, after each delta `at_delta`; where there is a `Hold`, it awaits `released`.

    Attributes:
        pausing: whether the next action will be waited before, whichever it is; no longer once a turn is held.
        by_delta: whether the turn is held at deltas, one or a few at a time.
        pace: seconds for which the generator is held at each delta, 0 for not at all.
    """

    def __init__(self, breakpoints: Breakpoints) -> None:
        self.breakpoints = breakpoints
        self.pausing = False
        self.by_delta = False
        self.pace = 0.0
        self._actions: int | None = None  # how many may begin before the turn is held; None for any number
        self._deltas = 0  # how many may be told before the turn is held, where `by_delta`
        self._inside = False
        self._waiting: asyncio.Future[None] | None = None  # from when it is said to be held until it has gone on

    @property
    def one_by_one(self) -> bool:
        """Whether no generator may run ahead of what was told."""
        return self.by_delta or self.pace > 0

    @property
    def held(self) -> bool:
        """Whether a turn is being held."""
        return self._waiting is not None

    def begin_turn(self) -> None:
        """Another turn begins: a step that the last one did not use is forgotten."""
        self._actions, self.by_delta = None, False

    def end_turn(self) -> None:
        """The turn goes no further, wherever it was held."""
        self._inside, self._waiting = False, None

    def inside(self, action_runs: bool) -> None:
        """An action runs from now on, or none: a step ends with the one that runs."""
        self._inside = action_runs

    # What the turn asks.

    def between(self, after: str | None, before: str | None, state: State[Any]) -> Hold | None:
        """Whether the turn is held between two actions; at its beginning and its end one of them is None."""
        point = after and self.breakpoints.at(after, "after")
        hold = _reached(point, state) if point else None
        if hold is None and before is not None:
            point = self.breakpoints.at(before, "before")
            hold = _reached(point, state) if point else None
            if hold is None and self.pausing:
                hold = Hold("pause")
            if hold is None and self._actions == 0:
                hold = Hold("step")
        if hold is not None:
            self.pausing = False
            self._waiting = asyncio.get_running_loop().create_future()
        elif before is not None and self._actions is not None:
            self._actions -= 1
        return hold

    def at_delta(self) -> Hold | None:
        """Whether the turn is held at a delta that was told."""
        self._deltas -= 1
        if self._deltas > 0:
            return None
        self._waiting = asyncio.get_running_loop().create_future()
        return Hold("step")

    async def released(self, changed: Callable[[], bool] | None = None) -> bool:
        """Wait until the turn may go on: true; or until there is something new to tell of where it is held: false."""
        assert self._waiting is not None, "only after a Hold"
        while not self._waiting.done():
            if changed is not None and changed():
                return False
            await asyncio.wait({self._waiting}, timeout=None if changed is None else LOOK)
        self._waiting = None
        return True

    async def paced(self) -> None:
        """Wait as long as `pace` says, whatever it is changed to meanwhile."""
        began = time.monotonic()
        while (left := began + self.pace - time.monotonic()) > 0:  # noqa: ASYNC110 -- it is changed on other threads
            await asyncio.sleep(min(left, LOOK))

    # What people ask.

    def pause(self, *, off: bool = False) -> None:
        """Hold the turn before its next action, or the next turn before its first one."""
        self.pausing = not off

    def resume(self) -> None:
        """Go on to a breakpoint or the end."""
        self._go(None)

    def step(self) -> None:
        """Go on to the end of the action that runs, or that comes next."""
        self._go(0 if self._inside else 1)

    def step_delta(self) -> None:
        """Go on to the next delta, or to the end of the action that runs or comes next, whichever is first."""
        self._go(0 if self._inside else 1)
        self.by_delta, self._deltas = True, 1

    def _go(self, actions: int | None) -> None:
        self.pausing = self.by_delta = False
        self._actions = actions
        if self._waiting is not None and not self._waiting.done():
            # What it is held before has been decided; it may begin.
            if actions is not None and not self._inside:
                self._actions = actions - 1
            self._waiting.set_result(None)


def _reached(point: Breakpoint, state: State[Any]) -> Hold | None:
    try:
        return Hold("breakpoint", str(point)) if point.holds(state) else None
    except Exception as error:
        words = named(error)
        if len(words) > LIMIT:
            words = words[: LIMIT - 1] + "…"
        return Hold("breakpoint", clean(f"{point}, which raised {words}"))
