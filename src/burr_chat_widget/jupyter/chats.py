"""Which chat a magic is about."""

from __future__ import annotations

from typing import Any, cast

from burr.core import Application

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.widget import BurrChat

from .failing import CellFailed

__all__ = ["Chats", "names"]


class Chats:
    """The chats that magics speak of: by an expression of the user's, or the one displayed last."""

    def __init__(self, user_ns: dict[str, Any]) -> None:
        self._user_ns = user_ns
        self._made: dict[int, BurrChat] = {}  # by the application's id: each holds its application

    def of(self, expression: str) -> BurrChat:
        """The chat that an expression names, or a chat of the application that it names: the same each time, until that is closed.

        Raises:
            CellFailed: if it is neither, or there cannot be a chat of it.
        """
        if not expression:
            return self.last()
        try:
            found: object = eval(expression, self._user_ns)
        except Exception as error:
            raise CellFailed(f"{error}: name a chat or an application, such as %chat app; %chat? says more") from error
        if isinstance(found, BurrChat):
            return found
        known = self._made.get(id(found))
        if known is None or known.closed:
            try:
                known = BurrChat(cast("Application[Any]", found))
            except BurrChatError as error:
                raise CellFailed(str(error)) from error
            self._made[id(found)] = known
        return known

    def open(self, expression: str) -> BurrChat:
        """The same, if it can be asked for something.

        Raises:
            CellFailed: if it is neither, or closed.
        """
        if (chat := self.of(expression)).closed:
            raise CellFailed("the chat is closed: %chat app makes another one, where app is its application")
        return chat

    def last(self) -> BurrChat:
        """The one displayed last.

        Raises:
            CellFailed: if none was.
        """
        if (chat := BurrChat.displayed()) is None:
            raise CellFailed("no chat was displayed yet: %chat app shows one, where app is a Burr application")
        return chat


def names(user_ns: dict[str, Any]) -> list[str]:
    """What chats and applications are called in a namespace, for completion."""
    return [
        name
        for name, value in list(user_ns.items())
        if isinstance(value, BurrChat | Application) and not name.startswith("_")
    ]
