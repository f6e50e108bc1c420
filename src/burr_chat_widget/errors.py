"""The errors that this package raises about itself and how it is used; what a user's action raises is passed on as it is.

::

    BurrChatError
    ├── NotAnApplication     (also a TypeError)   what was given is no built Burr application
    ├── ConventionError      (also a ValueError)  prompt, history or delta cannot be inferred, or an override does not fit
    ├── MissingInput         (also a ValueError)  an action needs an external input that nobody gave
    ├── InvalidInput         (also a ValueError)  an input was given that the action does not take
    ├── ApplicationEnded                          there is no next action
    ├── TransitionError                           the next action cannot be found, as a condition raises
    ├── TurnRunning                               the application is in the middle of a turn
    ├── ServerBusy                                a server takes nothing more for now
    ├── ServerError          (also a ConnectionError)  a server cannot be reached, is none of ours, or does not carry something out
    ├── NoCheckpoint         (also a ValueError)  there is no checkpoint to go back to
    ├── NotABuilder          (also a TypeError)   what was given is no application builder, or not one to keep a conversation
    ├── StoreError                                a store cannot be opened or read, or is none
    ├── ConversationMoved                         somebody else has continued the conversation
    ├── RecordingError                            a recording cannot be written, or is broken
    └── NoApplication        (also a RuntimeError) a chat without an application was asked for what only one can do
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "ApplicationEnded",
    "BurrChatError",
    "ConventionError",
    "ConversationMoved",
    "InvalidInput",
    "MissingInput",
    "NoApplication",
    "NoCheckpoint",
    "NotABuilder",
    "NotAnApplication",
    "RecordingError",
    "ServerBusy",
    "ServerError",
    "StoreError",
    "TransitionError",
    "TurnRunning",
]


class BurrChatError(Exception):
    """Base of all errors of this package.

    Attributes:
        message: what is wrong.
        remedy: what to do about it, None when the message says it all.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class NotAnApplication(BurrChatError, TypeError):
    """What was given is no built Burr application."""


class ConventionError(BurrChatError, ValueError):
    """Prompt, history or delta cannot be inferred with certainty, or an override does not fit the application."""


class MissingInput(BurrChatError, ValueError):
    """An action needs an external input that nobody gave."""


class InvalidInput(BurrChatError, ValueError):
    """Inputs were given that the next action does not take, or not all of them.

    Attributes:
        fields: what is wrong, by the path of the input: `amount`, `order.amount`, `answers.0`.
    """

    def __init__(self, message: str, *, fields: Mapping[str, str], remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.fields = dict(fields)


class ApplicationEnded(BurrChatError):
    """There is no next action."""


class TransitionError(BurrChatError):
    """A transition's condition raised, so that Burr cannot tell which action comes next."""


class TurnRunning(BurrChatError):
    """The application is in the middle of a turn; it runs one at a time.

    Attributes:
        turn: the running turn's key; None where it has none yet, or the process that runs it does not say.
    """

    def __init__(self, message: str, *, turn: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.turn = turn


class ServerBusy(BurrChatError):
    """A server has as many conversations open as it may, or is about to end."""


class ServerError(BurrChatError, ConnectionError):
    """A server cannot be reached, is none of ours, or does not carry out what a chat that is connected to it asks for.

    Attributes:
        status: of its response, None where there was none.
        error: what it calls the error, None where it has no name for it.
        fields: what it says is wrong with an input, by the input's path.
        retry_after: seconds after which it wants to be asked again, None where it has not said.
        sent: whether the request may have reached it.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        status: int | None = None,
        error: str | None = None,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.error = error
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        self.sent = sent


class NoCheckpoint(BurrChatError, ValueError):
    """There is no checkpoint of that step: it did not end, or was forgotten, or belongs to another chat."""


class NotABuilder(BurrChatError, TypeError):
    """What was given is no application builder, or one that cannot keep its conversation in the chat's store."""


class StoreError(BurrChatError):
    """A store cannot be opened or read, or what was given is none."""


class ConversationMoved(BurrChatError):
    """Another kernel or chat has continued the conversation since this one took it up."""


class RecordingError(BurrChatError):
    """A recording cannot be written or read.

    Attributes:
        path: the file.
        line: the line that is wrong, from 1 on; None where it is not about one.
        recording: what is before that line, a `Recording`; None where that is nothing.
    """

    def __init__(
        self, message: str, *, path: Path, line: int | None = None, recording: Any = None, remedy: str | None = None
    ) -> None:
        super().__init__(f"{path}, line {line}: {message}" if line is not None else f"{path}: {message}", remedy=remedy)
        self.path = path
        self.line = line
        self.recording = recording


class NoApplication(BurrChatError, RuntimeError):
    """The chat shows a recording, or a conversation that a server has: what was asked for needs an application in this process."""
