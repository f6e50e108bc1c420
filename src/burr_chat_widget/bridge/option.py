"""The option `delta=`: where in a streamed item the text is, the reasoning and the calls of tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from burr_chat_widget.errors import ConventionError

from .printable import short
from .reading import Call, field, read_call
from .values import is_list, is_mapping

__all__ = ["INCREMENTAL_KEYS", "DeltaOption", "Finders", "Mode", "read_option"]

INCREMENTAL_KEYS = ("delta", "token", "chunk")

Mode = Literal["incremental", "undecided", "snapshots"]
Where: TypeAlias = Callable[[Any], Any] | str
"""A function of the item, or a path of keys, attributes and positions with dots between: `choices.0.delta.content`."""
DeltaOption: TypeAlias = Where | Mapping[str, Where] | None
"""Where the text of an item is; a mapping says it for `text`, `reasoning` and `tool`; None to infer it."""

_WHAT = ("text", "reasoning", "tool")


class Finders(NamedTuple):
    """What finds things in an item, each None where it was not given."""

    text: Callable[[Any], tuple[str, Mode] | None] | None = None
    reasoning: Callable[[Any], str | None] | None = None
    tool: Callable[[Any], list[Call]] | None = None


def read_option(delta: DeltaOption) -> Finders | None:
    """The finders that `delta=` asks for, None to infer.

    Raises:
        ConventionError: if it is neither a function nor a path nor a mapping of these.
    """
    if delta is None:
        return None
    if not is_mapping(delta):
        return Finders(text=_text(_checked(delta, "delta="), delta))
    unknown = [key for key in delta if key not in _WHAT]
    if unknown or not delta:
        raise ConventionError(
            f"delta= has the key {unknown[0]!r}" if unknown else "delta= is an empty mapping",
            remedy=f"its keys may be {', '.join(map(repr, _WHAT))}; leave delta= out to have them inferred",
        )
    find = {key: _checked(where, f"delta[{key!r}]") for key, where in delta.items()}
    return Finders(
        text=_text(find["text"], delta["text"], "delta['text']") if "text" in find else None,
        reasoning=_reasoning(find["reasoning"]) if "reasoning" in find else None,
        tool=_tool(find["tool"]) if "tool" in find else None,
    )


def _checked(where: Any, name: str) -> Callable[[Any], Any]:
    if isinstance(where, str):
        return _path(where)
    if callable(where):
        return where
    raise ConventionError(
        f"{name} is {short(where)}, a {type(where).__name__}",
        remedy="pass a function of the item, or a path such as 'choices.0.delta.content'",
    )


def _path(path: str) -> Callable[[Any], Any]:
    steps = path.split(".")

    def follow(item: Any) -> Any:
        whole = field(item, path)
        if whole is not None or len(steps) == 1:
            return whole
        for step in steps:
            if is_list(item):
                items = item
                item = items[int(step)] if step.isdigit() and int(step) < len(items) else None
            else:
                item = field(item, step)
        return item

    return follow


def _text(find: Callable[[Any], Any], where: Any, name: str = "delta") -> Callable[[Any], tuple[str, Mode] | None]:
    by_path = isinstance(where, str)
    certain = not by_path or where.split(".")[-1] in INCREMENTAL_KEYS or "delta" in where.split(".")
    mode: Mode = "incremental" if certain else "undecided"

    def text(item: Any) -> tuple[str, Mode] | None:
        found = find(item)
        if found is None:
            return None
        if not isinstance(found, str):
            raise _no_text(found, item, f"{name}={where!r} names" if by_path else f"{name}= returned", by_path=by_path)
        return found, mode

    return text


def _no_text(found: object, item: object, what: str, *, by_path: bool) -> ConventionError:
    said = f"{what} {short(found)}, a {type(found).__name__}, not a str"
    if by_path:
        return ConventionError(said, remedy="pass delta=lambda item: ... that returns the text of an item")
    return ConventionError(
        f"{said}, for the item {short(item)}", remedy="return the text that the item adds, or None where it adds none"
    )


def _reasoning(find: Callable[[Any], Any]) -> Callable[[Any], str | None]:
    def reasoning(item: Any) -> str | None:
        found = find(item)
        if found is not None and not isinstance(found, str):
            raise ConventionError(
                f"delta['reasoning'] found {short(found)}, a {type(found).__name__}, not a str, in the item {short(item)}",
                remedy="it must find the reasoning that the item adds, or None where it adds none",
            )
        return found

    return reasoning


def _tool(find: Callable[[Any], Any]) -> Callable[[Any], list[Call]]:
    def tool(item: Any) -> list[Call]:
        found = find(item)
        if found is None:
            return []
        each = found if is_list(found) else [found]
        calls = [read_call(one) for one in each]
        if None in calls:
            raise ConventionError(
                f"delta['tool'] found {short(found)}, in which no call is to be seen",
                remedy="it must find a call or a list of calls, each with name, arguments (text or dict) and id or index",
            )
        return [call for call in calls if call is not None]

    return tool
