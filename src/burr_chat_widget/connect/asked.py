"""What was asked of the server, until it is known what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from burr_chat_widget.errors import ApplicationEnded, BurrChatError, InvalidInput, ServerError, TurnRunning
from burr_chat_widget.protocol.frames import Accepted, Refused
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session.front import stamp

__all__ = ["Asked", "Question", "Wanted", "in_python"]


@dataclass
class Question:
    """One request. `answer` is the key of the turn that it began, or None."""

    answer: asyncio.Future[str | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(eq=False)
class Wanted:
    """A turn that is asked for, in one request or in several until one begins it.

    Attributes:
        stopped: it is to end as soon as it has begun.
        turn: its key, when it has begun.
    """

    stopped: bool = False
    turn: str | None = None


class Asked:
    """The requests that wait for an answer, by name. All of it happens on one thread."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}

    def __contains__(self, request: str) -> bool:
        return request in self._open

    def begin(self, request: str) -> Question:
        """It is asked from now on."""
        question = self._open[request] = Question()
        return question

    def end(self, request: str) -> None:
        """Nobody waits for it any more."""
        self._open.pop(request, None)

    def told(self, event: object) -> None:
        """The server has told something: perhaps it is an answer."""
        match event:
            case Accepted():
                self._answer(event.request, None)
            case Refused():
                self._refuse(event.request, event.reason, event.fields)
            case _ if (request := getattr(event, "request", None)) is not None:
                self._answer(request, getattr(event, "turn", None))
            case _:
                pass

    def seen(self, view: View) -> list[Accepted | Refused]:
        """There is another view, which has answers too; gives those to what was asked here, to be told to the pages."""
        for turn in view.turns:
            if turn.request is not None:
                self._answer(turn.request, turn.key)
        now = stamp()
        found: list[Accepted | Refused] = []
        found += [Accepted(**now, request=request) for request in view.accepted if request in self._open]
        found += [
            Refused(**now, request=each.request, reason=each.reason, fields=each.fields)
            for each in view.refused
            if each.request in self._open
        ]
        for answer in found:
            self.told(answer)
        return found

    def _answer(self, request: str, turn: str | None) -> None:
        question = self._open.get(request)
        if question is not None and not question.answer.done():
            question.answer.set_result(turn)

    def _refuse(self, request: str, reason: str, fields: dict[str, str]) -> None:
        question = self._open.get(request)
        if question is not None and not question.answer.done():
            question.answer.set_exception(ServerError(reason, error="refused", fields=fields))


def in_python(error: ServerError, *, running: bool, ended: bool) -> BurrChatError:
    """A refusal as the error that the same call raises where the application is in this process.

    Args:
        error: what the server says.
        running: whether a turn runs.
        ended: whether the application has ended.
    """
    if error.fields:
        told = "; ".join(f"{path}: {message}" for path, message in error.fields.items())
        return InvalidInput(f"the next action cannot take this: {told}", fields=error.fields)
    if error.error == "turn-running" or (error.error == "refused" and running and "turn is running" in error.message):
        return TurnRunning(
            "a turn is running in this conversation", remedy="wait for it to end, or stop it with chat.stop()"
        )
    if error.error == "refused" and ended:
        return ApplicationEnded(error.message)
    return error
