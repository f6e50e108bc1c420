"""The bridge: Burr in, events out. It knows nothing of Jupyter."""

from .cases import case_of
from .comparison import same
from .control import TurnControl, check_free
from .description import bound_clients, check_application, describe_graph, describe_model
from .edits import edited
from .failures import describe_error
from .forks import fork_application
from .given import Given, composer_of, inputs_given
from .history import infer_history
from .holds import Breakpoint, Breakpoints, Holds, Test
from .inputs import NextInputs, check_constants, check_prompt, next_inputs
from .masking import Masker
from .option import DeltaOption, read_option
from .printable import clean
from .private import PRIOR_STEP, SEQUENCE_ID, persister_hooks, running_step
from .recalled import RecalledStep, recalled_messages
from .recorded import RECORDED, Restorer, recorded, recorded_entries
from .redaction import Redaction, RedactOption
from .rendering import Render
from .route import can_go_on
from .rows import UNCOMPARED, Rows, rows_of
from .snapshots import Snapshot, changes_between, kept, restore, sharing, take_snapshot
from .stream import stream_turn
from .transcript import earlier_messages

__all__ = [
    "PRIOR_STEP",
    "RECORDED",
    "SEQUENCE_ID",
    "UNCOMPARED",
    "Breakpoint",
    "Breakpoints",
    "DeltaOption",
    "Given",
    "Holds",
    "Masker",
    "NextInputs",
    "RecalledStep",
    "RedactOption",
    "Redaction",
    "Render",
    "Restorer",
    "Rows",
    "Snapshot",
    "Test",
    "TurnControl",
    "bound_clients",
    "can_go_on",
    "case_of",
    "changes_between",
    "check_application",
    "check_constants",
    "check_free",
    "check_prompt",
    "clean",
    "composer_of",
    "describe_error",
    "describe_graph",
    "describe_model",
    "earlier_messages",
    "edited",
    "fork_application",
    "infer_history",
    "inputs_given",
    "kept",
    "next_inputs",
    "persister_hooks",
    "read_option",
    "recalled_messages",
    "recorded",
    "recorded_entries",
    "restore",
    "rows_of",
    "running_step",
    "same",
    "sharing",
    "stream_turn",
    "take_snapshot",
]
