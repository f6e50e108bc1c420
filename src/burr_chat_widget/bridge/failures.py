"""An exception as a reader is told of it: what happened, what to do, and a traceback that begins in the user's code."""

from __future__ import annotations

import asyncio
import os
import re
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

import burr
from burr.core.validation import BASE_ERROR_MESSAGE

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.protocol.events import TurnError

from .executors import raised_elsewhere
from .printable import clean
from .reading import field

__all__ = ["as_it_is", "describe_error", "named", "unmasked", "words_of"]

FRAMES = 20
LEAVES = 10
CAUSES = 20
TRACEBACK_LIMIT = 8000
MESSAGE_LIMIT = 2000
LEAF_LIMIT = 500
_OURS = (os.path.dirname(__file__) + os.sep, os.path.dirname(burr.__file__) + os.sep)
_LOOP = (os.sep + os.path.join("concurrent", "futures") + os.sep, os.sep + "asyncio" + os.sep)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

DROPPED = (
    "APIConnectionError", "APITimeoutError", "ConnectError", "ConnectTimeout", "ReadError", "ReadTimeout",
    "RemoteProtocolError", "IncompleteRead", "ServerDisconnectedError", "ClientPayloadError",
)  # fmt: skip
"""Class names of what openai, httpx, http.client and aiohttp raise when a connection fails."""


def as_it_is(text: str, *_: Any) -> str:
    """The text, where nothing is to be hidden."""
    return text


def unmasked(error: BaseException, app_id: str) -> BaseException:
    """What really happened: a `LocalTrackingClient` masks the error of a plain action with a KeyError of its own."""
    if isinstance(error, KeyError) and error.__context__ is not None and error.args:
        key: object = error.args[0]
        if isinstance(key, tuple) and len(cast("tuple[Any, ...]", key)) == 3 and app_id in key:
            return error.__context__
    return error


def describe_error(
    error: BaseException,
    *,
    action: str | None = None,
    partial: bool = False,
    masked: Callable[[str], str] = as_it_is,
) -> TurnError:
    """The error for the page.

    Args:
        error: what was raised.
        action: in which action.
        partial: some of the answer has been shown already.
        masked: makes of a text one without what must not be seen.
    """
    kind, message, error = _read(error, masked)
    told, error = error, raised_elsewhere(error)
    if len(message) > MESSAGE_LIMIT:
        message = message[:MESSAGE_LIMIT] + "…"
    return TurnError(
        kind=kind,
        message=clean(message),
        remedy=_remedy(error, partial),
        action=action,
        traceback=_traceback_of(error, told, masked),
    )


def words_of(error: BaseException) -> str:
    """What it says, which may be nothing. Never raises."""
    try:
        return str(error)
    except Exception:  # the user's class has made it
        return ""


def named(error: BaseException, masked: Callable[[str], str] = as_it_is) -> str:
    """What it is and what it says; of a group, what is in it. Never raises."""
    kind, message, _ = _read(error, masked)
    return kind if message == kind else f"{kind}: {message}"


def _read(error: BaseException, masked: Callable[[str], str]) -> tuple[str, str, BaseException]:
    """The name of its kind, what it says, and the error that remedy and traceback are of: of a group, the first in it."""
    first, *others = leaves = _leaves(error)
    if others:
        told = [named(leaf, masked)[:LEAF_LIMIT] for leaf in leaves[:LEAVES]]
        told += [f"and {len(leaves) - LEAVES:,} more"] * (len(leaves) > LEAVES)
        return type(error).__name__, "\n".join(told), first
    real = raised_elsewhere(first)
    kind = type(real).__name__
    said = real.message if isinstance(real, BurrChatError) else words_of(real)  # the remedy goes apart
    return kind, masked(said.replace(BASE_ERROR_MESSAGE, "").strip() or kind), first


