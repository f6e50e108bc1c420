"""Further views of a chat."""

from __future__ import annotations

import anywidget
import traitlets

from .front_end import close_widget, front_end

__all__ = ["ChatView"]


class ChatView(anywidget.AnyWidget):
    """One more view of a chat, for another cell: small, it shares the chat's model and bundle in the page."""

    _esm = front_end("view.js")

    chat = anywidget.WidgetTrait().tag(sync=True)
    """The `BurrChat` that it shows."""
    view = traitlets.Unicode("graph").tag(sync=True)
    """Which view: `graph`, `inspector` or `timeline`."""

    def close(self) -> None:
        """Take the view off every page."""
        close_widget(self, super().close)
