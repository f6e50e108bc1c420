"""The bridge: Burr in, events out. It knows nothing of Jupyter."""

from .control import TurnControl
from .deltas import find_text
from .description import describe_graph, describe_model
from .history import added_messages, infer_history
from .inputs import NextInputs, next_inputs
from .snapshots import Snapshot, restore, take_snapshot
from .stream import stream_turn

__all__ = [
    "NextInputs",
    "Snapshot",
    "TurnControl",
    "added_messages",
    "describe_graph",
    "describe_model",
    "find_text",
    "infer_history",
    "next_inputs",
    "restore",
    "stream_turn",
    "take_snapshot",
]
