"""A page for tests: a comm that keeps what a chat sends, and answers."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any, Protocol, get_args

import msgspec
from comm.base_comm import BaseComm

from burr_chat_widget.protocol.commands import Command
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import Frame, Heartbeat, KernelMessage, Snapshot
from burr_chat_widget.protocol.view import View

__all__ = ["RecordingComm"]

_FIELDS: dict[str, tuple[str, ...]] = {kind.__struct_config__.tag: kind.__struct_fields__ for kind in get_args(Command)}


class _Chat(Protocol):
    comm: Any


class RecordingComm(BaseComm):
    """A comm that keeps what a chat sends, in place of a front end: a test looks at it, and answers with commands as a page would.

    Its life: made, in place of the chat's own comm, it says hello and acknowledges whatever comes, as a page does, so that all that is
    told of turns comes here; from when the chat is closed, nothing more comes. One is enough for a chat.

    Args:
        chat: a `BurrChat`.

    Attributes:
        messages: what the chat has sent to its page, in order. It grows, on another thread.
        client: the page's name.

    Example:
        >>> chat = BurrChat(app)
        >>> comm = RecordingComm(chat)
        >>> comm.command("send", text="Write a poem about rivers")
        'r1'
        >>> view = await comm.until(lambda view: view.turns and view.status == "idle")
        >>> view.messages[-1].text
    """

    def __init__(self, chat: _Chat) -> None:
        self.messages: list[KernelMessage] = []
        self.client = "page"
        self._view: View | None = None
        self._folded = 0
        self._numbers = itertools.count(1)
        super().__init__(target_name="jupyter.widget", comm_id=chat.comm.comm_id)
        chat.comm = self
        self.command("hello")

    @property
    def frames(self) -> list[Frame]:
        """The frames that have come."""
        return [message for message in list(self.messages) if isinstance(message, Frame)]

    @property
    def view(self) -> View | None:
        """What a page shows that has received these messages; None before the first snapshot."""
        while self._folded < len(self.messages):
            message = self.messages[self._folded]
            self._folded += 1
            if isinstance(message, Snapshot):
                self._view = msgspec.convert(msgspec.to_builtins(message.view), View)
            elif isinstance(message, Frame) and self._view is not None:
                for event in message.events:
                    fold(self._view, event)
        return self._view

    def command(self, kind: str, **fields: Any) -> str | None:
        """Send a command of `protocol/commands.py`, by its type: `command("stop", turn="t1")`.

        `client` and `request` need not be given. Returns the request's name, for commands that have one: `turn-started`, `accepted` or
        `refused` gives it back.

        Raises:
            ValueError: if there is no such command.
        """
        if kind not in _FIELDS:
            raise ValueError(f"there is no command {kind!r}; there are {', '.join(sorted(_FIELDS))}")
        fields.setdefault("client", self.client)
        if "request" in _FIELDS[kind]:
            fields.setdefault("request", f"r{next(self._numbers)}")
        content = {"type": kind, **fields}
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        return fields.get("request")

    async def until(self, condition: Callable[[View], Any], *, timeout: float = 30.0) -> View:
        """Wait until the page shows that; returns what it shows.

        Raises:
            TimeoutError: after so many seconds.
        """
        end = time.monotonic() + timeout
        while (view := self.view) is None or not condition(view):
            if time.monotonic() > end:
                raise TimeoutError(f"the page did not come to show it in {timeout:g} s; what has come is in `messages`")
            await asyncio.sleep(0.001)
        return view

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        """Keep a message: what the widget or its `close` sends comes here, on any thread."""
        if msg_type == "comm_close":
            self.on_msg(None)
        if msg_type != "comm_msg" or data.get("method") != "custom":
            return
        message = msgspec.convert(data["content"], KernelMessage)
        self.messages.append(message)
        if isinstance(message, Frame | Heartbeat) or (isinstance(message, Snapshot) and message.client == self.client):
            self.command("ack", seq=message.seq)
