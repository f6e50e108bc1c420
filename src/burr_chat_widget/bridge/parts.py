"""The parts of a step's answer that are not its text: reasoning, calls of tools, progress, data, and lines for anything else."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .option import INCREMENTAL_KEYS
from .printable import clean, short
from .progress import SORTS, read_aside, read_progress
from .provider_events import read_event
from .reading import Call, field, parts_of, read_call, reasoning_of
from .redaction import CREDENTIALS, Redaction
from .values import fields_of, is_list, is_mapping, is_model, json_text, type_name

__all__ = ["Part", "PartReader", "Special", "extends", "is_blank", "look"]

_META = {"type", "role", "id", "kind", "name", "model", "object", "created"}
_WRAPPERS = ("delta", "message", "response", "chunk")
_MESSAGES = ("Chunk", "Delta", "Message")
_THOUGHTS = ("reasoning", "thinking", "reasoning_delta", "thinking_delta", "reasoning-delta")
_CALLS = ("tool_call", "tool_use", "function_call", "tool-call")


class Part(NamedTuple):
    """What an item adds to a part of the step's answer; see `protocol.events.PartDelta`."""

    part: str
    kind: str
    text: str
    keep: int | None = None
    name: str | None = None
    call: str | None = None


class Special(NamedTuple):
    """What was found in an item. `text`: what it says besides, None to look for it as in any other."""

    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    progress: dict[str, Any] | None = None
    data: object = None
    text: str | None = None
    aside: tuple[str, dict[str, Any]] | None = None
    """What goes on, in words, and what else the item says of it."""


def is_blank(item: object) -> bool:
    """Whether a streamed item holds nothing but its sort, as the first and the last of a stream often do."""
    return item is None or (
        is_mapping(item)
        and all(is_blank(value) or (key in SORTS and isinstance(value, str)) for key, value in item.items())
    )


def look(item: object) -> Special | None:
    """What is in a streamed item besides text, None when there is nothing."""
    event = read_event(item)
    if event is not None:
        return Special(event.reasoning, (event.call,) if event.call is not None else (), text=event.text)
    if is_mapping(item):
        items = item
        progress = read_progress(items)
        if progress is not None:
            return Special(progress=progress, text="")
        aside = read_aside(items)
        if aside is not None:
            return Special(aside=aside, text="")
        values = list(items.values())
        if len(values) == 1 and _is_data(values[0]):
            return Special(data=values[0], text="")
        if isinstance(kind := items.get("type"), str):
            if kind in _THOUGHTS:
                says = next(
                    (t for k in ("delta", "text", "thinking", "content") if isinstance(t := items.get(k), str)), ""
                )
                return Special(reasoning=says or reasoning_of(items), text="")
            if kind in _CALLS and (call := read_call(items)) is not None:
                return Special(calls=(call,), text="")
    elif _is_data(item):
        return Special(data=item, text="")
    pieces = _unwrapped(item)
    for piece in pieces:
        if is_mapping(piece) and piece.get("role") and not any(value for key, value in piece.items() if key != "role"):
            return Special(text="")  # the first chunk says who speaks
        found = _in_message(piece)
        if found is not None:
            return found
    if is_list(field(item, "choices")):  # the chunk of a chat completion
        content: object = field(pieces[-1], "content")
        return Special(text=content if isinstance(content, str) else "")
    return None


def _calls_in(item: object) -> list[Any]:
    calls: object = field(item, "tool_call_chunks") or field(item, "tool_calls")
    return list(calls) if is_list(calls) else []


def _is_data(item: object) -> bool:
    """An object with several fields that is no piece of a message."""
    if not is_model(item) or type(item).__name__.endswith(_MESSAGES):
        return False
    names = set(fields_of(item))
    if any(isinstance(field(item, name), str) for name in INCREMENTAL_KEYS):
        return False
    return len(names - _META) > 1 and not names & {"choices", "role", "tool_calls", "tool_call_chunks"}


def _unwrapped(item: object) -> list[object]:
    """The item, and what it wraps: `choices[0].delta` and the like."""
    found: list[object] = []
    while item is not None and not isinstance(item, str | bytes | int | float | list | tuple) and len(found) < 5:
        found.append(item)
        choices: object = field(item, "choices")
        if is_list(choices) and choices:
            item = choices[0]
        else:
            item = next((v for k in _WRAPPERS if (v := field(item, k)) is not None and not callable(v)), None)
    return found


def _in_message(piece: object) -> Special | None:
    calls = _calls_in(piece)
    reasoning, text = reasoning_of(piece), None
    content: object = field(piece, "content")
    more: tuple[Call, ...] = ()
    if is_list(content):
        parts = parts_of(content)
        reasoning, text, more = reasoning or parts.reasoning, parts.text, parts.calls
    elif isinstance(content, str):
        text = content
    read = tuple(call for each in calls if (call := read_call(each)) is not None) or more
    if not reasoning and not read and not is_list(content):
        return None
    if is_model(piece) and not read and not type(piece).__name__.endswith(_MESSAGES) and content is None:
        return None  # somebody's own object, with a field that happens to be called so
    return Special(reasoning, read, text=text if text is not None else "" if calls or reasoning else None)


