"""What an application asks of a person before an action: in its own words, from its state or a docstring.

The rule: a state key that the action reads and whose name speaks of a question holds what is asked, a text or a list of texts.
An input that is a list of texts takes one answer to each question of such a list, or of the only list of texts that the
action reads. Where no question is found, what is asked is the first line of the action's docstring; but an action that takes
a prompt is a chat, and asks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from burr.core import Action, State

from .printable import clean
from .signature import action_docstring

__all__ = ["asked", "questions"]

LONGEST = 4000
"""Characters of what is asked that are shown."""


def questions(action: Action, state: State[Any]) -> list[str]:
    """The questions that a list of texts is to answer; empty where there are none."""
    lists = {key: texts for key in action.reads if key in state and (texts := _texts(state[key]))}
    found = [texts for key, texts in lists.items() if _speaks_of_a_question(key)] or list(lists.values())
    return found[0] if len(found) == 1 else []


def asked(action: Action, state: State[Any], *, chats: bool, answered: Sequence[str] = ()) -> str | None:
    """What is asked, None for nothing.

    Args:
        action: the action that comes next.
        state: the application's state.
        chats: the action takes a prompt.
        answered: questions that have a field of their own.
    """
    found: list[str] = []
    for key in action.reads:
        if _speaks_of_a_question(key) and key in state:
            value = state[key]
            found += [value] if isinstance(value, str) and value.strip() else _texts(value)
    if found:
        left = [text for text in found if text not in answered]
        if left:
            return clean("\n".join(left))[:LONGEST]
    if chats:
        return None
    lines = action_docstring(action).splitlines()
    return clean(lines[0].strip())[:LONGEST] if lines and lines[0].strip() else None


def _speaks_of_a_question(key: str) -> bool:
    return "question" in key.lower()


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        return []
    items = list(cast("Sequence[Any]", value))
    return [clean(item) for item in items] if all(isinstance(item, str) and item.strip() for item in items) else []
