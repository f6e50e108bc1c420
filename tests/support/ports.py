"""Ports for servers in other processes that have to be told one."""

from __future__ import annotations

import contextlib
import random
import socket

PORTS = range(20_000, 30_000)
"""None of them is given to whoever asks for any port, nor to outgoing connections: so each is still free when it is bound later."""


def free_port() -> int:
    """One on which nobody listens, and which nobody but tests that look for one as well, at random, would take."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("no port is free")
