"""What can be made to go wrong with the model that an application talks to, where that is the offline one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from burr_chat_widget.bridge import bound_clients
from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol import events as e

from .branches import App

__all__ = ["ModelFaults"]


class ModelFaults:
    """Makes the model's next streamed answer go wrong, in one of the ways that have a name.

    A fault is for the next turn: where that ends without a streamed answer (the model was asked for a whole one, or not at all, or an
    action before it failed), the fault is not kept for a later turn, which would fail by surprise. The chat says so.

    Args:
        app: whose model it is.
        constants: where else a client may be.
        changed: called after each change.
        remark: says something in the chat.

    Example:
        >>> chat.faults.names
        ['slow first token', 'stall', 'dropped connection', 'error in mid-stream', 'malformed chunk', 'awkward bytes', 'burst']
        >>> chat.faults.set("stall")
    """

    def __init__(
        self,
        app: App,
        constants: Mapping[str, Any],
        changed: Callable[[], object] = lambda: None,
        remark: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._faults = _faults_of((*bound_clients(app), *constants.values()))
        self._changed = changed
        self._remark = remark
        self._waiting: str | None = None  # since before the turn that runs
        if self._faults is not None:
            self._faults.watch(self._taken)

    @property
    def names(self) -> Sequence[str]:
        """What can go wrong; nothing where the model is not the offline one."""
        return [] if self._faults is None else list(self._faults.names)

    @property
    def next(self) -> str | None:
        """What will go wrong with the next streamed answer."""
        return None if self._faults is None else self._faults.once

    def set(self, name: str | None) -> None:
        """Let the next streamed answer go wrong so, in the next turn or in the one that runs; None for not at all.

        Raises:
            ConventionError: if there is no such fault, or the model is not the offline one.
        """
        if self._faults is None:
            raise ConventionError(
                "the application talks to no offline model, and no other can be made to fail",
                remedy="build it with client=burr_chat_widget.offline.client()",
            )
        if name is not None and name not in self.names:
            raise ConventionError(f"there is no fault {name!r}", remedy=f"there are {', '.join(self.names)}")
        self._faults.once = name
        self._waiting = None
        self._changed()

    def hear(self, told: object) -> None:
        """Something is told: with the end of the turn that it was set for, a fault that nothing has taken is none any more."""
        if isinstance(told, e.TurnStarted):
            self._waiting = self.next
        elif isinstance(told, e.TurnCompleted | e.TurnStopped | e.TurnFailed) and self._waiting is not None:
            name, self._waiting = self._waiting, None
            if self.next == name:
                self._faults.once = None
                self._changed()
                self._remark(f"No streamed answer has met the fault {name!r} in this turn: it waits no longer.")

    def _taken(self) -> None:
        self._waiting = None
        self._changed()

    def __repr__(self) -> str:
        return f"<ModelFaults: {self.next or 'none'}>"


def _faults_of(clients: Iterable[object]) -> Any:
    """Those of the first client that is an offline one."""
    # Not imported here, since that needs openai, which may not be installed: where there is such a client, it has been.
    offline = sys.modules.get("burr_chat_widget.offline.faults")
    known = (getattr(client, "faults", None) for client in clients)
    return next((each for each in known if offline is not None and isinstance(each, offline.Faults)), None)
