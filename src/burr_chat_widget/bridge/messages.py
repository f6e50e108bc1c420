"""What an item of a history says: one message or several, each of a kind that the page can show."""

from __future__ import annotations

import enum
from typing import Any, NamedTuple, cast

from .printable import clean
from .reading import IMAGE_BYTES, Call, Parts, field, image_address, parts_of, read_call, reasoning_of, result_text
from .values import is_list, is_mapping, is_model, json_text, plain_text, type_name

__all__ = ["KINDS", "HistoryMessage", "is_foreign", "read_item", "read_messages"]

ASSISTANT = ("assistant", "ai", "AI", "Ai", "AIMessage", "AIMessageChunk", "bot", "model", "Assistant", "Bot")
OTHERS = ("user", "human", "system", "developer", "User", "Human", "System", "HumanMessageChunk")
"""Roles of messages that nobody needs to be shown: what the person typed, and what goes on behind the scenes."""
TOOLS = ("tool", "function")
SPEAKERS = ("role", "speaker", "sender", "author", "from")
CONTENTS = ("content", "parts", "text", "message", "value")
"""Names of fields, the usual ones first; the others count where the role is a known one."""
PERSON = ("user", "human")
LANGCHAIN = ("human", "ai", "system", "tool", "function", "chat", "AIMessageChunk", "HumanMessageChunk")

KINDS = ("text", "code", "image", "error", "tool-call", "tool-result", "reasoning", "data")
"""The kinds that the page shows each in its own way."""
_SYNONYMS = {"message": "text", "image_url": "image", "thinking": "reasoning", "markdown": "text"}


class HistoryMessage(NamedTuple):
    """One thing that an item says.

    Attributes:
        role: who says it.
        text: the text; of an image its address, of a call the arguments, of data the JSON.
        kind: one of `KINDS`, or what the application calls it.
        name: the tool's name, an image's description, the type of data, the language of code.
        call: the id by which a call and its result belong together.
    """

    role: str
    text: str
    kind: str = "text"
    name: str | None = None
    call: str | None = None

    @property
    def by_person(self) -> bool:
        """Whether the person said it. Anthropic's results of tools are the user's, and are not."""
        return self.role.lower().removesuffix("messagechunk") in PERSON and self.kind != "tool-result"

    @property
    def spoken(self) -> bool:
        """Whether it is something that the application says to the person."""
        if self.role in OTHERS:
            return self.kind == "tool-result"  # Anthropic's results are the user's
        return self.kind in ("tool-call", "tool-result") or bool(self.text.strip())


def read_messages(item: object) -> tuple[HistoryMessage, ...] | None:
    """What a history's item says, None when it does not look like a message.

    Messages are dicts or objects with a role and a content, LangChain's with a type and a content (also inside of `data`), OpenAI's items of function
    calls, strings that begin with `Human:`, `AI:` and the like, pairs of such a role and a text, and dicts in which both are
    called otherwise (`SPEAKERS`, `CONTENTS`).
    """
    if isinstance(item, str):
        name, colon, text = item.partition(":")
        role = _known(name)
        if not colon or role is None:
            return None
        return (HistoryMessage("assistant" if role in ASSISTANT else role.lower(), clean(text.strip())),)
    if is_list(item):
        return read_messages({"role": item[0], "text": item[1]}) if _is_pair(item) else None
    role, kind = _role(item), _text(item, "type")
    if role is None:
        if kind == "function_call":
            call = read_call(item)
            return None if call is None else (_call(call._replace(call=field(item, "call_id") or call.call)),)
        if kind == "function_call_output":
            return (
                HistoryMessage("tool", result_text(field(item, "output")), "tool-result", None, _text(item, "call_id")),
            )
        if kind not in LANGCHAIN:
            return None
        data = field(item, "data")
        if is_mapping(data) and "content" in data:  # as LangChain's `messages_to_dict` writes it
            return read_messages({**data, "type": kind})
        role, kind = cast(str, kind), "text"
    calls = _calls(item)
    names = CONTENTS if _known(role) else CONTENTS[:1]
    name = next((n for n in names if _has(item, n)), None)
    if name is None and not calls:
        return None
    content = None if name is None else field(item, name)
    if content is None:
        content = _text(item, "refusal")  # OpenAI's, in place of a content
    if role in TOOLS:
        call = _text(item, "tool_call_id") or _text(item, "name")
        return (HistoryMessage("tool", result_text(content), "tool-result", _text(item, "name"), call),)
    role = "assistant" if role in ASSISTANT else clean(role)
    kind = "text" if kind is None else clean(_SYNONYMS.get(kind, kind))
    said: list[HistoryMessage] = []
    if thought := reasoning_of(item):
        said.append(HistoryMessage(role, clean(thought), "reasoning"))
    said += _content(item, role, kind, content)
    known = {m.call for m in said if m.kind == "tool-call"}
    said += [_call(call, role) for call in calls if call.call is None or call.call not in known]
    return tuple(said) or (HistoryMessage(role, "", kind),)


