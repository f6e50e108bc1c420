"""What a turn has shown, so that nothing is shown twice, and what a step has recorded that was not shown yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from burr.core import State

from .deltas import KEYS, find_text
from .inputs import PROMPT_NAMES
from .messages import HistoryMessage
from .parts import look
from .printable import clean
from .reading import Call, image_address
from .redaction import CREDENTIALS, Redaction
from .snapshots import changes_between
from .values import is_list, is_mapping, is_model, json_text, type_name

__all__ = ["Said", "ShownCall", "final_text", "result_message"]


ANSWERS = ("answer", "response", "output", "final_output")
"""Keys of what an application says, though it be the prompt again."""
FINAL = (*ANSWERS, "final_answer", "final", "reply", "result", "content", "text", "out")
"""Keys of a result that hold the whole of what was streamed."""


class ShownCall(NamedTuple):
    """A call that was streamed: the step and the part that show it, and what is known of it."""

    step: int
    part: str
    call: Call


class Said:
    """What a turn has shown. What was streamed is matched with what is recorded of it one by one: a text that is recorded twice and
    was streamed once has been said once more.

    Attributes:
        texts: how often each text was streamed and is not recorded yet, stripped.
        thoughts: the same of reasoning.
        calls: the calls of tools that were streamed and are not recorded yet.
        answered: whether there was something that answers: text, a message, data.
        anything: whether there was anything beside progress.
    """

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self.thoughts: Counter[str] = Counter()
        self.calls: list[ShownCall] = []
        self.answered = False
        self.anything = False

    def streamed(self, text: str) -> None:
        """Take note of a text that was streamed."""
        self.texts[text.strip()] += 1
        self.answered = self.anything = True

    def is_new(self, message: HistoryMessage) -> bool:
        """Whether a message that is recorded is not on the page yet; from now on it is. Not for calls, see `streamed_call`."""
        self.anything = True
        if message.kind == "tool-result":
            return True
        streamed = self.thoughts if message.kind == "reasoning" else self.texts
        self.answered = self.answered or streamed is self.texts
        text = message.text.strip()
        if not streamed[text]:
            return True
        streamed[text] -= 1
        return False

    def streamed_call(self, message: HistoryMessage) -> ShownCall | None:
        """The call that was streamed and is recorded with this, None when it was not streamed; by its id, else by its name."""
        self.anything = True
        by_id = (shown for shown in self.calls if shown.call.call is not None and shown.call.call == message.call)
        by_name = (shown for shown in self.calls if shown.call.call is None and shown.call.name == message.name)
        found = next(by_id, None) or next(by_name, None)
        if found is not None:
            self.calls.remove(found)
        return found


def result_message(
    result: object,
    before: State[Any],
    after: State[Any],
    prompts: Collection[str],
    writes: Sequence[str] = (),
    redaction: Redaction = CREDENTIALS,
    *,
    history: str | None = None,
    asked: Collection[str] = PROMPT_NAMES,
) -> tuple[HistoryMessage, object] | None:
    """The answer where none was streamed nor recorded in a history: the action's result, else what it wrote; and that, as it is.

    Args:
        result: what the last action returned.
        before: the state before it.
        after: the state after it.
        prompts: what the person typed. It is the answer only where there is no other: an echo.
        writes: the state keys that the action says it writes; those that are the same as before are written too.
        redaction: what is not shown.
        history: the key of the conversation, which holds no answer.
        asked: the names of what the person is asked for: what is kept under these is no echo.
    """
    unsaid = () if history is None else (history, history.partition(".")[0])
    source, value = result, _speech(result, prompts, unsaid, asked, redaction)
    if value is None:
        state, old = after.get_all(), before.get_all()
        changed = [c.key for c in changes_between(before, after) if c.change != "removed"]
        written = [key for key in changed if key in writes] or [key for key in writes if key in state] or changed
        source = {key: _gained(old.get(key), state[key], prompts) for key in written if key in state}
        value = _speech(source, prompts, unsaid, asked, redaction)
    if value is None:
        return None
    message = _as_message(value, redaction)
    return None if message is None else (message, source)


def _as_message(value: object, redaction: Redaction) -> HistoryMessage | None:
    name = None
    if is_mapping(value) and len(value) == 1:
        ((key, value),) = value.items()
        name = clean(str(key))
    special = look(value)
    if special is None or special.data is None:
        plain = is_mapping(value) and len(value) > 1 and not any(key in KEYS for key in value)
        found = None if plain else find_text(value, redaction, result=True)
        if found is not None and found[0].strip():
            return HistoryMessage("assistant", clean(found[0]))
        address = None if isinstance(value, str) or is_mapping(value) else image_address(value)
        if address is not None:
            return HistoryMessage("assistant", address, "image", name)
    if isinstance(value, str) and not value:
        return None
    return HistoryMessage(
        "assistant", json_text(value, redaction), "data", type_name(value) if is_model(value) else name
    )


def final_text(result: object, redaction: Redaction = CREDENTIALS) -> str | None:
    """The whole answer, where a result names it; None where it may be anything else, such as what was decided."""
    if not is_mapping(result):
        return None
    found = find_text({key: result[key] for key in FINAL if key in result}, redaction, result=True)
    return found[0] if found is not None and found[0].strip() else None


def _gained(old: object, new: object, prompts: Collection[str]) -> object:
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


def _speech(
    value: object, prompts: Collection[str], unsaid: Collection[str], asked: Collection[str], redaction: Redaction
) -> object:
    """The value without what is `unsaid` or hidden and, where there is anything else, what the person typed; None for nothing."""
    if not is_mapping(value):
        return value
    kept = {k: v for k, v in value.items() if v is not None and k not in unsaid and not redaction.hides(k, v)}
    typed = [k for k, v in kept.items() if isinstance(v, str) and v in prompts and k not in ANSWERS]
    answers = {key: each for key, each in kept.items() if key not in typed}
    return answers or {key: kept[key] for key in typed if key not in asked} or None
