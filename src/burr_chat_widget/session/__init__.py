"""One conversation: its turns one at a time, its branches and checkpoints, and what pages ask of it."""

from .branches import App, Branch
from .checkpoints import Checkpoint
from .deltas import Delta, Deltas
from .described import described
from .faults import ModelFaults
from .recorder import Recorder
from .replay import ReplaySession
from .session import ChatSession, checked_pace
from .testcase import write_case
from .timeline import figures_of, lane_of, rows_of
from .turn import Sending, Turn
from .turns import GoOn
from .whole_file import write_whole

__all__ = [
    "App",
    "Branch",
    "ChatSession",
    "Checkpoint",
    "Delta",
    "Deltas",
    "GoOn",
    "ModelFaults",
    "Recorder",
    "ReplaySession",
    "Sending",
    "Turn",
    "checked_pace",
    "described",
    "figures_of",
    "lane_of",
    "rows_of",
    "write_case",
    "write_whole",
]
