"""What a streamed dict says beside the answer: how far an action is, what goes on, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from .option import INCREMENTAL_KEYS
from .reading import field

__all__ = ["ASIDE", "SORTS", "read_aside", "read_progress"]

SORTS = ("type", "event", "kind")
"""Keys under which an item says of what sort it is."""
_SAYS = ("delta", "token", "chunk", "content", "response", "answer")
_DONE = ("step", "current", "completed", "done", "index", "i", "n")
_PERCENT = ("percent", "percentage", "pct")
_STATES = ("status", "stage", "phase", "progress", "step")
_WORDS = (
    "message", "status", "description", "label", "text", "stage", "phase", "task", "step", "progress", "data", "content",
)  # fmt: skip
_ERRORS = ("error", "exception")
ASIDE = (*_STATES, *_PERCENT, *_ERRORS)
"""Names of what is told beside an answer: what goes on, or went wrong."""


def read_progress(items: Mapping[str, Any]) -> dict[str, Any] | None:
    """How far it is, in numbers; None where the item does not say so."""
    if any(isinstance(items.get(k), str) for k in _SAYS):
        return None
    value, total = _fraction(items.get("progress")), _number(items.get("total"))
    percent = next((k for k in _PERCENT if _number(items.get(k)) is not None), None)
    at = next((k for k in _DONE if _number(items.get(k)) is not None), None)
    used = {"progress", "total", percent, at}
    if value is not None:
        fraction = value
    elif percent is not None:
        fraction = cast(float, _number(items[percent])) / 100
    elif total and at is not None:
        fraction = cast(float, _number(items[at])) / total
    else:
        return None
    told: dict[str, Any] = {"value": min(1.0, max(0.0, fraction))}
    if at is not None and total is not None:
        told |= {"step": items[at], "total": items["total"]}
    used.update(key for key in SORTS if _is_progress(items.get(key)))
    for key in _WORDS:
        if key not in used and isinstance(items.get(key), str):
            told["message"] = items[key]
            used.add(key)
            break
    rest = {key: each for key, each in items.items() if key not in used}
    return {**told, "details": rest} if rest else told


def read_aside(items: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """What an item says beside the answer: by its sort, or by a name where it holds no text that is known as such."""
    if items.get("role") or any(isinstance(items.get(k), str) for k in INCREMENTAL_KEYS):
        return None
    sort = next((key for key in SORTS if isinstance(items.get(key), str)), None)
    if sort is not None and not _is_progress(items[sort]) and items[sort] not in _ERRORS:
        sort = None
    if sort is None and any(isinstance(items.get(key), str) for key in (*_SAYS, "text", "message")):
        return None
    used = next((key for key in _ERRORS if isinstance(items.get(key), str | Mapping | BaseException)), None)
    failed = used is not None or (sort is not None and items[sort] in _ERRORS)
    if used is None:
        names = _STATES if sort is None else _WORDS
        used = next((key for key in names if isinstance(items.get(key), str) and key != sort), None)
    words = None if used is None else _in_words(items[used])
    if not words:
        return None
    rest = {key: each for key, each in items.items() if key not in (used, sort)}
    return f"error: {words}" if failed else words, rest


def _in_words(said: object) -> str | None:
    if isinstance(said, BaseException):
        return f"{type(said).__name__}: {said}"
    return said if isinstance(said, str) else next((t for k in _WORDS if isinstance(t := field(said, k), str)), None)


def _is_progress(sort: object) -> bool:
    return isinstance(sort, str) and any(word in ("progress", "status") for word in re.split(r"[\W_]+", sort.lower()))


def _fraction(value: object) -> float | None:
    """Of a `progress` of 0.5, 50 or "50%"."""
    if isinstance(value, str) and (percent := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", value)):
        return float(percent[1]) / 100
    number = _number(value)
    return number if number is None or 0 <= number <= 1 else number / 100


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None