def extends(new: object, old: object) -> bool:
    """Whether `new` is `old`, grown: texts and lists go on, fields are filled."""
    if old is None:
        return True
    if isinstance(new, str) and isinstance(old, str):
        return new.startswith(old)
    if is_list(new) and is_list(old):
        return len(new) >= len(old) and all(extends(x, y) for x, y in zip(new, old, strict=False))
    if is_mapping(new) and is_mapping(old):
        return all(key in new and extends(new[key], value) for key, value in old.items())
    return isinstance(new, type(old)) and new == old


class PartReader:
    """Keeps what the parts of one step hold, so that each item can be told as what it changes.

    Attributes:
        calls: arguments so far of each call, by the part's key, with its name and id.
        thoughts: what was thought, one text for each stretch of reasoning.
        data: the type's name and the JSON of the data shown last.
    """

    def __init__(self, redaction: Redaction = CREDENTIALS) -> None:
        self._redaction = redaction
        self.calls: dict[str, Call] = {}
        self.thoughts: list[str] = []
        self.data: tuple[str | None, str] | None = None
        self._thinking = False
        self._lines: list[Any] = []  # the JSON of items shown as lines, the first two at most

    def spoke(self) -> None:
        """Text was said: further reasoning is another part."""
        self._thinking = False

    def thought(self, text: str) -> list[Part]:
        """A piece of reasoning."""
        if not text:
            return []
        if not self._thinking:
            self._thinking = True
            self.thoughts.append("")
        known = self.thoughts[-1]
        if len(known) > 8 and text.startswith(known):  # a stream of snapshots
            text = text[len(known) :]
        self.thoughts[-1] += text
        return [Part(f"reasoning:{len(self.thoughts)}", "reasoning", clean(text))] if text else []

    def called(self, fragment: Call) -> list[Part]:
        """A call, or a fragment of one: the next one of the call with its index, else its id, else of the last."""
        self._thinking = False
        key = self._key(fragment)
        known = self.calls.get(key)
        if known is None:
            self.calls[key] = fragment
            return [Part(key, "tool-call", fragment.arguments, None, fragment.name, fragment.call)]
        name, call = known.name or fragment.name, known.call or fragment.call
        again = bool(fragment.call and known.arguments) and fragment.arguments.startswith(known.arguments)
        whole = fragment.whole or again
        arguments = fragment.arguments if whole else known.arguments + fragment.arguments
        self.calls[key] = Call(name, arguments, call, known.position)
        return [Part(key, "tool-call", fragment.arguments, 0 if whole else None, name, call)]

    def _key(self, fragment: Call) -> str:
        if fragment.position is not None:
            key = f"tool:{fragment.position}"
            known = self.calls.get(key)
            # Anthropic and LangChain number content parts, some providers number every call 0.
            if known is None or not (known.call and fragment.call) or known.call == fragment.call:
                return key
        if fragment.call is not None:
            return next((k for k, c in self.calls.items() if c.call == fragment.call), f"tool:{fragment.call}")
        if fragment.name is None and self.calls:
            return next(reversed(self.calls))
        return f"tool:+{len(self.calls)}"

    def show(self, data: object) -> list[Part]:
        """An object as it is now."""
        self._thinking = False
        name = type_name(data) if is_model(data) else None
        shown = name, json_text(data, self._redaction)
        if shown == self.data:
            return []
        self.data = shown
        return [Part("data", "data", shown[1], 0, name)]

    def progress(self, told: dict[str, Any]) -> list[Part]:
        """How far it is."""
        return [Part("progress", "progress", json_text(told, self._redaction), 0)]

    def aside(self, words: str, rest: dict[str, Any]) -> list[Part]:
        """What goes on beside the answer."""
        self._thinking = False
        more = f" {short(rest, self._redaction)}" if rest else ""
        return [Part("status", "items", f"{clean(words)}{more}\n")]

    def grows_from(self, item: object) -> None:
        """What was taken for text was the first form of data."""
        self._lines = [json.loads(json_text(item, self._redaction))]

    def line(self, item: object) -> list[Part]:
        """An item of which nothing is known: a line, or data where dicts turn out to be one that grows."""
        self._thinking = False
        key = "items"
        if is_mapping(item):
            text = json_text(item, self._redaction)
            value: Any = json.loads(text)
            if len(self._lines) == 1 and extends(value, self._lines[0]) and (self.data or value != self._lines[0]):
                self._lines, self.data = [value], (None, text)
                return [Part(key, "data", text, 0)]
            if self.data is None:
                self._lines = [*self._lines, value][:2]
        if self.data is not None:
            key = "items:2"
        return [Part(key, "items", f"{short(item, self._redaction)}\n")]
