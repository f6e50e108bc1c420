"""The bridge: Burr in, events out. It knows nothing of Jupyter."""

from .control import TurnControl, check_free
from .description import check_application, describe_graph, describe_model
from .history import infer_history
from .inputs import NextInputs, check_prompt, next_inputs
from .snapshots import Snapshot, restore, take_snapshot
from .stream import stream_turn

__all__ = [
    "NextInputs",
    "Snapshot",
    "TurnControl",
    "check_application",
    "check_free",
    "check_prompt",
    "describe_graph",
    "describe_model",
    "infer_history",
    "next_inputs",
    "restore",
    "stream_turn",
    "take_snapshot",
]
