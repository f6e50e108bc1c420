"""What pages of this process ask: what is of their own stream is done here, the rest is passed on."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.session.answers import Answers
from burr_chat_widget.session.front import stamp
from burr_chat_widget.transport.outbox import Outbox

from .asking import Asking

__all__ = ["RemotePages"]

logger = logging.getLogger(__name__)


class RemotePages:
    """The pages of one `RemoteSession`. Commands come in on any thread, and none of them waits."""

    def __init__(
        self, asking: Asking, outbox: Outbox, submit: Callable[[Callable[[], Coroutine[Any, Any, Any]]], object]
    ) -> None:
        self._asking = asking
        self._outbox = outbox
        self._submit = submit
        self._answers = Answers(outbox.put, stamp)

    def handle(self, command: c.Command) -> None:
        """Carry out a command, or let the server do it."""
        match command:
            case c.Hello() | c.Ack() | c.Bye() | c.Painted() | c.Prefer():
                self._outbox.hear(command)
            case c.Stop():
                with contextlib.suppress(RuntimeError):  # the chat is closed
                    self._submit(functools.partial(self._asking.stop, command.client, command.turn))
            case c.Inspect() | c.Log() | c.Asset():
                raise ValueError("the answer goes to one page: the widget sends it")
            case _:
                if not self._answers.is_new(command.request):
                    self._answers.again(command.request)
                    return
                try:
                    self._submit(functools.partial(self._pass_on, command))
                except RuntimeError as error:  # the chat is closed
                    self._answers.refuse(command.request, str(error))

    async def _pass_on(self, command: Any) -> None:
        """What the server says of it is told with the rest; what it refuses at once, or cannot be asked, is told here."""
        try:
            await self._asking.ask(command)
        except ServerError as error:
            if error.error != "refused":
                self._answers.refuse(command.request, str(error), error.fields)
        except Exception as error:
            logger.exception("what a page has asked for could not be passed on")
            self._answers.refuse(command.request, f"This could not be asked of the server: {error}")
