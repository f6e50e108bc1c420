"""One conversation: its turns one at a time, its branches and checkpoints, and what pages ask of it."""

from .branches import App, Branch
from .checkpoints import Checkpoint
from .session import ChatSession
from .testcase import write_case
from .turn import Delta, Deltas, Turn
from .turns import GoOn

__all__ = ["App", "Branch", "ChatSession", "Checkpoint", "Delta", "Deltas", "GoOn", "Turn", "write_case"]
