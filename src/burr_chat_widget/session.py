"""One conversation with one application: turns commands into calls of the bridge, one turn at a time."""

from __future__ import annotations

import concurrent.futures
import contextvars
import functools
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

from burr.core import Application
from msgspec.structs import replace

from burr_chat_widget.bridge import (
    DeltaOption,
    Given,
    Render,
    Snapshot,
    TurnControl,
    check_application,
    check_free,
    check_prompt,
    composer_of,
    describe_graph,
    describe_model,
    earlier_messages,
    inputs_given,
    next_inputs,
    read_option,
    restore,
    stream_turn,
    take_snapshot,
)
from burr_chat_widget.errors import BurrChatError, InvalidInput, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnError, TurnEvent, TurnFailed, TurnStarted, TurnStopped
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.frames import ComposerChanged, Refused
from burr_chat_widget.protocol.view import Composer, Session
from burr_chat_widget.store import Conversation, free_of_threads
from burr_chat_widget.transport.comm import cell_context, shown_under
from burr_chat_widget.transport.loops import Runner, loop_remedy, new_loop
from burr_chat_widget.transport.outbox import Outbox
from burr_chat_widget.turn import Turn

__all__ = ["App", "ChatSession"]

logger = logging.getLogger(__name__)

App: TypeAlias = Application[Any]
"""A built Burr application, whatever its state's type."""


