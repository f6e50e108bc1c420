"""Any Apache Burr application, chatted with and watched inside a Jupyter notebook cell."""

from burr_chat_widget._version import __version__
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.jupyter import load_ipython_extension, unload_ipython_extension
from burr_chat_widget.widget import BurrChat

__all__ = [
    "BurrChat",
    "BurrChatError",
    "__version__",
    "load_ipython_extension",
    "stream_turn",
    "unload_ipython_extension",
]
