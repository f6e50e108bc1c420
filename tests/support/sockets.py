"""A server extension for the tests: which of the server's websockets to kernels hold small messages back."""

from __future__ import annotations

import gc
import json
import socket
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web


class Sockets(APIHandler):
    """Answers with the value of TCP_NODELAY of each, as the operating system has it."""

    @web.authenticated
    def get(self) -> None:
        """See the class."""
        open_ones = [h for h in gc.get_objects() if isinstance(h, KernelWebsocketHandler) and h.ws_connection]
        sockets: list[Any] = [handler.ws_connection.stream.socket for handler in open_ones]
        self.finish(json.dumps([s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for s in sockets]))


def _load_jupyter_server_extension(server: Any) -> None:
    server.web_app.add_handlers(".*", [(f"{server.base_url}sockets", Sockets)])
