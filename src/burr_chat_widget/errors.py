"""The errors that this package raises about itself and how it is used; what a user's action raises is passed on as it is.

::

    BurrChatError
    ├── NotAnApplication     (also a TypeError)   what was given is no built Burr application
    ├── ConventionError      (also a ValueError)  prompt, history or delta cannot be inferred, or an override does not fit
    ├── MissingInput         (also a ValueError)  an action needs an external input that nobody gave
    ├── ApplicationEnded                          there is no next action
    ├── TransitionError                           the next action cannot be found, as a condition raises
    └── TurnRunning                               the application is in the middle of a turn
"""

from __future__ import annotations

__all__ = [
    "ApplicationEnded",
    "BurrChatError",
    "ConventionError",
    "MissingInput",
    "NotAnApplication",
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


class ApplicationEnded(BurrChatError):
    """There is no next action."""


class TransitionError(BurrChatError):
    """A transition's condition raised, so that Burr cannot tell which action comes next."""


class TurnRunning(BurrChatError):
    """The application is in the middle of a turn; it runs one at a time."""