class ChatSession:
    """One running turn at a time of one application, and what there is to see of it.

    Life of a turn: `begin` (from Python) or `handle` (a page's command) -> the loop's thread -> the bridge's events, each
    recorded in the `Turn` and put into the outbox -> the turn's end, after which the next may begin.

    Args: see `burr_chat_widget.BurrChat`.

    Raises:
        NotAnApplication: if `app` is not a built Burr application.
        ConventionError: if what is the history cannot be told, or an override names nothing that is there.
        ValueError: if there is no such runner.
    """

    def __init__(
        self,
        app: App,
        *,
        prompt: str | None = None,
        history: str | None = None,
        delta: DeltaOption = None,
        render: Render | None = None,
        inputs: Mapping[str, Any] | None = None,
        suggestions: Sequence[str] = (),
        title: str | None = None,
        runner: Runner = "thread",
    ) -> None:
        check_application(app)
        check_prompt(app, prompt)
        read_option(delta)
        self.app = app
        self.title = title or "Chat"
        self.inputs = dict(inputs or {})
        self.turns: list[Turn] = []
        self._shown: contextvars.Context | None = None
        self._made = cell_context()
        self._prompt = prompt
        self._history = history
        self._delta = delta
        self._render = render
        self._runner: Runner = runner
        self._loop = new_loop(runner)
        self._requests: dict[str, Refused | None] = {}
        """What became of a page's request: how it was refused, None while it was not."""
        self._running: tuple[Turn, TurnControl] | None = None
        self._before_last: Snapshot | None = None
        self._last: Given | None = None
        self._after_last: int | None = None
        """The application's sequence id when the last turn ended."""
        self._conversation: Conversation | None = None
        if runner == "thread":
            free_of_threads(app)
        self._composer, next_action = self._next()
        view = new_view(
            Session(
                title=self.title,
                app_id=str(app.uid),
                model=describe_model(app),
                suggestions=list(suggestions),
            ),
            describe_graph(app),
            self._composer,
            next_action=next_action,
        )
        view.messages = earlier_messages(app, history, render)
        self.outbox = Outbox(view)

    def keep(self, conversation: Conversation) -> None:
        """Keep what happens from now on in the conversation that the application was made by."""
        self._conversation = conversation

    # From Python.

    @property
    def running(self) -> Turn | None:
        """The running turn."""
        return self._running[0] if self._running is not None else None

    def begin(self, text: str | None, inputs: Mapping[str, Any]) -> concurrent.futures.Future[Turn]:
        """Begin a turn; the future holds it when it has ended, in whatever way.

        The future raises `TurnRunning` when a turn runs, and what `inputs_given` raises when these are not what the next action
        takes.
        """
        context = cell_context()
        if self._shown is not None:
            context = shown_under(self._shown, context)
        return self._loop.submit(functools.partial(self._begin, text, inputs), context)

    def shown(self) -> None:
        """The chat is displayed by the cell that runs now: from now on what actions print lands there.

        Until then it lands under the cell that calls `begin`.
        """
        self._shown = cell_context()

    def stop(self) -> None:
        """Let the running turn end as stopped. Without one nothing happens."""
        self._loop.call(self._stop)

    def close(self) -> None:
        """Stop what runs, and take no more turns."""
        self._loop.call(self._stop)
        self._loop.close()
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close(release=self._loop.ended())

    # From a page, on any thread: nothing here waits.

    def handle(self, command: c.Command) -> None:
        """Carry out a page's command. What became of it is told by events."""
        if isinstance(command, c.Send | c.Retry | c.Restart):
            if command.request in self._requests:
                self._answer_again(command.request)
                return
            self._requests[command.request] = None
        match command:
            case c.Hello():
                self.outbox.hello(command.client)
            case c.Ack():
                self.outbox.ack(command.client, command.seq)
            case c.Bye():
                self.outbox.bye(command.client)
            case c.Send():
                self._begin_for_page(command.request, functools.partial(self._send, command))
            case c.Retry():
                self._begin_for_page(command.request, functools.partial(self._retry, command))
            case c.Stop():
                self._loop.call(functools.partial(self._stop, command.turn))
            case c.Restart():
                self._loop.call(functools.partial(self._restart, command))
            case c.Asset():
                raise ValueError("assets are files of the front end: the widget sends them")

    def _begin_for_page(self, request: str, make: Callable[[], Any]) -> None:
        try:
            future = self._loop.submit(make, self._shown or self._made)
        except RuntimeError as error:  # the chat is closed, or there is no loop
            self._refuse(request, str(error))
        else:
            future.add_done_callback(_log_error)

    def _answer_again(self, request: str) -> None:
        """A page heard nothing of its request and asks again. A turn that began is in the view, if it is still there."""
        refused = self._requests[request]
        turn = next((t for t in list(self.turns) if t.request == request), None)
        if turn is not None and any(t.replaces == turn.key for t in list(self.turns)):
            self._refuse(request, "It was answered, and has been tried again since.")
        elif refused is not None:
            self._refuse(request, refused.reason, refused.fields)

    # On the loop's thread.

    def _stop(self, turn: str | None = None) -> None:
        if self._running is not None and turn in (None, self._running[0].key):
            self._running[1].stop()

    async def _send(self, command: c.Send) -> None:
        await self._run_for_page(command.request, self._begin(command.text, command.inputs, request=command.request))

    async def _begin(self, text: str | None, inputs: Mapping[str, Any], *, request: str | None = None) -> Turn:
        self._check_free()
        wanted = next_inputs(self.app, prompt=self._prompt, constants=self.inputs)
        given = inputs_given(self.app, wanted, text, inputs, typed=request is not None)
        return await self._run(given, request=request)

    async def _retry(self, command: c.Retry) -> None:
        last = self.turns[-1] if self.turns else None
        if last is None or self._last is None or last.key != command.turn:
            self._refuse(command.request, "Only the last answer can be tried again.")
        elif self._running is None and last.status == "completed" and self.app.sequence_id != self._after_last:
            self._refuse(
                command.request, "The application has been used since, outside this chat: send the prompt anew."
            )
        else:
            if self._running is None and last.status == "completed" and self._before_last is not None:
                restore(self.app, self._before_last)
            await self._run_for_page(command.request, self._run(self._last, request=command.request, replaces=last.key))

    async def _run_for_page(self, request: str, run: Coroutine[Any, Any, Turn]) -> None:
        try:
            await run
        except InvalidInput as error:
            self._refuse(request, "see what is said at the fields.", error.fields)
        except Exception as error:
            if not isinstance(error, BurrChatError):
                logger.exception("a turn of %r could not begin", self.app.uid)
            self._refuse(request, str(error))

    def _restart(self, command: c.Restart) -> None:
        if self._running is not None:
            self._refuse(command.request, "A turn is running: wait for it to end, or stop it first.")
        else:
            self.app.reset_to_entrypoint()
            self._tell_composer()

    def _check_free(self) -> None:
        if self._running is not None:
            raise TurnRunning(
                f"turn {self._running[0].key!r} is running", remedy="wait for it to end, or stop it with chat.stop()"
            )
        check_free(self.app)

    async def _run(self, given: Given, *, request: str | None, replaces: str | None = None) -> Turn:
        self._check_free()
        if self._conversation is not None:
            self._conversation.check()
        before = take_snapshot(self.app)
        turn = Turn(f"t{len(self.turns) + 1}", given.inputs, request=request, replaces=replaces)
        control = TurnControl()
        began = False
        self._running = turn, control
        try:
            async for event in stream_turn(
                self.app,
                {**self.inputs, **given.inputs},
                prompt=self._prompt,
                asked=given.asked,
                history=self._history,
                delta=self._delta,
                render=self._render,
                turn=turn.key,
                control=control,
                sync="thread" if self._runner == "thread" else "inline",
            ):
                if isinstance(event, TurnStarted):
                    began = True
                    self.turns.append(turn)
                    self._before_last = before
                    self._last = given
                    event = replace(event, prompt=given.said or event.prompt, request=request, replaces=replaces)
                elif isinstance(event, TurnFailed):
                    remedy = (
                        None
                        if self._runner == "kernel"
                        else loop_remedy(f"{event.error.message}\n{event.error.traceback}")
                    )
                    event = replace(event, error=replace(event.error, remedy=remedy or event.error.remedy))
                self._tell(turn, event)
        except (KeyboardInterrupt, SystemExit):
            # Raised by the action; the turn has been told as stopped. Let through, it would end the loop, which is everybody's.
            logger.info("turn %s of %r was interrupted", turn.key, self.app.uid, exc_info=True)
        except Exception as error:
            if not began:
                raise
            logger.exception("turn %s of %r broke off", turn.key, self.app.uid)
            error = TurnError(kind=type(error).__name__, message=str(error))
            self._tell(turn, TurnFailed(**_stamp(turn.key), error=error))
        finally:
            if began and turn.status == "running":
                # Cancelled, by nobody who would have told: the action itself, or the end of the loop.
                self._tell(turn, TurnStopped(**_stamp(turn.key)))
            if began:
                self._settle(turn)
            self._running = None
            self._after_last = self.app.sequence_id
            self._tell_composer()
        return turn

    def _settle(self, turn: Turn) -> None:
        if self._conversation is None or turn.status == "completed":
            return
        try:
            self._conversation.settle(self.app)
        except Exception:  # whoever opens the conversation passes over what the turn has left there
            logger.warning("turn %s of %r could not be taken back in the store", turn.key, self.app.uid, exc_info=True)

    def _tell(self, turn: Turn, event: TurnEvent) -> None:
        turn.record(event)
        self.outbox.put(event)

    def _refuse(self, request: str, reason: str, fields: Mapping[str, str] | None = None) -> None:
        running = self._running[0].key if self._running is not None else ""
        refused = Refused(**_stamp(running), request=request, reason=reason, fields=dict(fields or {}))
        self._requests[request] = refused
        self.outbox.put(refused)

    def _tell_composer(self) -> None:
        composer, _ = self._next()
        if composer != self._composer:
            self._composer = composer
            self.outbox.put(ComposerChanged(**_stamp(""), composer=composer))

    def _next(self) -> tuple[Composer, str | None]:
        """What the composer can do now, and the action that comes next."""
        try:
            wanted = next_inputs(self.app, prompt=self._prompt, constants=self.inputs)
        except BurrChatError as error:
            return Composer(enabled=False, hint=str(error)), None
        return composer_of(self.app, wanted), wanted.action


def _stamp(turn: str) -> _Stamp:
    return {"time": time.time(), "monotonic": time.monotonic(), "turn": turn}


class _Stamp(TypedDict):
    time: float
    monotonic: float
    turn: str


def _log_error(future: concurrent.futures.Future[Any]) -> None:
    """Nobody waits for what a page began: say what became of it."""
    error = future.exception()
    if error is not None and not isinstance(error, concurrent.futures.CancelledError):
        logger.error("a page's command failed", exc_info=error)
