"""A network between the page and the Jupyter server whose websockets can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from support.jupyter import Jupyter


class Network:
    """Passes on every connection to the server. While it is cut, no websocket lives; plain requests go through."""

    def __init__(self, jupyter: Jupyter, listener: socket.socket) -> None:
        there = urlsplit(jupyter.url)
        here = f"127.0.0.1:{listener.getsockname()[1]}"
        self.jupyter = replace(jupyter, url=jupyter.url.replace(there.netloc, here))
        """The server as it is reached through this network."""
        self._server = (str(there.hostname), there.port or 80)
        self._listener = listener
        self._lock = threading.Lock()
        self._is_cut = False
        self._websockets: list[socket.socket] = []

    def cut(self) -> None:
        """Break every websocket, and each new one until `mend`. What was under way is lost."""
        with self._lock:
            self._is_cut = True
            broken, self._websockets = self._websockets, []
        for each in broken:
            _shut(each)

    def mend(self) -> None:
        """Let websockets live again. The page tries again of its own accord."""
        with self._lock:
            self._is_cut = False

    def accept(self) -> None:
        """Pass on connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                page, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(page,), daemon=True).start()

    def _connect(self, page: socket.socket) -> None:
        with contextlib.suppress(OSError), page, socket.create_connection(self._server) as server:
            page.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_pass_on, args=(server, page), daemon=True)
            back.start()
            # Connections are used again: what becomes a websocket shows in any request's head.
            while data := page.recv(65_536):
                if b"upgrade: websocket" in data.lower() and not self._keep(page, server):
                    break
                server.sendall(data)
            _shut(server)
            _shut(page)
            back.join()

    def _keep(self, *both: socket.socket) -> bool:
        with self._lock:
            if not self._is_cut:
                self._websockets.extend(both)
            return not self._is_cut


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _shut(target)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def network_to(jupyter: Jupyter) -> Iterator[Network]:
    """A network of its own, on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        network = Network(jupyter, listener)
        thread = threading.Thread(target=network.accept, daemon=True)
        thread.start()
        yield network
        network.cut()
        # A blocked accept does not notice a close.
        _shut(listener)
    thread.join(20)
