"""What a fork takes along from where it was forked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from burr_chat_widget.bridge import Snapshot
from burr_chat_widget.protocol.commands import Edit
from burr_chat_widget.protocol.view import View

from .branches import App
from .checkpoints import Checkpoint, Checkpoints
from .turn import Turn

__all__ = ["Edits", "Forked", "up_to"]

Edits: TypeAlias = "Sequence[Edit] | Mapping[str, Any]"
"""What is changed in a state by hand: see `edited`."""


@dataclass(frozen=True)
class Forked:
    """What another session goes on from: an application, and what was said up to `checkpoint`."""

    app: App
    checkpoint: Checkpoint
    checkpoints: Checkpoints
    turns: list[Turn]
    begun: int
    view: View
    edits: Edits


def up_to(checkpoints: Checkpoints, step: int, state: Snapshot) -> Checkpoints:
    """A copy of those up to that step, which has left behind `state`, for a fork: to go back to it is to begin as that began."""
    copied = checkpoints.up_to(step)
    values = copied.values(step)
    if values is not None and values.after is not state:
        copied.began(values.turn, step, values.action, values.inputs, values.before)
        copied.ended(step, values.result, state)
    return copied
