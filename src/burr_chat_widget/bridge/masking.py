"""What a text of a turn must not say: the values that are hidden in what the turn knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burr.core import Application

from . import private
from .redaction import Redaction

__all__ = ["Masker"]


class Masker:
    """Makes of a text, such as an error's, one without what is hidden in the state, in inputs and in bound parameters.

    Args:
        app: the application; its state is the one at the time of the text.
        inputs: what the turn was given.
        redaction: what is hidden.
    """

    def __init__(self, app: Application[Any], inputs: Mapping[str, Any], redaction: Redaction) -> None:
        self._app = app
        self._inputs = inputs
        self._redaction = redaction

    def __call__(self, text: str, *more: Any) -> str:
        """The text; `more` are other values in which something may be hidden."""
        bound = [private.bound_parameters(action) for action in private.get_graph(self._app).actions]
        return self._redaction.masked(text, self._app.state, self._inputs, *bound, *more)
