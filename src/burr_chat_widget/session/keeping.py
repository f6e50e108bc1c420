"""The conversation in the store, where the chat has one, follows what happens."""

from __future__ import annotations

import logging
from collections.abc import Callable

from burr_chat_widget.store import Conversation

from .branches import App

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

    def settle(self, app: App) -> None:
        """It goes on from the state of `app` as it is now, whatever steps have saved.

        Where that cannot be saved, whoever opens the conversation finds what was saved before.
        """
        if self._conversation is None:
            return
        try:
            self._conversation.settle(app)
        except Exception:
            logger.warning("where %r is now could not be saved", app.uid, exc_info=True)

    def close(self, ended: Callable[[], bool]) -> None:
        """Keep nothing any more. `ended` says whether nothing of the session runs."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close(release=ended())
