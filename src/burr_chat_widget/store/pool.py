"""A few connections to one store, for many conversations: each is lent to one thread at a time."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import queue
from collections.abc import Callable, Generator
from typing import Any, Literal

from burr.core import State
from burr.core.persistence import BaseStatePersister, PersistedStateData

from burr_chat_widget.errors import ConversationMoved, StoreError

from .alone import roll_back
from .places import DEFAULT_STORE, Place, Store, file_of, open_place

__all__ = ["Pool", "shared_place"]

logger = logging.getLogger(__name__)

CONNECTIONS = 8
"""So many, at most: a step is saved in some milliseconds."""

_lent: contextvars.ContextVar[tuple[Pool, Place] | None] = contextvars.ContextVar("burr_chat_lent", default=None)


def shared_place(store: Store | None, connections: int = CONNECTIONS) -> tuple[Place, Pool]:
    """Open a store for many conversations; closing one of these leaves it open.

    Args:
        store: where it cannot be opened a second time, as it is an object, its one connection is all that there is.
        connections: the most that there are at the same time.

    Raises:
        StoreError: if it cannot be opened, or is none.
    """
    first = open_place(store)
    file = file_of(DEFAULT_STORE if store is None else store)
    named = file is not None or (isinstance(store, str) and "://" in store)
    # SQLite has one writer at a time, and those that wait for it are not served in turn: some would give up.
    most = 1 if file is not None else connections
    pool = Pool(first, (lambda: open_place(store)) if named else None, most)
    return Place(key=first.key, persister=pool, owned=first.owned), pool


class Pool(BaseStatePersister):
    """Does what is asked of a persister with one that nobody else uses meanwhile.

    Args:
        first: the place that is open already.
        another: opens it once more; None where that is not possible.
        most: how many may be open.
    """

    def __init__(self, first: Place, another: Callable[[], Place] | None, most: int) -> None:
        self._another = another
        self._free: queue.LifoQueue[Place | None] = queue.LifoQueue()
        for _ in range(most - 1 if another is not None else 0):
            self._free.put(None)
        self._free.put(first)

    @contextlib.contextmanager
    def lent(self) -> Generator[Any]:
        """A persister of one's own, as long as one is in here; waits until one is free. Within it the same one is lent again."""
        held = _lent.get()
        if held is not None and held[0] is self:
            yield held[1].persister
            return
        place = self._free.get()
        broken = False
        try:
            if place is None:
                assert self._another is not None, "where there is no second one, the first is never given up"
                place = self._another()
            token = _lent.set((self, place))
            try:
                yield place.persister
            except Exception as error:
                broken = not isinstance(error, ConversationMoved)
                raise
            finally:
                _lent.reset(token)
        finally:
            if broken and self._another is not None:  # the connection may be what is wrong
                _close(place)
                place = None
            self._free.put(place)

    def close(self) -> None:
        """Let go of the connections that are not in use. The pool is of no use then."""
        with contextlib.suppress(queue.Empty):
            while True:
                _close(self._free.get_nowait())

    # What Burr asks of a persister.

    def is_initialized(self) -> bool:
        """Always: each place was opened with it."""
        return True

    def list_app_ids(self, partition_key: str, **kwargs: Any) -> list[str]:
        """See Burr's `BaseStateLoader`."""
        with self.lent() as persister:
            return persister.list_app_ids(partition_key, **kwargs)

    def load(
        self, partition_key: str, app_id: str | None, sequence_id: int | None = None, **kwargs: Any
    ) -> PersistedStateData | None:
        """See Burr's `BaseStateLoader`. A connection that the server has ended meanwhile is made anew."""
        try:
            with self.lent() as persister:
                return persister.load(partition_key, app_id, sequence_id, **kwargs)
        except StoreError:  # it cannot be reached, or does not answer: the next connection would be no better
            raise
        except Exception:
            if self._another is None or _lent.get() is not None:  # in the middle of something, or there is no other
                raise
        with self.lent() as persister:
            return persister.load(partition_key, app_id, sequence_id, **kwargs)

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
        with self.lent() as persister:
            persister.save(partition_key, app_id, sequence_id, position, state, status, **kwargs)

    def rollback(self) -> None:
        """Give up the transaction that a failed `save` has left open, of a connection that stays."""
        with self.lent() as persister:
            roll_back(persister)


def _close(place: Place | None) -> None:
    persister: Any = None if place is None else place.persister
    if place is None or not place.owned or not hasattr(persister, "cleanup"):
        return
    try:
        persister.cleanup()
    except Exception:
        logger.debug("a connection could not be closed", exc_info=True)
