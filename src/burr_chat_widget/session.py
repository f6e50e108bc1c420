"""One conversation with one application: turns commands into calls of the bridge, one turn at a time."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from burr.core import Application
from msgspec.structs import replace

from burr_chat_widget.bridge import (
    Breakpoints,
    DeltaOption,
    Given,
    Holds,
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
    fork_application,
    inputs_given,
    next_inputs,
    read_option,
    restore,
    stream_turn,
    take_snapshot,
)
from burr_chat_widget.checkpoints import Checkpoint, Checkpoints
from burr_chat_widget.errors import BurrChatError, InvalidInput, NoCheckpoint, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnError, TurnEvent, TurnFailed, TurnPaused, TurnStarted, TurnStopped
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.frames import Accepted, ComposerChanged, ControlsChanged, Refused
from burr_chat_widget.protocol.trim import trim
from burr_chat_widget.protocol.view import Breakpoint as BreakpointSeen
from burr_chat_widget.protocol.view import Composer, Session, View
from burr_chat_widget.store import Conversation, free_of_threads
from burr_chat_widget.transport.comm import cell_context, shown_under
from burr_chat_widget.transport.loops import Runner, loop_remedy, new_loop
from burr_chat_widget.transport.outbox import Outbox
from burr_chat_widget.turn import Turn

__all__ = ["App", "ChatSession"]

logger = logging.getLogger(__name__)

App: TypeAlias = Application[Any]
"""A built Burr application, whatever its state's type."""