def _leaves(error: BaseException) -> list[BaseException]:
    """The errors in a group and in the groups in it, in their order; else the error itself."""
    # By its name: Python 3.10 has none, and libraries bring one of their own there.
    if all(c.__name__ != "BaseExceptionGroup" for c in type(error).__mro__):
        return [error]
    within: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return [leaf for each in within for leaf in _leaves(each)] or [error]


def _traceback_of(error: BaseException, told: BaseException, masked: Callable[[str], str]) -> str | None:
    if isinstance(error, BurrChatError) and error.__cause__ is None:
        return None
    if told is not error and error.__traceback__ is None:  # it stayed where it was raised: Ray tells of it in colours
        return _bounded(masked(_COLOURS.sub("", words_of(told))))
    text = _traceback(error, masked)
    return None if text is None else _bounded(masked(text))


def _remedy(error: BaseException, partial: bool) -> str | None:
    if isinstance(error, BurrChatError):
        return error.remedy
    if words_of(error) == "EOF when reading a line" or type(error).__name__ == "StdinNotImplementedError":
        return (
            "The action calls input(), which nobody can answer here: give it a parameter instead, such as answer: str, and the "
            "chat asks for it before the action runs."
        )
    status = field(error, "status_code")
    if status is None:
        status = field(field(error, "response"), "status_code")
    if isinstance(status, int):
        if status in (401, 403):
            return (
                "The provider refused the API key: check that it is set (OPENAI_API_KEY for OpenAI), valid and allowed."
            )
        if status == 404:
            return "The provider does not know this model or address: check the model's name and the base URL."
        if status == 429:
            return "The provider limits the rate or the quota is used up: wait a little and retry, or check your plan."
        if status >= 500:
            return "The provider has a problem of its own: retry in a moment."
    if isinstance(error, TimeoutError | asyncio.TimeoutError) and isinstance(
        error.__cause__ or error.__context__, asyncio.CancelledError
    ):
        return "What the action waited for took longer than its own time limit: retry, or allow it more time."
    if isinstance(error, ConnectionError | TimeoutError) or any(c.__name__ in DROPPED for c in type(error).__mro__):
        if partial:
            return "The connection dropped in the middle of the answer: what is shown is only a part of it. Retry."
        return "The provider could not be reached: check the network and the base URL, then retry."
    return None


def _traceback(error: BaseException, masked: Callable[[str], str]) -> str | None:
    """Where it was raised, from the user's code on; None where that has no part in it."""
    frames = _frames(error)
    if frames is None:
        return None
    lines = ["Traceback (most recent call last):\n"]
    if len(frames) > FRAMES:
        lines += traceback.format_list(frames[: FRAMES // 2])
        lines.append(f"  ... {len(frames) - FRAMES} frames ...\n")
        lines += traceback.format_list(frames[-FRAMES // 2 :])
    else:
        lines += frames.format()
    lines += traceback.format_exception_only(type(error), error)
    cause = error.__cause__
    if cause is not None:
        lines.append(f"caused by {named(cause, masked)[:MESSAGE_LIMIT]}\n")
    return "".join(lines)


def _frames(error: BaseException) -> traceback.StackSummary | None:
    """The frames from the first one of the user's on, of the error or else of what caused it."""
    raised: BaseException | None = error
    for _ in range(CAUSES):
        if raised is None:
            break
        begin = raised.__traceback__
        while begin is not None and _is_ours(begin):
            begin = begin.tb_next
        if begin is not None:
            return traceback.extract_tb(begin)
        raised = raised.__cause__
    return None


def _bounded(text: str) -> str:
    if len(text) > TRACEBACK_LIMIT:
        text = text[: TRACEBACK_LIMIT // 2] + "\n...\n" + text[-TRACEBACK_LIMIT // 2 :]
    return clean(text)


def _is_ours(frame: TracebackType) -> bool:
    name = frame.tb_frame.f_code.co_filename
    return name.startswith(_OURS) or any(part in name for part in _LOOP)
