"""An answer below the cell that asked for it: in a notebook Markdown that grows, in a terminal text as it comes."""

# IPython is typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import sys
from typing import Any, Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from burr_chat_widget.saved import harmless, plain

__all__ = ["Below", "below"]


class Below(Protocol):
    """Where an answer is shown."""

    def show(self, text: str, *, last: bool = False) -> None:
        """Show the answer so far; the `last` time, all of it."""
        ...


class _Output:
    """One output, replaced as the answer grows: Markdown for a front end that renders it, plain text for any other."""

    def __init__(self) -> None:
        self._shown = ""
        self._handle: Any = None

    def show(self, text: str, *, last: bool = False) -> None:
        """See `Below`."""
        # It is sent whole each time: of a long answer less often than of a short one, so that all in all it stays in proportion.
        if text == self._shown or (not last and 0 < len(text) - len(self._shown) < len(self._shown) // 20):
            return
        self._shown = text
        bundle = {"text/markdown": harmless(text), "text/plain": plain(text)}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class _Terminal:
    """Where what was written stays."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, text: str, *, last: bool = False) -> None:
        """See `Below`."""
        text = plain(text)
        if text.startswith(self._shown):
            sys.stdout.write(text[len(self._shown) :])
        else:  # the application has put another text in its place
            sys.stdout.write(f"\n\n{text}")
        self._shown = text
        if last and text and not text.endswith("\n"):
            sys.stdout.write("\n")
        sys.stdout.flush()


def below(shell: InteractiveShell) -> Below:
    """A place for one answer, below the cell that runs now."""
    return _Output() if hasattr(shell, "kernel") else _Terminal()
