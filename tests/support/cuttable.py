"""A network between a client and a server of HTTP that can be cut, at any byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Cuttable:
    """Passes on every connection to a server, until it is cut.

    Args:
        server: the server's own address.

    Attributes:
        url: the server as it is reached through here.
        connections: how many were made so far.
    """

    def __init__(self, server: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._is_cut = False
        self._left: int | None = None
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.lead_to(server)
        threading.Thread(target=self._accept, daemon=True).start()

    def lead_to(self, *servers: str) -> None:
        """Pass connections on to that server from now on; of several, each to another one."""
        self._servers = [(str(to.hostname), to.port or 80) for to in map(urlsplit, servers)]

    def cut(self) -> None:
        """Break every connection, and each new one until `mend`."""
        with self._lock:
            self._is_cut = True
            broken, self._open = self._open, []
        for each in broken:
            _shut(each)

    def mend(self) -> None:
        """Let connections live again."""
        with self._lock:
            self._is_cut = False

    def cut_after(self, size: int) -> None:
        """Let so many bytes through from the server, and then break every connection once."""
        with self._lock:
            self._left = size

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        _shut(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                to = self._servers[self.connections % len(self._servers)]
                threading.Thread(target=self._connect, args=(client, to), daemon=True).start()

    def _connect(self, client: socket.socket, to: tuple[str, int]) -> None:
        with contextlib.suppress(OSError), client:
            if self._is_cut:
                return
            with socket.create_connection(to) as server:
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    if self._is_cut:
                        return
                    self._open += [client, server]
                back = threading.Thread(target=self._send_back, args=(server, client), daemon=True)
                back.start()
                with contextlib.suppress(OSError):
                    while data := client.recv(65_536):
                        server.sendall(data)
                _shut(server)
                back.join()

    def _send_back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                let, cut = self._let_through(data)
                client.sendall(let)
                if cut:
                    break
        _shut(client)
        _shut(server)

    def _let_through(self, data: bytes) -> tuple[bytes, bool]:
        with self._lock:
            if self._left is None:
                return data, False
            let, self._left = data[: self._left], self._left - len(data)
            if self._left > 0:
                return let, False
            self._left = None
            broken, self._open = self._open, []
        for each in broken:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RD)
        return let, True


@contextlib.contextmanager
def cuttable(server: str) -> Iterator[Cuttable]:
    """A network that leads to that server."""
    network = Cuttable(server)
    try:
        yield network
    finally:
        network.close()


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
