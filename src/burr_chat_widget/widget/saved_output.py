"""The second output of a cell that displays a chat: what a saved notebook shows where there is no kernel."""

# IPython is typed only in part.
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import contextvars
import logging
import uuid
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from burr_chat_widget.protocol.events import TurnCompleted, TurnEvent, TurnFailed, TurnStopped
from burr_chat_widget.protocol.frames import Remark
from burr_chat_widget.protocol.view import View
from burr_chat_widget.saved import to_html, to_markdown
from burr_chat_widget.transport.comm import cell_context
from burr_chat_widget.transport.outbox import Outbox

__all__ = ["SavedOutput"]

logger = logging.getLogger(__name__)

OUTPUTS = 20
"""So many cells that have displayed one chat are kept up to date, the last ones."""


class SavedOutput:
    """What was said, as it stands in the notebook's file: static, and made anew after each turn. A page that shows the chat hides it.

    It is an output of its own: to replace one that holds a widget would take the view off the page, and the draft in it.

    Args:
        outbox: of the chat.
        later: calls a function soon, on a thread where that may take its time.
    """

    def __init__(self, outbox: Outbox, later: Callable[[Callable[[], object]], object]) -> None:
        self._outbox = outbox
        self._later = later
        self._names: list[str] = []
        self._cell = contextvars.Context()
        self._asked = False
        outbox.listen(self._hear)

    def show_beside(self, widget: tuple[dict[str, Any], dict[str, Any]] | dict[str, Any]) -> None:
        """Display the widget by its bundle, with metadata or without; in a notebook leave an output beside it."""
        data, metadata = widget if isinstance(widget, tuple) else (widget, None)
        in_notebook = hasattr(get_ipython(), "kernel")
        if in_notebook:  # what the object looks like now would be out of date soon
            data = {**data, "text/plain": "A chat: what was said stands below."}
        display(data, metadata=metadata, raw=True)
        if not in_notebook:
            return
        self._cell = cell_context()
        name = uuid.uuid4().hex
        display(self._bundle(), raw=True, display_id=name)
        self._names = [*self._names, name][-OUTPUTS:]

    def _hear(self, told: TurnEvent | Remark | View) -> None:
        if self._names and not self._asked and isinstance(told, TurnCompleted | TurnStopped | TurnFailed | View):
            self._asked = True
            self._later(self._refresh)

    def _refresh(self) -> None:
        self._asked = False
        try:
            bundle = self._bundle()
            for name in self._names:
                try:
                    # On a thread without a cell it belongs to the one that runs now, which is what nbclient wants to see.
                    update_display(bundle, raw=True, display_id=name)
                except LookupError:  # ipykernel 7.0 knows none there
                    again: Callable[..., None] = update_display
                    self._cell.run(again, bundle, raw=True, display_id=name)
        except Exception:
            logger.warning("what the notebook keeps of the chat could not be brought up to date", exc_info=True)

    def _bundle(self) -> dict[str, str]:
        view = self._outbox.view()
        markdown = to_markdown(view)
        return {"text/html": to_html(view), "text/markdown": markdown, "text/plain": markdown}
