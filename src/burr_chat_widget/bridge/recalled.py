"""What was said in an application that keeps no conversation, as far as the states around its steps tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from burr.core import Action, Application, State

from burr_chat_widget.protocol.events import MessageAdded
from burr_chat_widget.protocol.view import Message

from .inputs import external_inputs, turn_inputs
from .printable import clean
from .redaction import CREDENTIALS, Redaction
from .rendering import Render
from .said import Said
from .steps import StepTeller
from .transcript import EARLIER

__all__ = ["RecalledStep", "recalled_messages"]


class RecalledStep(NamedTuple):
    """A step that was completed long ago."""

    action: str
    before: State[Any]
    after: State[Any]


def recalled_messages(
    app: Application[Any],
    turns: Sequence[Sequence[RecalledStep]],
    *,
    prompt: str | None = None,
    render: Render | None = None,
    redaction: Redaction = CREDENTIALS,
) -> list[Message]:
    """The answers of these turns, with the prompts where the state holds them under the input's name, and last a notice of that.

    An answer is what a turn shows when it runs, without its deltas: what a step that streams has written, or else the last one.

    Args:
        app: the application.
        turns: the steps of each turn.
        prompt: see `stream_turn`.
        render: see `stream_turn`.
        redaction: what is not shown.
    """
    actions = {action.name: action for action in app.graph.actions}
    messages: list[Message] = []

    def add(role: str, text: str, kind: str = "text", name: str | None = None) -> None:
        messages.append(
            Message(key=f"{EARLIER}:{len(messages)}", turn=EARLIER, role=role, text=text, kind=kind, name=name)
        )

    for turn in turns:
        steps = [(actions[step.action], step) for step in turn if step.action in actions]
        prompts: list[str] = []
        said = Said()
        for number, (action, step) in enumerate(steps):
            if not prompts:
                prompts = _prompts(action, step, prompt, redaction)
                if len(prompts) == 1:
                    add("user", clean(prompts[0]))
            if not action.streaming and (number < len(steps) - 1 or said.answered):
                continue
            teller = StepTeller(EARLIER, number, action.name, delta=None, render=render, redaction=redaction)
            for event in teller.result(None, step.before, step.after, prompts, action.writes, said):
                if isinstance(event, MessageAdded):
                    add(event.role, event.text, event.kind, event.name)
    if messages:
        add("assistant", "The messages above are from earlier, as far as the application's state tells.", "notice")
    return messages


def _prompts(action: Action, step: RecalledStep, prompt: str | None, redaction: Redaction) -> list[str]:
    """What a person said to the action, where it has written that down."""
    before, after = step.before.get_all(), step.after.get_all()
    texts = {
        n: value
        for names in external_inputs(action)
        for n in names
        if isinstance(value := after.get(n), str)
        and (n in action.writes or before.get(n) != value)
        and not redaction.hides(n, value)
    }
    return [texts[n] for n in turn_inputs(action, texts, prompt)]
