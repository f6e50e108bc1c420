"""Any Apache Burr application, chatted with and watched inside a Jupyter notebook cell."""

from burr_chat_widget._version import __version__
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.widget import BurrChat

__all__ = ["BurrChat", "BurrChatError", "__version__", "stream_turn"]
