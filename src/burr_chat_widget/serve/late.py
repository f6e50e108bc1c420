"""The end of a turn is told when the next one may begin, in this process and in any other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from burr_chat_widget.protocol.events import TurnCompleted, TurnEvent, TurnFailed, TurnStopped
from burr_chat_widget.protocol.frames import Remark
from burr_chat_widget.protocol.view import View

__all__ = ["Late", "Told"]

Told: TypeAlias = TurnEvent | Remark | View


class Late:
    """Keeps back what is told from a turn's end on, until that may be known. Whoever uses it has the outbox's order.

    Args:
        tell: is handed what is not kept back, or not any longer.
    """

    def __init__(self, tell: Callable[[Told], object]) -> None:
        self._tell = tell
        self._kept: deque[Told] = deque()

    def take(self, told: Told, *, held: bool) -> None:
        """Tell it, or keep it back: `held` says that the next turn may not begin anywhere else yet."""
        if self._kept or (held and _ends(told)):
            self._kept.append(told)
        else:
            self._tell(told)

    def release(self, *, held: bool) -> None:
        """The turn that has ended first is over; with `held` another goes on, whose end is kept back."""
        while self._kept:
            self._tell(self._kept.popleft())
            if held and self._kept and _ends(self._kept[0]):
                return


def _ends(told: Told) -> bool:
    return isinstance(told, TurnCompleted | TurnStopped | TurnFailed)
