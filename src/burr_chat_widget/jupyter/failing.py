"""How a cell fails in words: whoever made the mistake needs no traceback of ours, and programs that run notebooks need an error."""

from __future__ import annotations

from burr_chat_widget.saved import plain

__all__ = ["CellFailed", "Interrupted"]


class CellFailed(Exception):
    """Ends a cell, and says why: what a model wrote may be in it, and is shown as it is in an answer.

    IPython's own error for this, `UsageError`, is printed alone: a notebook would hold no error then, and papermill would have none to tell.

    Args:
        message: what is wrong, and what to do about it.
        traceback: of the user's code, where that has failed.
    """

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(plain(message))
        self._traceback = plain(traceback)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [*self._traceback.splitlines(), str(self)]


class Interrupted(KeyboardInterrupt):
    """Ctrl+C has ended a cell."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return ["KeyboardInterrupt: the turn is stopped"]