GoOn: TypeAlias = Literal["resume", "step", "step-delta"]
"""How a held turn goes on: to a breakpoint or its end, by one action, to the next delta."""


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
        breakpoints: Collection[str] = (),
        checkpoints: int = 1000,
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
        self._count = 0
        """Of the turns that were begun: two never have the same name."""
        self._accepted: set[str] = set()
        self._running: tuple[Turn, TurnControl] | None = None
        self._before_last: Snapshot | None = None
        self._last: Given | None = None
        self._after_last: int | None = None
        """The application's sequence id when the last turn ended."""
        self._conversation: Conversation | None = None
        self.breakpoints = Breakpoints([action.name for action in app.graph.actions], self._tell_controls)
        self.checkpoints = Checkpoints(take_snapshot(app), checkpoints)
        self._holds = Holds(self.breakpoints)
        self._controls: tuple[bool, list[BreakpointSeen]] = False, []
        self._rests: list[asyncio.Future[None]] = []
        """Of those who wait until the running turn is held or has ended."""
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
        for action in breakpoints:
            self.breakpoints.add(action)

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

    def pause(self, *, off: bool = False) -> None:
        """Hold the running turn, or the next one, before its next action."""
        self._holds.pause(off=off)
        self._tell_controls()

    def go_on(self, how: GoOn) -> concurrent.futures.Future[Turn]:
        """Let the held turn go on; where none runs, begin one without inputs. The future holds it when it is held again or has ended.

        It raises what the future of `begin` raises.
        """
        return self._loop.submit(functools.partial(self._go_on, how), self._shown or cell_context())

    def rewind(self, checkpoint: Checkpoint) -> None:
        """Go back to where the application was after that step.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if it is none of this chat's, or was forgotten.
        """
        self._check_free()
        self.checkpoints.check(checkpoint)
        self._rewind(checkpoint.sequence_id)

    def fork_of(self, checkpoint: Checkpoint, app_id: str | None) -> App:
        """An application that goes on from a checkpoint.

        Raises:
            NoCheckpoint: if it is none of this chat's, or was forgotten.
        """
        self.checkpoints.check(checkpoint)
        return fork_application(self.app, checkpoint.state, app_id=app_id)

    def take_over(self, other: ChatSession, checkpoint: Checkpoint) -> None:
        """Show what was said in another session up to a checkpoint, from which this one's application goes on."""
        step = checkpoint.sequence_id
        self.checkpoints = other.checkpoints.up_to(step)
        turns = {each.turn for each in self.checkpoints}
        self.turns = [turn for turn in other.turns if turn.key in turns]
        self._count = other._count
        session = self.outbox.view().session
        earlier = other.outbox.view()
        composer, next_action = self._next()

        def change(view: View) -> None:
            trim(earlier, step, next_action=next_action, remark=f"Forked after {checkpoint.action}.")
            for name in view.__struct_fields__:
                setattr(view, name, getattr(earlier, name))
            view.session, view.composer = session, composer
            view.breakpoints, view.pausing, view.accepted, view.refused = [], False, [], []

        self.outbox.change(change)

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
        if not isinstance(command, c.Hello | c.Ack | c.Bye | c.Stop | c.Inspect | c.Asset):
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
            case c.Pause():
                self.pause(off=command.off)
                self._accept(command.request)
            case c.Resume() | c.StepAction() | c.StepDelta():
                self._begin_for_page(command.request, functools.partial(self._go_on_for_page, command))
            case c.SetBreakpoint():
                self._set_breakpoint(command)
            case c.Rewind():
                self._begin_for_page(command.request, functools.partial(self._rewind_for_page, command))
            case c.Inspect():
                raise ValueError("what is looked into goes to one page: the widget sends it")
            case c.Asset():
                raise ValueError("assets are files of the front end: the widget sends them")

    def _begin_for_page(self, request: str, make: Callable[[], Any]) -> None:
        try:
            future = self._loop.submit(make, self._shown or self._made)
        except RuntimeError as error:  # the chat is closed, or there is no loop
            self._refuse(request, str(error))
        else:
            future.add_done_callback(_log_error)

    def _set_breakpoint(self, command: c.SetBreakpoint) -> None:
        try:
            if command.off:
                self.breakpoints.remove(command.action, when=command.when)
            else:
                self.breakpoints.add(command.action, when=command.when)
        except BurrChatError as error:
            self._refuse(command.request, str(error))
        else:
            self._accept(command.request)

    def _answer_again(self, request: str) -> None:
        """A page heard nothing of its request and asks again. A turn that began is in the view, if it is still there."""
        refused = self._requests[request]
        turn = next((t for t in list(self.turns) if t.request == request), None)
        if turn is not None and any(t.replaces == turn.key for t in list(self.turns)):
            self._refuse(request, "It was answered, and has been tried again since.")
        elif refused is not None:
            self._refuse(request, refused.reason, refused.fields)
        elif turn is None and request in self._accepted:
            self._accept(request)

    # On the loop's thread.

    def _stop(self, turn: str | None = None) -> None:
        if self._running is not None and turn in (None, self._running[0].key):
            self._running[1].stop()

    async def _send(self, command: c.Send) -> None:
        await self._run_for_page(command.request, self._begin(command.text, command.inputs, request=command.request))

    async def _begin(
        self, text: str | None, inputs: Mapping[str, Any], *, request: str | None = None, how: GoOn = "resume"
    ) -> Turn:
        self._check_free()
        wanted = next_inputs(self.app, prompt=self._prompt, constants=self.inputs)
        given = inputs_given(self.app, wanted, text, inputs, typed=request is not None)
        return await self._run(given, request=request, how=how)

    async def _go_on(self, how: GoOn, request: str | None = None) -> Turn:
        rest = asyncio.get_running_loop().create_future()
        self._rests.append(rest)
        if self._running is not None:
            turn = self._running[0]
            self._let(how)
            if request is not None:
                self._accept(request)
            await rest
            return turn
        beginning = asyncio.ensure_future(self._begin(None, {}, request=request, how=how))
        await asyncio.wait({beginning, rest}, return_when=asyncio.FIRST_COMPLETED)
        return beginning.result() if beginning.done() else self.turns[-1]

    async def _go_on_for_page(self, command: c.Resume | c.StepAction | c.StepDelta) -> None:
        how: GoOn = "resume" if isinstance(command, c.Resume) else "step"
        if isinstance(command, c.StepDelta):
            how = "step-delta"
        await self._run_for_page(command.request, self._go_on(how, command.request))

    def _let(self, how: GoOn) -> None:
        let = {"resume": self._holds.resume, "step": self._holds.step, "step-delta": self._holds.step_delta}
        let[how]()
        self._tell_controls()

    async def _rewind_for_page(self, command: c.Rewind) -> None:
        try:
            if self._running is not None:
                self._stop()
                await self._ended()
            self._rewind(command.step)
        except BurrChatError as error:
            self._refuse(command.request, str(error))
        else:
            self._accept(command.request)

    async def _ended(self) -> None:
        """Wait until no turn runs."""
        while self._running is not None:
            rest = asyncio.get_running_loop().create_future()
            self._rests.append(rest)
            await rest

    def _rewind(self, step: int | None) -> None:
        values = self.checkpoints.values(step) if step is not None else None
        state = self.checkpoints.start if step is None else values and values.after
        if state is None:
            raise NoCheckpoint(
                f"there is no checkpoint of step {step}", remedy="chat.checkpoints has those that can be gone back to"
            )
        restore(self.app, state)
        self.checkpoints.drop_after(step)
        turns = {each.turn for each in self.checkpoints}
        self.turns = [turn for turn in self.turns if turn.key in turns]
        self._before_last = self._last = None
        if self._conversation is not None:
            self._conversation.settle(self.app)
        composer, next_action = self._next()
        self._composer = composer
        remark = "Rewound to the beginning." if values is None else f"Rewound to after {values.action}."

        def change(view: View) -> None:
            trim(view, step, next_action=next_action, remark=remark)
            view.composer = composer

        self.outbox.change(change)

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

    async def _run(
        self, given: Given, *, request: str | None, replaces: str | None = None, how: GoOn = "resume"
    ) -> Turn:
        self._check_free()
        if self._conversation is not None:
            self._conversation.check()
        before = take_snapshot(self.app)
        self._count += 1
        turn = Turn(f"t{self._count}", given.inputs, request=request, replaces=replaces)
        control = TurnControl()
        began = False
        self._running = turn, control
        self._holds.begin_turn()
        if how != "resume":
            self._let(how)
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
                holds=self._holds,
                recorder=self.checkpoints,
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
            self._rest()
        return turn

    def _rest(self) -> None:
        """The turn is held or has ended: whoever waits for that goes on."""
        rests, self._rests = self._rests, []
        for rest in rests:
            if not rest.done():
                rest.set_result(None)

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
        if isinstance(event, TurnPaused):
            self._rest()

    def _refuse(self, request: str, reason: str, fields: Mapping[str, str] | None = None) -> None:
        running = self._running[0].key if self._running is not None else ""
        refused = Refused(**_stamp(running), request=request, reason=reason, fields=dict(fields or {}))
        self._requests[request] = refused
        self.outbox.put(refused)

    def _accept(self, request: str) -> None:
        running = self._running[0].key if self._running is not None else ""
        self._accepted.add(request)
        self.outbox.put(Accepted(**_stamp(running), request=request))

    def _tell_controls(self) -> None:
        points = [
            BreakpointSeen(action=point.action, when=point.when, condition=point.condition_name)
            for point in self.breakpoints
        ]
        controls = ControlsChanged(**_stamp(""), pausing=self._holds.pausing, breakpoints=points)
        if (controls.pausing, controls.breakpoints) != self._controls:
            self._controls = controls.pausing, controls.breakpoints
            self.outbox.put(controls)

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
