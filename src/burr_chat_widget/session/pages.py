"""What pages ask for becomes calls of the session; what became of it is told to them."""

from __future__ import annotations

import concurrent.futures
import functools
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from burr_chat_widget.errors import BurrChatError, InvalidInput, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.store import Became

from .answers import Answers

if TYPE_CHECKING:
    from .session import ChatSession

__all__ = ["Pages"]

logger = logging.getLogger(__name__)


class Pages:
    """The pages of one session. Commands come in on any thread, and none of them waits."""

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._answers = Answers(session.outbox.put, session.stamp)

    def handle(self, command: c.Command, *, may_begin: bool = True) -> concurrent.futures.Future[Any] | None:
        """Carry out a command. Where that takes its time, returns what is done when it has been, in whatever way.

        `may_begin`: see `Turns.go_on_for`.
        """
        session = self._session
        match command:
            case c.Hello() | c.Ack() | c.Bye() | c.Painted() | c.Prefer():
                session.outbox.hear(command)
            case c.Stop():
                session.stop(command.turn)
            case c.Inspect() | c.Log() | c.Asset():
                raise ValueError("the answer goes to one page: the widget sends it")
            case _:
                if self._answers.is_new(command.request):
                    return self._carry_out(command, may_begin)
                self._again(command.request)
        return None

    def recall(self, asked: Mapping[str, Became]) -> None:
        """These requests were answered before there was this session, where its conversation comes from."""
        for request, became in asked.items():
            if became == "completed":
                self._answers.accept(request)
            else:
                how = "was stopped" if became == "stopped" else "failed"
                self._answers.refuse(request, f"its turn {how}, and is not kept.")

    def _carry_out(
        self,
        command: c.Send
        | c.Retry
        | c.Switch
        | c.Restart
        | c.Pause
        | c.Resume
        | c.StepAction
        | c.StepDelta
        | c.SetBreakpoint
        | c.SetPace
        | c.SetFault
        | c.Rewind
        | c.Fork,
        may_begin: bool,
    ) -> concurrent.futures.Future[Any] | None:
        session, request = self._session, command.request
        match command:
            case c.Resume():
                return self._do(request, lambda: session.go_on("resume", request, may_begin))
            case c.StepAction():
                return self._do(request, lambda: session.go_on("step", request, may_begin))
            case c.StepDelta():
                return self._do(request, lambda: session.go_on("step-delta", request, may_begin))
            case c.Send():
                return self._do(
                    request, lambda: session.send(command.text, command.inputs, request=request), begins=True
                )
            case c.Retry():
                return self._do(
                    request, lambda: session.past.retry(command.turn, command.text, request=request), begins=True
                )
            case c.Rewind():
                return self._do(request, lambda: session.past.rewind_to(command.step, command.edits, command.branch))
            case c.Fork():
                return self._do(request, lambda: session.past.fork_at(command.step, command.edits, command.branch))
            case c.Switch():
                return self._do(request, lambda: session.past.switch(command.turn))
            case c.Restart():
                return self._do(request, session.restart)
            case c.Pause():
                self._set(request, lambda: session.pause(off=command.off))
            case c.SetBreakpoint():
                self._set(request, lambda: self._set_breakpoint(command))
            case c.SetPace():
                self._set(request, lambda: session.set_pace(command.seconds))
            case c.SetFault():
                self._set(request, lambda: session.faults.set(command.fault))
        return None

    def _set_breakpoint(self, command: c.SetBreakpoint) -> None:
        self._session.breakpoints.switch(command.action, command.when, off=command.off)

    def _set(self, request: str, change: Callable[[], object]) -> None:
        try:
            change()
        except BurrChatError as error:
            self._answers.refuse(request, self._session.explain(error))
        else:
            self._answers.accept(request)

    def _again(self, request: str) -> None:
        """A page heard nothing of it. A turn that began is in the view, if it is still there: else, what became of it is said."""
        turns = list(self._session.turns)
        turn = next((t for t in turns if t.request == request), None)
        if turn is None:
            self._answers.again(request)
        elif any(t.replaces == turn.key for t in turns):
            self._answers.refuse(request, "It was answered, and has been tried again since.")

    def _do(
        self, request: str, make: Callable[[], Coroutine[Any, Any, object]], *, begins: bool = False
    ) -> concurrent.futures.Future[Any] | None:
        """Carry it out on the loop's thread. Where it `begins` a turn, that answers the request."""
        try:
            future = self._session.submit(functools.partial(self._answered, request, make, accept=not begins))
        except RuntimeError as error:  # the chat is closed, or there is no loop
            self._answers.refuse(request, self._session.explain(error))
            return None
        future.add_done_callback(_log_error)
        return future

    async def _answered(self, request: str, make: Callable[[], Coroutine[Any, Any, object]], *, accept: bool) -> None:
        try:
            await make()
        except InvalidInput as error:
            self._answers.refuse(request, "see what is said at the fields.", error.fields)
        except TurnRunning:
            self._answers.refuse(request, "A turn is running: wait for it to end, or stop it first.")
        except Exception as error:
            if not isinstance(error, BurrChatError):
                logger.exception("a command could not be carried out")
            self._answers.refuse(request, self._session.explain(error))
        else:
            self._answers.accept(request, tell=accept)


def _log_error(future: concurrent.futures.Future[Any]) -> None:
    """Nobody waits for what a page began: say what became of it."""
    error = future.exception()
    if error is not None and not isinstance(error, concurrent.futures.CancelledError):
        logger.error("a page's command failed", exc_info=error)
