"""One conversation with one application: commands become calls of the bridge, one turn at a time."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from msgspec.structs import replace

from burr_chat_widget.bridge import (
    UNCOMPARED,
    Breakpoints,
    DeltaOption,
    Given,
    Holds,
    Redaction,
    RedactOption,
    Render,
    Rows,
    TurnControl,
    check_application,
    check_free,
    check_prompt,
    composer_of,
    describe_graph,
    describe_model,
    earlier_messages,
    edited,
    fork_application,
    inputs_given,
    next_inputs,
    read_option,
    restore,
    rows_of,
    stream_turn,
    take_snapshot,
)
from burr_chat_widget.errors import BurrChatError, ConventionError, NoCheckpoint, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.events import TurnError, TurnEvent, TurnFailed, TurnPaused, TurnStarted, TurnStopped
from burr_chat_widget.protocol.fold import mark_next, new_view
from burr_chat_widget.protocol.frames import BranchesChanged, ComposerChanged, ControlsChanged
from burr_chat_widget.protocol.trim import trim
from burr_chat_widget.protocol.view import Breakpoint as BreakpointSeen
from burr_chat_widget.protocol.view import Composer, Session, View
from burr_chat_widget.store import Conversation, free_of_threads
from burr_chat_widget.transport.comm import cell_context, shown_under
from burr_chat_widget.transport.loops import Runner, loop_remedy, new_loop
from burr_chat_widget.transport.outbox import Outbox

from .branches import App, Branch, Branches
from .checkpoints import Checkpoint, Checkpoints
from .pages import Pages
from .turn import Turn

__all__ = ["App", "ChatSession", "GoOn"]

logger = logging.getLogger(__name__)

GoOn: TypeAlias = Literal["resume", "step", "step-delta"]
"""How a held turn goes on: to a breakpoint or its end, by one action, to the next delta."""

Edits: TypeAlias = "Sequence[c.Edit] | Mapping[str, Any]"
"""What is changed in a state by hand: see `edited`."""


class ChatSession:
    """One running turn at a time of one application, and what there is to see of it.

    Life of a turn: `begin` (from Python) or `pages.handle` (a page's command) -> the loop's thread -> the bridge's events, each
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
        redact: RedactOption = None,
    ) -> None:
        check_application(app)
        self.redaction = Redaction(redact)
        check_prompt(app, prompt)
        read_option(delta)
        self.title = title or "Chat"
        self.inputs = dict(inputs or {})
        self._suggestions = list(suggestions)
        self._shown: contextvars.Context | None = None
        self._made = cell_context()
        self._prompt = prompt
        self._history = history
        self._delta = delta
        self._render = render
        self._runner: Runner = runner
        self._loop = new_loop(runner)
        self._running: tuple[Turn, TurnControl] | None = None
        self._given: dict[str, Given] = {}
        """What the turns were given, by their keys."""
        self._conversation: Conversation | None = None
        self._rests: list[asyncio.Future[None]] = []
        """Of those who wait until the running turn is held or has ended."""
        self.breakpoints = Breakpoints([action.name for action in app.graph.actions], self._tell_controls)
        self._holds = Holds(self.breakpoints)
        self._controls: tuple[bool, list[BreakpointSeen]] = False, []
        if runner == "thread":
            free_of_threads(app)
        self.branches = Branches(Branch("b1", app, Checkpoints(take_snapshot(app), checkpoints)))
        self._composer, next_action = self._next()
        view = new_view(self._described(app), describe_graph(app), self._composer, next_action=next_action)
        view.messages = earlier_messages(app, history, render)
        self.outbox = Outbox(view)
        self.pages = Pages(self)
        for action in breakpoints:
            self.breakpoints.add(action)

    def keep(self, conversation: Conversation) -> None:
        """Keep what happens from now on in the conversation that the application was made by."""
        self._conversation = conversation

    @property
    def app(self) -> App:
        """The application of the branch that is shown."""
        return self.branches.shown.app

    @property
    def turns(self) -> list[Turn]:
        """The turns of the branch that is shown."""
        return self.branches.shown.turns

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of the branch that is shown."""
        return self.branches.shown.checkpoints

    @property
    def running(self) -> Turn | None:
        """The running turn."""
        return self._running[0] if self._running is not None else None

    # From any thread.

    def begin(self, text: str | None, inputs: Mapping[str, Any]) -> concurrent.futures.Future[Turn]:
        """Begin a turn; the future holds it when it has ended, in whatever way.

        The future raises `TurnRunning` when a turn runs, and what `inputs_given` raises when these are not what the next action
        takes.
        """
        return self._from_cell(functools.partial(self.send, text, inputs))

    def let(self, how: GoOn) -> concurrent.futures.Future[Turn]:
        """Let the held turn go on; where none runs, begin one without inputs. The future holds it when it is held again or has ended.

        It raises what the future of `begin` raises.
        """
        return self._from_cell(functools.partial(self.go_on, how))

    def _from_cell(self, make: Callable[[], Coroutine[Any, Any, Turn]]) -> concurrent.futures.Future[Turn]:
        context = cell_context()
        if self._shown is not None:
            context = shown_under(self._shown, context)
        return self._loop.submit(make, context)

    def submit(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> concurrent.futures.Future[Any]:
        """Run a coroutine for a page, on the loop's thread.

        Raises:
            RuntimeError: if the chat is closed, or there is no loop.
        """
        return self._loop.submit(make, self._shown or self._made)

    def shown(self) -> None:
        """The chat is displayed by the cell that runs now: from now on what actions print lands there.

        Until then it lands under the cell that calls `begin`.
        """
        self._shown = cell_context()

    def stop(self, turn: str | None = None) -> None:
        """Let the running turn end as stopped, if it is that one. Without one nothing happens."""
        self._loop.call(functools.partial(self._stop, turn))

    def pause(self, *, off: bool = False) -> None:
        """Hold the running turn, or the next one, before its next action."""
        self._holds.pause(off=off)
        self._tell_controls()

    def rewind(self, checkpoint: Checkpoint, edits: Edits = ()) -> None:
        """Go back to where the application was after that step, with changes by hand.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if it is none of this chat's, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        self._check_free()
        self.checkpoints.check(checkpoint)
        self._rewind(checkpoint.sequence_id, edits)

    def fork_of(self, checkpoint: Checkpoint, edits: Edits, app_id: str | None) -> App:
        """An application that goes on from a checkpoint, with changes of its state by hand.

        Raises:
            NoCheckpoint: if it is none of this chat's, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        self.checkpoints.check(checkpoint)
        return fork_application(self.app, edited(checkpoint.state, edits), app_id=app_id)

    def take_over(self, other: ChatSession, checkpoint: Checkpoint) -> None:
        """Show what was said in another session up to a checkpoint, from which this one's application goes on."""
        step = checkpoint.sequence_id
        turns = other.turns[: 1 + next(n for n, turn in enumerate(other.turns) if turn.key == checkpoint.turn)]
        branch = self.branches.shown
        branch.checkpoints, branch.turns = other.checkpoints.up_to(step), turns
        self._given = dict(other._given)
        view = other.outbox.view()
        trim(view, step, remark=f"Forked after {checkpoint.action}.")
        self._show(view)

    def inspect(self, command: c.Inspect) -> Rows:
        """What a page wants to look into."""
        rows = functools.partial(rows_of, path=command.path, start=command.start, redaction=self.redaction)
        if command.step is None:
            other = self.branches.get(command.against) if command.against is not None else None
            return rows(self.app.state if other is None else other.app.state, self.app.state)
        values = self.checkpoints.values(command.step)
        if values is None:
            return Rows(error="This step is not kept any more.")
        if command.what == "state":
            return rows(values.before, values.before if values.after is None else values.after)
        return rows(UNCOMPARED, values.inputs if command.what == "inputs" else values.result)

    def close(self) -> None:
        """Stop what runs, and take no more turns."""
        self.stop()
        self._loop.close()
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close(release=self._loop.ended())

    def stamp(self) -> Stamp:
        """Time and turn of what is told now."""
        return _stamp(self._running[0].key if self._running is not None else "")

    # On the loop's thread.

    def _stop(self, turn: str | None = None) -> None:
        if self._running is not None and turn in (None, self._running[0].key):
            self._running[1].stop()

    async def send(self, text: str | None, inputs: Mapping[str, Any], *, request: str | None = None) -> Turn:
        """Run a turn with what a person said and filled in."""
        return await self._begin(text, inputs, request=request)

    async def _begin(
        self, text: str | None, inputs: Mapping[str, Any], *, request: str | None = None, how: GoOn = "resume"
    ) -> Turn:
        self._check_free()
        wanted = next_inputs(self.app, prompt=self._prompt, constants=self.inputs)
        given = inputs_given(self.app, wanted, text, inputs, typed=request is not None, redaction=self.redaction)
        return await self._run(given, request=request, how=how)

    async def go_on(self, how: GoOn, *, request: str | None = None) -> Turn:
        """Let the held turn go on, or begin one without inputs; returns when it is held again or has ended."""
        rest = self._next_rest()
        if self._running is not None:
            turn = self._running[0]
            self._let(how)
            await rest
            return turn
        beginning = asyncio.ensure_future(self._begin(None, {}, request=request, how=how))
        await asyncio.wait({beginning, rest}, return_when=asyncio.FIRST_COMPLETED)
        return beginning.result() if beginning.done() else self.turns[-1]

    def _let(self, how: GoOn) -> None:
        let = {"resume": self._holds.resume, "step": self._holds.step, "step-delta": self._holds.step_delta}
        let[how]()
        self._tell_controls()

    async def retry(self, turn: str, text: str | None = None, *, request: str | None = None) -> Turn:
        """Run a turn again, on a branch of its own; one that failed or was stopped, and is the last, is taken back for it."""
        self._check_free()
        index = next((n for n, each in enumerate(self.turns) if each.key == turn), None)
        given = self._given.get(turn)
        if index is None or given is None:
            raise NoCheckpoint(f"there is no turn {turn!r} to try again", remedy="send the prompt anew")
        again = self.turns[index]
        if text is not None:
            said = _text_input(given, again.prompt)
            if said is None:
                raise ConventionError(f"turn {turn!r} was not begun by a text alone", remedy="retry it as it was")
            given = Given({**given.inputs, said: text}, given.asked)
        elif again.status in ("failed", "stopped") and again is self.turns[-1]:
            return await self._run(given, request=request, replaces=turn)
        self._branch_off(index)
        return await self._run(given, request=request, beside=turn)

    def _branch_off(self, index: int) -> None:
        """Begin another branch where the turn of that index began."""
        turn = self.turns[index].key
        first = next(((n, v) for n, v in self.checkpoints.items() if v.turn == turn), None)
        if first is None:
            raise NoCheckpoint(f"where turn {turn!r} began is not kept any more", remedy="send the prompt anew")
        number, values = first
        step = max((n for n, _ in self.checkpoints.items() if n < number), default=None)
        app = fork_application(self.app, values.before)
        if self._runner == "thread":
            free_of_threads(app)
        branch = self.branches.add(app, self.checkpoints.up_to(step), self.turns[:index])
        self.branches.show(branch, self.outbox.view())
        view = self.outbox.view()
        trim(view, step)
        self._show(view)

    async def switch(self, turn: str) -> None:
        """Show the branch that holds that turn, or has that key."""
        self._check_free()
        branch = self.branches.get(turn) or self.branches.with_turn(turn)
        if branch is None:
            raise NoCheckpoint(f"there is no turn {turn!r}", remedy="reload the page")
        if branch is not self.branches.shown:
            left = self.branches.show(branch, self.outbox.view())
            assert left is not None
            self._show(left)
            self._keep_state()

    async def rewind_to(self, step: int, edits: Edits) -> None:
        """Go back to where the application was after that step; a turn that runs is stopped first."""
        while self._running is not None:
            rest = self._next_rest()
            self._stop()
            await rest
        self._rewind(step, edits)

    def _rewind(self, step: int, edits: Edits) -> None:
        values = self.checkpoints.values(step)
        if values is None or values.after is None:
            raise NoCheckpoint(
                f"there is no checkpoint of step {step}", remedy="chat.checkpoints has those that can be gone back to"
            )
        check_free(self.app)
        restore(self.app, edited(values.after, edits))
        branch = self.branches.shown
        branch.checkpoints.drop_after(step)
        branch.turns = branch.turns[: 1 + next(n for n, turn in enumerate(branch.turns) if turn.key == values.turn)]
        branch.own = min(branch.own, len(branch.turns))
        self._keep_state()
        view = self.outbox.view()
        trim(view, step, remark=f"Rewound to after {values.action}.")
        self._show(view)

    def _show(self, view: View) -> None:
        """Let every page have that view, with what is so now."""
        self._composer, next_action = self._next()
        view.composer = self._composer
        view.session = self._described(self.app)
        view.pausing, view.breakpoints = self._controls
        view.branch = self.branches.shown.key
        view.branches = self.branches.infos()
        for turn in view.turns:
            turn.siblings = self.branches.siblings(turn.key)
        mark_next(view, next_action)
        self.outbox.replace(view)

    async def restart(self) -> None:
        """Begin again at the entrypoint, where the application has ended."""
        self._check_free()
        self.app.reset_to_entrypoint()
        self._tell_composer()

    def _check_free(self) -> None:
        if self._running is not None:
            raise TurnRunning(
                f"turn {self._running[0].key!r} is running", remedy="wait for it to end, or stop it with chat.stop()"
            )
        check_free(self.app)

    async def _run(
        self,
        given: Given,
        *,
        request: str | None,
        replaces: str | None = None,
        beside: str | None = None,
        how: GoOn = "resume",
    ) -> Turn:
        self._check_free()
        if self._conversation is not None:
            self._conversation.check()
        turn = Turn(f"t{len(self._given) + 1}", given.inputs, request=request, replaces=replaces)
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
                redaction=self.redaction,
                sync="thread" if self._runner == "thread" else "inline",
            ):
                if isinstance(event, TurnStarted):
                    began = True
                    self.turns.append(turn)
                    self._given[turn.key] = given
                    if beside is not None:
                        self.branches.begin_beside(beside, turn.key)
                    if replaces is not None:
                        self.branches.begin_instead(replaces, turn.key)
                    prompt = given.said or event.prompt
                    event = replace(
                        event,
                        prompt=prompt,
                        editable=_text_input(given, prompt) is not None,
                        request=request,
                        replaces=replaces,
                        siblings=self.branches.siblings(turn.key),
                    )
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
            self._tell_composer()
            if len(self.branches) > 1:
                self.outbox.put(BranchesChanged(**_stamp(""), branches=self.branches.infos()))
            self._rest()
        return turn

    def _next_rest(self) -> asyncio.Future[None]:
        """Done when the turn is held or has ended."""
        rest: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rests.append(rest)
        return rest

    def _rest(self) -> None:
        """The turn is held or has ended: whoever waits for that goes on."""
        rests, self._rests = self._rests, []
        for rest in rests:
            if not rest.done():
                rest.set_result(None)

    def _settle(self, turn: Turn) -> None:
        if turn.status == "completed" and self.branches.shown.parent is None:
            return  # its steps have saved it
        try:
            self._keep_state()
        except Exception:  # whoever opens the conversation passes over what the turn has left there
            logger.warning("turn %s of %r could not be taken back in the store", turn.key, self.app.uid, exc_info=True)

    def _keep_state(self) -> None:
        """The conversation goes on from the state as it is now, whatever its steps have saved."""
        if self._conversation is not None:
            self._conversation.settle(self.app)

    def _tell(self, turn: Turn, event: TurnEvent) -> None:
        turn.record(event)
        self.outbox.put(event)
        if isinstance(event, TurnPaused):
            self._rest()

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

    def _described(self, app: App) -> Session:
        return Session(title=self.title, app_id=str(app.uid), model=describe_model(app), suggestions=self._suggestions)

    def _next(self) -> tuple[Composer, str | None]:
        """What the composer can do now, and the action that comes next."""
        try:
            wanted = next_inputs(self.app, prompt=self._prompt, constants=self.inputs)
        except BurrChatError as error:
            return Composer(enabled=False, hint=str(error)), None
        return composer_of(self.app, wanted, self.redaction), wanted.action


def _text_input(given: Given, prompt: str | None) -> str | None:
    """The name of the one text that a turn was begun by."""
    names = [name for name, value in given.inputs.items() if isinstance(value, str) and value == prompt]
    return names[0] if len(names) == 1 and given.said is None else None


def _stamp(turn: str) -> Stamp:
    return {"time": time.time(), "monotonic": time.monotonic(), "turn": turn}


class Stamp(TypedDict):
    """When something was told, and in which turn."""

    time: float
    monotonic: float
    turn: str
