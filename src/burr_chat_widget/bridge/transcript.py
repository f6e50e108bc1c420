"""The conversation that an application's state already holds, as messages of the transcript."""

from __future__ import annotations

import logging
from typing import Any

from burr.core import Application

from burr_chat_widget.protocol.view import Message

from .history import history_items, infer_history
from .messages import KINDS, HistoryMessage, is_foreign, read_item
from .rendering import Render, rendered

__all__ = ["EARLIER", "earlier_messages"]

logger = logging.getLogger(__name__)

EARLIER = "earlier"
"""The turn that earlier messages are said to be of; there is none of that name."""


def earlier_messages(app: Application[Any], history: str | None = None, render: Render | None = None) -> list[Message]:
    """What was said before, in order, and last a notice that says so; nothing when the state holds no conversation.

    Left out is what goes on behind the scenes, such as system messages.

    Args:
        app: the application.
        history: the state key of the conversation; inferred when None.
        render: see `stream_turn`.

    Raises:
        ConventionError: if what is the history cannot be told.
    """
    key = infer_history(app, history)
    messages: list[Message] = []
    for item in history_items(app.state, key) if key is not None else ():
        said = read_item(item)
        if is_foreign(item):
            said, problem = rendered(render, item, said)
            if problem is not None:
                logger.warning("for an earlier message, %s", problem)
        for each in said:
            _add(messages, each)
    if messages:
        messages.append(_message(messages, "assistant", "The messages above are from earlier.", "notice"))
    return messages


def _add(messages: list[Message], said: HistoryMessage) -> None:
    if said.kind == "tool-result":
        for message in reversed(messages):
            if message.kind == "tool-call" and message.call == said.call and message.result is None:
                message.result = said.text
                return
    if said.spoken or (said.by_person and said.text.strip()):
        kind = said.kind if said.kind in KINDS else "text"
        message = _message(messages, "user" if said.by_person else said.role, said.text, kind)
        message.name, message.call = said.name, said.call
        messages.append(message)


def _message(messages: list[Message], role: str, text: str, kind: str) -> Message:
    return Message(key=f"{EARLIER}:{len(messages)}", turn=EARLIER, role=role, text=text, kind=kind)
