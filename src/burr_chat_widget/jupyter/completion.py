"""What can follow the magics."""

# IPython is typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUntypedFunctionDecorator=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.getipython import get_ipython

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.widget import BurrChat

from .chats import names
from .magics import COMMANDS
from .words import state_rows

__all__ = ["complete_magics"]


@context_matcher()
def complete_magics(context: CompletionContext) -> SimpleMatcherResult:
    """Completes what stands in a line behind `%chat`, `%%chat` and `%burr`; nothing else is offered there."""
    name, space, typed = context.text_until_cursor.lstrip().partition(" ")
    if not space or name not in ("%chat", "%%chat", "%burr"):
        return _matched([])
    offered = _after_burr(typed) if name == "%burr" else names(cast(Any, get_ipython()).user_ns)
    found = [SimpleCompletion(word, type="magic") for word in offered if word.startswith(context.token)]
    return _matched(found)


def _matched(found: list[SimpleCompletion]) -> SimpleMatcherResult:
    # What it leaves out is filled in by IPython.
    return cast("SimpleMatcherResult", {"completions": found, "suppress": bool(found), "ordered": True})


def _after_burr(typed: str) -> Sequence[str]:
    command, space, rest = typed.lstrip().partition(" ")
    if not space:
        return COMMANDS
    chat = BurrChat.displayed()
    if chat is None or " " in rest.strip():
        return []
    try:
        if command == "rewind":
            return [str(point.sequence_id) for point in reversed(chat.checkpoints)]
        return [row.key for row in state_rows(chat)] if command == "state" else []
    except BurrChatError:  # a server does not answer
        return []
