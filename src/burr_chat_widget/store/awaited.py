"""An async persister, used as a sync one."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from burr.core import State
from burr.core.persistence import AsyncBaseStatePersister, BaseStatePersister, PersistedStateData

from burr_chat_widget.transport.loops import SessionLoop

__all__ = ["AwaitedPersister"]

T = TypeVar("T")


class AwaitedPersister(BaseStatePersister):
    """Runs an async persister on a loop of its own, in a thread, and waits for it.

    Burr runs nothing but async methods of an application with an async persister, and builds it with `await`. With this one,
    a chat is opened without `await`, under any runner, and all methods of its application work.

    Args:
        persister: an async persister that is bound to no loop yet, or what makes one when it is awaited, such as
            `AsyncPostgreSQLPersister.from_values(...)`: that is awaited on the loop that the persister then lives on.

    Attributes:
        inner: the async one.
        owned: whether it was made here, and is cleaned up here.
    """

    def __init__(self, persister: AsyncBaseStatePersister | Awaitable[AsyncBaseStatePersister]) -> None:
        self._loop = SessionLoop()
        self._one_at_a_time = asyncio.Lock()  # a single connection of asyncpg does one thing at a time
        self.owned = not isinstance(persister, AsyncBaseStatePersister)

        async def begin() -> AsyncBaseStatePersister:
            return persister if isinstance(persister, AsyncBaseStatePersister) else await persister

        try:
            self.inner: Any = self.wait(begin)
        except BaseException:
            self._loop.close()
            raise

    def initialize(self) -> None:
        """Make the table, if there is none."""
        self.wait(self.inner.initialize)

    def is_initialized(self) -> bool:
        """Whether the table is there."""
        return self.wait(self.inner.is_initialized)

    def list_app_ids(self, partition_key: str, **kwargs: Any) -> list[str]:
        """See Burr's `BaseStateLoader`."""
        return self.wait(lambda: self.inner.list_app_ids(partition_key, **kwargs))

    def load(
        self, partition_key: str, app_id: str | None, sequence_id: int | None = None, **kwargs: Any
    ) -> PersistedStateData | None:
        """See Burr's `BaseStateLoader`."""
        return self.wait(lambda: self.inner.load(partition_key, app_id, sequence_id, **kwargs))

    def save(
        self,
        partition_key: str | None,
        app_id: str,
        sequence_id: int,
        position: str,
        state: State[Any],
        status: Literal["completed", "failed"],
        **kwargs: Any,
    ) -> None:
        """See Burr's `BaseStateSaver`."""
        self.wait(lambda: self.inner.save(partition_key, app_id, sequence_id, position, state, status, **kwargs))

    def rollback(self) -> None:
        """Give up the transaction that a failed `save` has left open, where the persister's connection knows such."""

        async def roll_back() -> None:
            rollback = getattr(getattr(self.inner, "connection", None), "rollback", None)
            if rollback is not None:
                await rollback()

        self.wait(roll_back)

    def cleanup(self) -> None:
        """Let go of the loop, and of the persister where it was made here."""
        if self.owned and hasattr(self.inner, "cleanup"):
            self.wait(self.inner.cleanup)
        self._loop.close()

    def wait(self, call: Callable[[], Awaitable[T]]) -> T:
        """What a call gives back that is made on the loop, when it is there."""

        async def alone() -> T:
            async with self._one_at_a_time:
                result: Any = call()
                return (
                    await result if inspect.isawaitable(result) else result
                )  # some of a persister's methods may be sync

        return self._loop.submit(alone, contextvars.copy_context()).result()
