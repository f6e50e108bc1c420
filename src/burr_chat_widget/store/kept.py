"""A persister, with what a conversation needs to know: what it wrote last, and whether somebody else writes too."""

from __future__ import annotations

import logging
from typing import Any, Literal

from burr.core import State
from burr.core.persistence import BaseStatePersister, PersistedStateData

from burr_chat_widget.errors import ConversationMoved, StoreError

__all__ = ["KeptPersister"]

logger = logging.getLogger(__name__)


class KeptPersister(BaseStatePersister):
    """Saves the steps of one conversation through another persister, and no longer when somebody else has saved some.

    Attributes:
        last: the sequence id of the last row that is known here, None when there is none.
        moved: whether somebody else has saved a step since.
        closed: whether nothing is to be saved any more: a turn that is being stopped would write over its successor.
    """

    def __init__(self, inner: BaseStatePersister, partition_key: str, app_id: str) -> None:
        self._inner: Any = inner
        self._partition_key = partition_key
        self._app_id = app_id
        self.moved = False
        self.last: int | None = None
        self.closed = False

    def newest(self) -> PersistedStateData | None:
        """The row that was saved last, by whomever."""
        return self.row(None)

    def row(self, sequence_id: int | None) -> PersistedStateData | None:
        """A row by its sequence id."""
        return self._inner.load(self._partition_key, self._app_id, sequence_id)

    def check(self) -> None:
        """Raises ConversationMoved when somebody else has saved a step since this one did, StoreError when nobody can tell."""
        try:
            newest = self.newest()
        except Exception as error:
            raise StoreError(f"The conversation's store cannot be read: {error}") from error
        if self.moved or (newest["sequence_id"] if newest is not None else None) != self.last:
            raise self._elsewhere()

    def _elsewhere(self) -> ConversationMoved:
        self.moved = True
        return ConversationMoved(
            f"The conversation {self._app_id!r} was continued elsewhere, in another kernel or notebook; nothing was saved "
            "over it. Run the cell with BurrChat.open(...) again to see all of it, then ask again."
        )

    # What Burr asks of a persister.

    def is_initialized(self) -> bool:
        """Always: the store was opened with it."""
        return True

    def list_app_ids(self, partition_key: str, **kwargs: Any) -> list[str]:
        """See Burr's `BaseStateLoader`."""
        return self._inner.list_app_ids(partition_key, **kwargs)

    def load(
        self, partition_key: str, app_id: str | None, sequence_id: int | None = None, **kwargs: Any
    ) -> PersistedStateData | None:
        """See Burr's `BaseStateLoader`."""
        return self._inner.load(partition_key, app_id, sequence_id, **kwargs)

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
        """See Burr's `BaseStateSaver`.

        Raises:
            ConversationMoved: if the row is there already.
        """
        if self.closed:
            raise StoreError("the chat is closed")
        if self.moved:
            raise self._elsewhere()
        try:
            self._inner.save(partition_key, app_id, sequence_id, position, state, status, **kwargs)
        except Exception as error:
            self._roll_back()
            if self._is_taken(sequence_id):
                raise self._elsewhere() from error
            raise
        self.last = sequence_id

    def copy(self) -> BaseStatePersister:
        """What Burr hands to the applications that an action starts: they are conversations of their own."""
        return self._inner.copy() if hasattr(self._inner, "copy") else self._inner

    def _is_taken(self, sequence_id: int) -> bool:
        try:
            return self.row(sequence_id) is not None
        except Exception:  # the store is gone: what `save` raised says it better
            return False

    def _roll_back(self) -> None:
        # SQLite would keep the file locked for everybody else, PostgreSQL refuse everything that follows.
        rollback = getattr(self._inner, "rollback", None) or getattr(
            getattr(self._inner, "connection", None), "rollback", None
        )
        try:
            if rollback is not None:
                rollback()
        except Exception:
            logger.debug("rolling back raised", exc_info=True)
