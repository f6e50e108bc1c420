"""The widget: an anywidget model that carries the front end, and delegates everything else to the session."""

from .chat import BurrChat
from .view import ChatView, TimelineView

__all__ = ["BurrChat", "ChatView", "TimelineView"]