def _known(name: object) -> str | None:
    """The role of that name, in whatever case and of whatever enum; None if it is none that is known."""
    if isinstance(name, enum.Enum):
        name = name.value
    if not isinstance(name, str):
        return None
    return next((role for role in (name, name.lower()) if role in (*ASSISTANT, *OTHERS)), None)


def _has(item: object, name: str) -> bool:
    if is_mapping(item):
        return name in item
    try:
        return hasattr(item, name)
    except Exception:  # it has, and asking for it raises
        return True


def _is_pair(item: list[Any]) -> bool:
    return len(item) == 2 and _known(item[0]) is not None and isinstance(item[1], str)


def _role(item: object) -> str | None:
    role = field(item, "role")
    if role is None and is_mapping(item):
        return next((known for name in SPEAKERS if (known := _known(item.get(name)))), None)
    return _known(role) or (role if isinstance(role, str) else None)


def read_item(item: object) -> tuple[HistoryMessage, ...]:
    """What any item of a history says; one that is no message is text or data."""
    said = read_messages(item)
    if said is not None:
        return said
    if isinstance(item, str):
        return (HistoryMessage("assistant", clean(item)),)
    address = image_address(item)
    if address is not None and not is_mapping(item):
        return (_image("assistant", address, None),)
    return (HistoryMessage("assistant", json_text(item), "data", type_name(item) if is_model(item) else None),)


def is_foreign(item: object) -> bool:
    """Whether `item` is of no kind of ours: `render=` is asked first."""
    said = read_messages(item)
    return said is None or any(m.kind not in KINDS or m.kind == "data" for m in said)


def _content(item: object, role: str, kind: str, content: object) -> list[HistoryMessage]:
    if content is None:  # a message of tool calls alone
        return []
    if kind == "image":
        address = image_address(content)
        about = next((t for n in ("alt", "caption", "title") if (t := _text(item, n))), None)
        if address is not None:
            return [_image(role, address, about)]
        return [HistoryMessage(role, clean(content) if isinstance(content, str) else json_text(content), kind, about)]
    if isinstance(content, str):
        if not content:
            return []
        return [HistoryMessage(role, clean(content), kind, _text(item, "language") if kind == "code" else None)]
    if isinstance(content, BaseException):
        return [HistoryMessage(role, clean(f"{type(content).__name__}: {content}"), "error")]
    if kind == "error":
        return [HistoryMessage(role, json_text(content), kind)]
    if is_list(content) and _are_parts(content):
        return _parts(role, kind, parts_of(content))
    address = None if is_mapping(content) else image_address(content)
    if address is not None:
        return [_image(role, address, None)]
    return [HistoryMessage(role, json_text(content), "data", type_name(content) if is_model(content) else None)]


def _are_parts(content: list[Any]) -> bool:
    return all(isinstance(part, str) or isinstance(field(part, "type"), str) or field(part, "text") for part in content)


def _parts(role: str, kind: str, parts: Parts) -> list[HistoryMessage]:
    said = [HistoryMessage(role, clean(parts.reasoning), "reasoning")] if parts.reasoning else []
    if parts.text:
        said.append(HistoryMessage(role, clean(parts.text), kind))
    said += [_image(role, address, None) for address in parts.images]
    said += [HistoryMessage(role, other, "data") for other in parts.others]
    said += [_call(call, role) for call in parts.calls]
    return said + [HistoryMessage(role, text, "tool-result", None, call) for call, text in parts.results]


def _image(role: str, address: str, about: str | None) -> HistoryMessage:
    size = len(address) * 3 // 4
    if size > IMAGE_BYTES:
        return HistoryMessage(role, f"An image of {size / 1e6:.1f} MB, which is too large to be shown here.")
    return HistoryMessage(role, address, "image", about)


def _calls(item: object) -> list[Call]:
    calls: object = field(item, "tool_calls")
    found = list(calls) if is_list(calls) else []
    if (single := field(item, "function_call")) is not None:
        found.append(single)
    return [call for each in found if (call := read_call(each)) is not None and call.name is not None]


def _call(call: Call, role: str = "assistant") -> HistoryMessage:
    return HistoryMessage(role, plain_text(call.arguments), "tool-call", call.name, call.call or call.name)


def _text(item: object, name: str) -> str | None:
    value = field(item, name)
    return clean(value) if isinstance(value, str) and value else None
