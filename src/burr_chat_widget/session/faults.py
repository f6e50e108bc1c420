"""What can be made to go wrong with the model that an application talks to, where that is the offline one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from burr_chat_widget.bridge import bound_clients
from burr_chat_widget.errors import ConventionError

from .branches import App

__all__ = ["ModelFaults"]


class ModelFaults:
    """Makes the model's next streamed answer go wrong, in one of the ways that have a name.

    Args:
        app: whose model it is.
        constants: where else a client may be.
        changed: called after each change.

    Example:
        >>> chat.faults.names
        ['slow first token', 'stall', 'dropped connection', 'error in mid-stream', 'malformed chunk', 'awkward bytes', 'burst']
        >>> chat.faults.set("stall")
    """

    def __init__(self, app: App, constants: Mapping[str, Any], changed: Callable[[], object] = lambda: None) -> None:
        known = [getattr(client, "faults", None) for client in (*bound_clients(app), *constants.values())]
        # Those of `burr_chat_widget.offline`; known by what it has, since it needs openai, which may not be installed.
        self._faults: Any = next((each for each in known if hasattr(each, "names") and hasattr(each, "once")), None)
        self._changed = changed
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
        """Let the next streamed answer go wrong so; None for not at all.

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
        self._changed()

    def _taken(self) -> None:
        self._changed()

    def __repr__(self) -> str:
        return f"<ModelFaults: {self.next or 'none'}>"
