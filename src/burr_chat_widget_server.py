"""The Jupyter server extension: a kernel's small messages go out at once.

Without it, a small message that follows another waits until the browser has acknowledged that one, which browsers put off for some
40 ms: Nagle's algorithm and delayed acknowledgements, together. The extension turns the first one off, for the websockets of
kernels. Nothing else depends on it.

It is no part of the package `burr_chat_widget`, since importing that brings in Burr and the widget, and a server starts fast.
To turn it off: `jupyter server extension disable burr_chat_widget_server`.
"""

from __future__ import annotations

import logging
from typing import Any

__all__: list[str] = []

logger = logging.getLogger(__name__)

_SETTING = "kernel_websocket_connection_class"
"""Where jupyter_server 2 keeps the class that connects a websocket to a kernel; it makes one of it for each."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:  # pyright: ignore[reportUnusedFunction] -- the server's
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:  # pyright: ignore[reportUnusedFunction] -- the server's
    settings: dict[str, Any] = server.web_app.settings
    connection = settings.get(_SETTING)
    if isinstance(connection, type) and hasattr(connection, "connect"):
        settings[_SETTING] = _without_delay(connection)
    else:
        logger.info("the websockets of kernels are left as they are: this server has no %s", _SETTING)


def _without_delay(connection: type[Any]) -> type[Any]:
    """The same class of connections, whose websockets do not hold small messages back."""
    base: Any = connection

    class Connection(base):
        def connect(self) -> Any:
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception:  # a server whose websockets are others: they work as before
                logger.debug("a kernel's websocket keeps its delay", exc_info=True)
            return super().connect()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- of any class

    # In logs and in the server's configuration it goes by the name that it has.
    Connection.__name__, Connection.__qualname__ = base.__name__, base.__qualname__
    return Connection
