"""As much of a view as there is room for: what is kept of it, and what goes first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.view import Message, Step, Turn, View

__all__ = ["encoded", "end", "shorten", "size"]

MESSAGES, STEPS = 0.75, 0.75
"""Which part of the room messages have at most, and which part of what they leave steps have."""

LONGEST = 8
"""A text of a message takes at most the room divided by this."""

_LEFT_OUT = re.compile(r"([\d,]+) more characters are left out here\.")

Part = TypeVar("Part", Message, Step)


def encoded(value: Any) -> bytes:
    """It as JSON."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # half of a surrogate pair, which can be escaped only
        # Parts of it may be JSON already, where the same stands escaped.
        builtins = msgspec.to_builtins(value, enc_hook=lambda part: json.loads(bytes(part)))
        return json.dumps(builtins, separators=(",", ":")).encode()


def size(value: Any) -> int:
    """How many bytes it takes as JSON."""
    return len(encoded(value))


def end(view: View) -> None:
    """Nothing runs any more, and nothing can be asked for. The view is changed in place, and must be the caller's own."""
    if view.status != "idle":
        turn = view.turns[-1]
        last = [step for step in view.steps if step.turn == turn.key][-1:]
        begun = max([turn.started, *(step.started + (step.duration or 0.0) for step in last)])
        text = "This is as far as the turn had come when it was saved."
        fold(view, e.Notice(time=0.0, monotonic=begun, turn=turn.key, level="info", text=text))
        fold(view, e.TurnStopped(time=0.0, monotonic=begun, turn=turn.key))
    view.session.suggestions, view.session.faults = [], []
    view.pausing, view.pace, view.fault = False, 0.0, None
    view.breakpoints, view.branches, view.accepted, view.refused = [], [], [], []
    for turn in view.turns:
        turn.siblings, turn.editable, turn.request = [], False, None


def shorten(view: View, room: int) -> int:
    """Leave out the beginning of a conversation that is too long, and the end of each text that is. It takes time by the room, not by
    how long the conversation is.

    Args:
        view: is changed in place, and must be the caller's own.
        room: bytes, as JSON.

    Returns:
        How many messages were left out.
    """
    bare = size(replace(view, messages=[], steps=[], turns=[]))
    if bare > room // 4:  # mostly code
        actions = [replace(action, source=None) for action in view.graph.actions]
        view.graph = replace(view.graph, actions=actions)
        bare = size(replace(view, messages=[], steps=[], turns=[]))
    left = max(0, room - bare)
    turns = {turn.key: turn for turn in view.turns}
    there: dict[str, Turn] = {}
    messages, taken = _last(view.messages, int(left * MESSAGES), turns, there, room // LONGEST)
    steps, _ = _last(view.steps, int((left - taken) * STEPS), turns, there, room // LONGEST)
    left_out = len(view.messages) - len(messages)
    if left_out or len(steps) < len(view.steps):
        view.turns = [turn for turn in view.turns if turn.key in there]
    view.messages, view.steps = messages, steps
    return left_out


def _last(
    parts: Sequence[Part], room: int, turns: Mapping[str, Turn], there: dict[str, Turn], longest: int
) -> tuple[list[Part], int]:
    """The last of them that fit with their turns, which are `there` then, and how much room they take."""
    found: list[Part] = []
    taken = 0
    for part in reversed(parts):
        turn = None if part.turn in there else turns.get(part.turn)
        if isinstance(part, Message):
            _cut(part, longest)
        if turn is not None and turn.prompt is not None:
            turn.prompt = turn.prompt[:longest]
        needed = size(part) + 1 + (0 if turn is None else size(turn) + 1)
        if taken + needed > room:
            break
        taken += needed
        found.append(part)
        if turn is not None:
            there[turn.key] = turn
    return found[::-1], taken


def _cut(message: Message, longest: int) -> None:
    over = len(message.text) - longest
    if over > 0:
        message.text = message.text[:longest]
        *before, last = message.notices or [""]
        found = _LEFT_OUT.fullmatch(last)  # it was cut before
        notices = before if found else message.notices
        over += int(found[1].replace(",", "")) if found else 0
        message.notices = [*notices, f"{over:,} more characters are left out here."]
    if message.result is not None and len(message.result) > longest:
        message.result = message.result[:longest] + "…"
