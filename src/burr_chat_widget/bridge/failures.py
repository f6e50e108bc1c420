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

__all__ = ["describe_error", "unmasked"]

FRAMES = 20
TRACEBACK_LIMIT = 8000
MESSAGE_LIMIT = 2000
_OURS = (os.path.dirname(__file__) + os.sep, os.path.dirname(burr.__file__) + os.sep)
_LOOP = (os.sep + os.path.join("concurrent", "futures") + os.sep, os.sep + "asyncio" + os.sep)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

DROPPED = (
    "APIConnectionError", "APITimeoutError", "ConnectError", "ConnectTimeout", "ReadError", "ReadTimeout",
    "RemoteProtocolError", "IncompleteRead", "ServerDisconnectedError", "ClientPayloadError",
)  # fmt: skip
"""Class names of what openai, httpx, http.client and aiohttp raise when a connection fails."""


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
    masked: Callable[[str], str] = lambda text: text,
) -> TurnError:
    """The error for the page.

    Args:
        error: what was raised.
        action: in which action.
        partial: some of the answer has been shown already.
        masked: makes of a text one without what must not be seen.
    """
    told, error = error, raised_elsewhere(error)
    said = error.message if isinstance(error, BurrChatError) else str(error)  # the remedy goes apart
    message = said.replace(BASE_ERROR_MESSAGE, "").strip() or type(error).__name__
    message = masked(message)
    if len(message) > MESSAGE_LIMIT:
        message = message[:MESSAGE_LIMIT] + "…"
    return TurnError(
        kind=type(error).__name__,
        message=clean(message),
        remedy=_remedy(error, partial),
        action=action,
        traceback=_traceback_of(error, told, masked),
    )


def _traceback_of(error: BaseException, told: BaseException, masked: Callable[[str], str]) -> str | None:
    if isinstance(error, BurrChatError) and error.__cause__ is None:
        return None
    if told is not error and error.__traceback__ is None:  # it stayed where it was raised: Ray tells of it in colours
        return _bounded(masked(_COLOURS.sub("", str(told))))
    return _bounded(masked(_traceback(error)))


def _remedy(error: BaseException, partial: bool) -> str | None:
    if isinstance(error, BurrChatError):
        return error.remedy
    if str(error) == "EOF when reading a line" or type(error).__name__ == "StdinNotImplementedError":
        return (
            "The action calls input(), which nobody can answer here: give it a parameter instead, such as answer: str, and the "
            "chat asks for it before the action runs."
        )
    status = getattr(error, "status_code", None)
    if status is None:
        status = getattr(getattr(error, "response", None), "status_code", None)
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


def _traceback(error: BaseException) -> str:
    begin = error.__traceback__
    while begin is not None and _is_ours(begin):
        begin = begin.tb_next
    frames = traceback.extract_tb(begin or error.__traceback__)
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
        lines.append(f"caused by {type(cause).__name__}: {str(cause)[:MESSAGE_LIMIT]}\n")
    return "".join(lines)


def _bounded(text: str) -> str:
    if len(text) > TRACEBACK_LIMIT:
        text = text[: TRACEBACK_LIMIT // 2] + "\n...\n" + text[-TRACEBACK_LIMIT // 2 :]
    return clean(text)


def _is_ours(frame: TracebackType) -> bool:
    name = frame.tb_frame.f_code.co_filename
    return name.startswith(_OURS) or any(part in name for part in _LOOP)
