"""What a turn leaves of each step besides its events: the values themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .snapshots import Snapshot

__all__ = ["NoRecorder", "Recorder"]


class Recorder(Protocol):
    """Is told of each step, on the loop's thread."""

    def began(self, turn: str, step: int, action: str, inputs: Mapping[str, Any], before: Snapshot) -> None:
        """In `turn` an action begins, as the step of that sequence id, with these inputs; the application's state is `before`."""
        ...

    def ended(self, step: int, result: Any, after: Snapshot) -> None:
        """It has ended with `result`; the state is `after`."""
        ...


class NoRecorder:
    """Nothing is kept."""

    def began(self, turn: str, step: int, action: str, inputs: Mapping[str, Any], before: Snapshot) -> None:
        """See `Recorder`."""

    def ended(self, step: int, result: Any, after: Snapshot) -> None:
        """See `Recorder`."""
