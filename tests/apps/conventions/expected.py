"""What is expected of an application of this package: what is inferred, and turns with what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from burr.core import Application

__all__ = ["Row", "Turn", "answer_item", "prompt_item"]


@dataclass(frozen=True)
class Turn:
    """One turn.

    Attributes:
        given: the text that is typed, what a form is filled in with, None where Run is pressed.
        actions: which actions run.
        shown: kind and text of each message that it adds, `user` for the person's; of data its value, of calls the result too.
        state: some of the state at the end.
        ends: the application has ended, and is started again before the next turn.
    """

    given: str | dict[str, Any] | None
    actions: list[str]
    shown: list[tuple[Any, ...]]
    state: dict[str, Any]
    ends: bool = False


@dataclass(frozen=True)
class Row:
    """One application.

    Attributes:
        make: makes the application.
        prompt: the input that the composer is for, None for a form, or for Run.
        fields: the other inputs that are asked for, with their kinds.
        history: the state key of the conversation.
        delta: what is streamed in the first turn: text piece by piece, one value that grows, or nothing.
        inputs: what is given besides.
        turns: what happens.
    """

    make: Callable[[], Application[Any]]
    prompt: str | None
    history: str | None
    delta: Literal["text", "data"] | None
    turns: list[Turn]
    fields: dict[str, str] = field(default_factory=dict[str, str])
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])


def prompt_item(text: str) -> dict[str, Any]:
    """A prompt in a history."""
    return {"role": "user", "content": text, "type": "text"}


def answer_item(text: str) -> dict[str, Any]:
    """An answer in a history."""
    return {"content": text, "type": "text", "role": "assistant"}
