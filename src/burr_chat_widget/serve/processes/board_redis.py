"""The board in a Redis: a set of wishes, and a string for each log. Everything runs out by itself."""

from __future__ import annotations

import asyncio
from typing import Any

from burr_chat_widget.store import redis_connection

from .board import CHUNK, KEEP, WISHED, Lost

__all__ = ["RedisBoard"]

WISHES = "burr-chats wishes"


class RedisBoard:
    """See `Board`.

    Args:
        url: of the Redis.
    """

    def __init__(self, url: str) -> None:
        self._connection: Any = redis_connection(url)

    async def wish(self, wish: str) -> None:
        """See `Board`. All wishes are forgotten some time after the last one was made."""
        await asyncio.to_thread(self._wish, wish)

    def _wish(self, wish: str) -> None:
        with self._connection.pipeline() as both:
            both.sadd(WISHES, wish)
            both.expire(WISHES, int(WISHED))
            both.execute()

    async def wishes(self) -> set[str]:
        """See `Board`."""
        found: set[bytes] = await asyncio.to_thread(self._connection.smembers, WISHES)
        return {wish.decode() for wish in found}

    async def take_down(self, wishes: set[str]) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._connection.srem, WISHES, *wishes)

    async def write(self, log: str, at: int, data: bytes) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._write, log, at, data)

    def _write(self, log: str, at: int, data: bytes) -> None:
        if at and self._connection.strlen(_key(log)) < at:  # nobody else writes it meanwhile
            raise Lost(log)
        with self._connection.pipeline() as both:
            both.setrange(_key(log), at, data)  # said again after a broken connection, it is the same
            both.expire(_key(log), int(KEEP))
            both.execute()

    async def read(self, log: str, at: int) -> bytes:
        """See `Board`."""
        return await asyncio.to_thread(self._connection.getrange, _key(log), at, at + CHUNK - 1)

    async def close(self) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._connection.close)


def _key(log: str) -> str:
    return f"burr-chats told:{log}"
