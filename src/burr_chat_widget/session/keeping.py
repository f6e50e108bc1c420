"""The conversation in the store, where the chat has one, follows what happens."""

from __future__ import annotations

import logging
from collections.abc import Callable

from burr_chat_widget.store import Conversation

from .branches import App
from .turn import Turn

__all__ = ["Keeping"]

logger = logging.getLogger(__name__)


class Keeping:
    """Keeps the session's conversation, if it is one that stays: else nothing happens."""

    def __init__(self) -> None:
        self._conversation: Conversation | None = None

    def begin(self, conversation: Conversation) -> None:
        """From now on."""
        self._conversation = conversation

    def check(self) -> None:
        """Make sure that nobody else has gone on with it.

        Raises:
            ConversationMoved: if somebody has.
            StoreError: if nobody can tell.
        """
        if self._conversation is not None:
            self._conversation.check()

    def begin_turn(self, turn: Turn) -> None:
        """The steps of that turn are saved from now on."""
        if self._conversation is not None and turn.request is not None:
            self._conversation.begin_turn(turn.request)

    def settle(self, app: App, turn: Turn | None = None) -> None:
        """It goes on from the state of `app` as it is now, whatever steps have saved: after that turn, if one has ended.

        Where that cannot be saved, whoever opens the conversation finds what was saved before.
        """
        if self._conversation is None:
            return
        try:
            if turn is None or turn.status == "running":
                self._conversation.settle(app)
            else:
                self._conversation.settle(app, request=turn.request, became=turn.status)
        except Exception:
            logger.warning("where %r is now could not be saved", app.uid, exc_info=True)

    def close(self, ended: Callable[[], bool]) -> None:
        """Keep nothing any more. `ended` says whether nothing of the session runs."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close(release=ended())
