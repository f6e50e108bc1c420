"""A persister, with what a conversation needs to know: what it wrote last, and whether somebody else writes too."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Generator
from typing import Any, Literal, TypeAlias, cast

from burr.core import State
from burr.core.persistence import BaseStatePersister, PersistedStateData

from burr_chat_widget.bridge import same
from burr_chat_widget.errors import ConversationMoved, StoreError

from .alone import alone, roll_back
from .packing import packed, unpacked
from .pool import Pool

__all__ = ["ASKED", "Became", "KeptPersister"]

logger = logging.getLogger(__name__)

ASKED = "__BURR_CHAT_ASKED"
"""A key of states that are saved: what became of what was asked last, by the names of the requests."""

REQUESTS = 10
"""So many of these are saved: whoever asks again has heard nothing of the one that was asked last."""

Became: TypeAlias = Literal["completed", "stopped", "failed"]
"""What became of a turn."""


class KeptPersister(BaseStatePersister):
    """Saves the steps of one conversation through another persister, and no longer when somebody else has saved some.

    Args:
        inner: the other persister.
        partition_key, app_id: the conversation.
        owned: whether nobody else uses its connection. Then looking whether somebody else has saved a step and saving one are not
            parted, in SQLite, PostgreSQL and Redis; else somebody may come in between, who is mostly seen afterwards.

    Attributes:
        last: the sequence id of the last row that is known here, None when there is none.
        moved: whether somebody else has saved a step since.
        closed: whether nothing is to be saved any more: a turn that is being stopped would write over its successor.
        tell: is told, in words, what will not come back as it is; once.
        asked: what became of what was asked last, by the names of the requests: saved with each step. Of the turn that runs it says what
            will have become of it where the step that is saved is its last one.
    """

    def __init__(self, inner: BaseStatePersister, partition_key: str, app_id: str, *, owned: bool = False) -> None:
        self._inner: Any = inner
        self._partition_key = partition_key
        self._app_id = app_id
        self._owned = owned
        self._survived: dict[str, Any] | None = {}  # values that came back as they were; None when enough was told
        self.moved = False
        self.last: int | None = None
        self.closed = False
        self.asked: dict[str, Became] = {}
        self.tell: Callable[[str], None] = logger.warning

    def note(self, request: str, became: Became) -> None:
        """What becomes of that request's turn, from the next step on that is saved."""
        self.asked.pop(request, None)
        self.asked[request] = became
        while len(self.asked) > REQUESTS:
            del self.asked[next(iter(self.asked))]

    def newest(self) -> PersistedStateData | None:
        """The row that was saved last, by whomever. Raises as `row`."""
        return self.row(None)

    def row(self, sequence_id: int | None) -> PersistedStateData | None:
        """A row by its sequence id.

        Raises:
            StoreError: if it cannot be read.
        """
        try:
            return self.load(self._partition_key, self._app_id, sequence_id)
        except StoreError:
            raise
        except Exception as error:
            # Burr raises a ValueError for what it cannot make again; 0.42 lets through what the import of a class raises.
            lost = isinstance(error, ValueError | AttributeError | ImportError)
            raise StoreError(
                f"what was saved of the conversation {self._app_id!r} cannot be read: {error}",
                remedy="what it is made of must be found where it was when it was saved: define the class again under that name, "
                "at the top of its module or notebook, before BurrChat.open(...); or begin another conversation, with another app_id"
                if lost
                else None,
            ) from error

    def check(self) -> None:
        """Raises ConversationMoved when somebody else has saved a step since this one did, StoreError when nobody can tell."""
        if self.moved or self._newest_id() != self.last:
            raise self._elsewhere()

    def _newest_id(self) -> int | None:
        newest = self.newest()
        return None if newest is None else newest["sequence_id"]

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
        row: PersistedStateData | None = self._inner.load(partition_key, app_id, sequence_id, **kwargs)
        if row is not None:
            row = row.copy()
            row["state"] = unpacked(cast("State[Any]", row["state"]))
        return row

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
            ConversationMoved: if somebody else has saved a step since this one did. Nothing is saved then.
            StoreError: if what was saved cannot be read again, or the chat is closed.
        """
        if self.closed:
            raise StoreError("the chat is closed")
        name = f"burr-chats {partition_key}:{app_id}"
        try:
            with self._one(name):
                self.check()
                told = state.update(**{ASKED: dict(self.asked)}) if self.asked else state
                self._inner.save(partition_key, app_id, sequence_id, position, packed(told), status, **kwargs)
        except ConversationMoved:
            raise
        except Exception as error:
            self._roll_back()
            # A store that did not answer is not asked again at once.
            if not isinstance(error, StoreError) and self._is_taken(sequence_id):
                raise self._elsewhere() from error
            raise
        self.last = sequence_id
        saved = self.newest()
        if saved is None or (saved["sequence_id"], saved["position"]) != (sequence_id, position):
            raise self._elsewhere()
        self._compare(state, cast("State[Any]", saved["state"]))

    @contextlib.contextmanager
    def _one(self, name: str) -> Generator[None]:
        """In here nobody else saves, as far as that is possible."""
        try:
            held = self._hold(name)
        except Exception as error:
            if not isinstance(self._inner, Pool) or isinstance(error, StoreError):
                raise
            held = self._hold(name)  # the server has ended that connection meanwhile: the pool makes another
        with held:
            yield

    def _hold(self, name: str) -> contextlib.ExitStack:
        with contextlib.ExitStack() as stack:
            inner = stack.enter_context(self._inner.lent()) if isinstance(self._inner, Pool) else self._inner
            if self._owned:
                stack.enter_context(alone(inner, name))
            return stack.pop_all()

    def _compare(self, state: State[Any], saved: State[Any]) -> None:
        """Tell, once, what is not the same when it comes back."""
        if self._survived is None:
            return
        for key, value in state.get_all().items():
            if key.startswith("__") or (key in self._survived and self._survived[key] is value):
                continue
            if key not in saved or not same(value, saved[key]):
                self._survived = None
                self.tell(
                    f"The state's {key!r} will not be the same when this conversation is opened again: Burr cannot save all of it "
                    "as it is, and what it cannot comes back as text."
                )
                return
            self._survived[key] = value

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
        try:
            roll_back(self._inner)
        except Exception:
            logger.debug("rolling back raised", exc_info=True)
