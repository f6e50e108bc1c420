"""What a turn has shown, so that nothing is shown twice, and what a step has recorded that was not shown yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from burr.core import State

from .deltas import KEYS, find_text
from .messages import HistoryMessage
from .parts import look
from .printable import clean
from .reading import image_address
from .redaction import CREDENTIALS, Redaction
from .snapshots import changes_between
from .values import is_list, is_mapping, is_model, json_text, type_name

__all__ = ["Said", "ShownCall", "result_message"]


ANSWERS = ("answer", "response", "output", "final_output")
"""Keys of what an application says, though it be the prompt again."""


class ShownCall(NamedTuple):
    """A call that is on the page: the step and the part that show it, and its arguments."""

    step: int
    part: str | None
    arguments: str


class Said:
    """What a turn has shown.

    Attributes:
        texts: every text, stripped.
        thoughts: the reasoning, stripped.
        calls: the calls of tools, by id.
        answered: whether there was something that answers: text, a message, data.
        anything: whether there was anything beside progress.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.calls: dict[str, ShownCall] = {}
        self.answered = False
        self.anything = False
        self._results: set[HistoryMessage] = set()

    def text(self, text: str) -> None:
        """Take note of a text that is on the page."""
        self.texts.append(text.strip())
        self.answered = self.anything = True

    def is_new(self, message: HistoryMessage) -> bool:
        """Whether the message is not on the page yet; from now on it is. Calls are looked up in `calls`."""
        text = message.text.strip()
        if message.kind == "tool-result":
            new = message not in self._results
            self._results.add(message)
        elif message.kind == "reasoning":
            new = text not in self.thoughts
            self.thoughts.append(text)
        else:
            new = text not in self.texts
            self.text(message.text)
        self.anything = True
        return new


def result_message(
    result: object,
    before: State[Any],
    after: State[Any],
    prompts: list[str],
    writes: Sequence[str] = (),
    redaction: Redaction = CREDENTIALS,
) -> HistoryMessage | None:
    """The answer of an application that keeps no history and has streamed nothing: its result, else what it wrote.

    Args:
        result: what the last action returned.
        before: the state before it.
        after: the state after it.
        prompts: what the person typed, which is no answer, unless it is called one.
        writes: the state keys that the action says it writes: a text that is the same as before is written too.
        redaction: what is not shown.
    """
    value = _without(result, prompts, redaction)
    if value is None:
        state = after.get_all()
        written = [c.key for c in changes_between(before, after) if c.change != "removed"]
        written = written or [key for key in writes if isinstance(state.get(key), str)]
        old = before.get_all()
        gained = {key: _gained(old.get(key), state[key], prompts) for key in written if key in state}
        value = _without(gained, prompts, redaction)
    if value is None:
        return None
    name = None
    if is_mapping(value) and len(value) == 1:
        ((key, value),) = value.items()
        name = clean(str(key))
    special = look(value)
    if special is None or special.data is None:
        plain = is_mapping(value) and len(value) > 1 and not any(key in KEYS for key in value)
        found = None if plain else find_text(value, redaction, result=True)
        if found is not None and found[0].strip():
            if found[0] in prompts and name not in ANSWERS:
                return None
            return HistoryMessage("assistant", clean(found[0]))
        address = None if isinstance(value, str) or is_mapping(value) else image_address(value)
        if address is not None:
            return HistoryMessage("assistant", address, "image", name)
    if value is None or value == "":
        return None
    return HistoryMessage(
        "assistant", json_text(value, redaction), "data", type_name(value) if is_model(value) else name
    )


def _gained(old: object, new: object, prompts: list[str]) -> object:
    """What a list that goes on has gained, without what the person typed; any other value as it is."""
    if not is_list(old) or not is_list(new) or len(new) <= len(old):
        return new
    try:
        if list(new[: len(old)]) != list(old):
            return new
    except Exception:  # arrays and other values that do not compare
        return new
    gained = [item for item in new[len(old) :] if not (isinstance(item, str) and item in prompts)]
    return gained[0] if len(gained) == 1 else gained


def _without(value: object, prompts: list[str], redaction: Redaction) -> object:
    """The value without what the person typed and what is hidden; None when nothing is left."""
    if is_mapping(value):
        items = value
        kept = {
            k: v
            for k, v in items.items()
            if v is not None
            and (k in ANSWERS or not (isinstance(v, str) and v in prompts))
            and not redaction.hides(k, v)
        }
        return kept or None
    if isinstance(value, str) and value in prompts:
        return None
    return value
