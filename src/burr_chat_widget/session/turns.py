"""The turns of a session, one at a time: how they begin, are held and go on, and end."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from msgspec.structs import replace

from burr_chat_widget.bridge import (
    Given,
    Holds,
    Masker,
    TurnControl,
    can_go_on,
    check_free,
    describe_error,
    inputs_given,
    kept,
    next_inputs,
    stream_turn,
)
from burr_chat_widget.errors import BurrChatError, TurnRunning
from burr_chat_widget.protocol.events import TurnError, TurnEvent, TurnFailed, TurnPaused, TurnStarted, TurnStopped
from burr_chat_widget.transport.loops import loop_remedy

from .branches import Branches
from .front import Front, stamp
from .keeping import Keeping
from .options import Options
from .turn import Turn, given_before

__all__ = ["GoOn", "Turns", "text_input"]

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a turn which was asked to stop is waited for."""

GoOn: TypeAlias = Literal["resume", "step", "step-delta"]
"""How a held turn goes on: to a breakpoint or its end, by one action, to the next delta."""


class Turns:
    """Runs the turns of the branch that is shown. All of it happens on the loop's thread, `check` apart.

    Life of a turn: `begin` or `run` -> the bridge's events, each recorded in the `Turn` and put into the outbox; held and going on
    any number of times -> its end, after which the next may begin.

    Attributes:
        running: the running turn.
        begun: how many turns have begun in this session, on all branches.
    """

    def __init__(self, branches: Branches, holds: Holds, front: Front, keeping: Keeping, options: Options) -> None:
        self._branches = branches
        self._holds = holds
        self._front = front
        self._keeping = keeping
        self._options = options
        self.running: Turn | None = None
        self.begun = 0
        self._control = TurnControl()
        self._rests: list[asyncio.Future[None]] = []  # of those who wait until the running turn is held or has ended

    def check(self) -> None:
        """Make sure that a turn may begin now, or the application be changed.

        Raises:
            TurnRunning: if one runs.
            ConversationMoved: if somebody else has gone on with the conversation.
        """
        self.check_free()
        self._keeping.check()

    def check_free(self) -> None:
        """Make sure that no turn runs. Raises TurnRunning if one does."""
        if self.running is not None:
            stops = self._control.stopped
            raise TurnRunning(
                f"turn {self.running.key!r} is {'being stopped' if stops else 'running'}",
                turn=self.running.key,
                remedy="wait for it to end" + ("" if stops else ", or stop it with chat.stop()"),
            )
        check_free(self._branches.shown.app)

    async def look(self) -> None:
        """Show what comes next anew, if the application's state is another one than it was told of; not while a turn runs."""
        try:
            self.check_free()
            if self._front.is_stale():
                self._front.show(self._front.outbox.view())
        except TurnRunning:
            pass  # what it does is told
        except Exception:  # nobody waits for this
            logger.exception("what comes next could not be shown")

    def stop(self, turn: str | None = None) -> None:
        """Let the running turn end as stopped, if it is that one; without a name also one that `go_on` is about to begin."""
        if turn is None or (self.running is not None and turn == self.running.key):
            self._control.stop()

    def stop_soon(self, turn: str | None = None) -> None:
        """The same, after what was asked for before has begun: the task of that, which is made already, takes its first step first."""
        asyncio.get_running_loop().call_soon(self.stop, turn)

    async def stopped(self) -> None:
        """Stop the running turn, and wait until none runs."""
        while self.running is not None:
            rest = self._next_rest()
            self.stop()
            await rest

    async def after_stop(self) -> None:
        """Wait for the end of the running turn, if it was asked to stop; for `PATIENCE` seconds at most."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while self.running is not None and self._control.stopped and (left := end - loop.time()) > 0:
            await asyncio.wait({self._next_rest()}, timeout=left)

    async def begin(
        self,
        text: str | None,
        inputs: Mapping[str, Any],
        *,
        request: str | None = None,
        typed: bool = False,
        how: GoOn = "resume",
        control: TurnControl | None = None,
    ) -> Turn:
        """Run a turn with what a person said and filled in. Returns when it has ended, in whatever way.

        With nothing, where one has gone back into the middle of a turn: with what that was given, as far as it is not used up.

        Args:
            text: see `inputs_given`, as for `inputs` and `typed`.
            inputs: by name.
            request: the page's name for what it asked.
            typed: they were filled into a form.
            how: how far it runs.
            control: stops it.

        Raises:
            TurnRunning: if one runs.
            BurrChatError: what `inputs_given` raises when these are not what the next action takes.
        """
        self.check_free()
        app, options = self._branches.shown.app, self._options
        before = given_before(self._branches.shown.turns) if text is None and not inputs else None
        if before is not None and can_go_on(app, before, options.inputs, options.prompt):
            return await self.run(before, request=request, how=how, control=control)
        wanted = next_inputs(app, prompt=options.prompt, constants=options.inputs, redaction=options.redaction)
        given = inputs_given(app, wanted, text, inputs, typed=typed, redaction=options.redaction)
        return await self.run(given, request=request, how=how, control=control)

    async def go_on(self, how: GoOn) -> Turn:
        """Let the held turn go on, or begin one without inputs; returns when it is held again or has ended."""
        rest = self._next_rest()
        if self.running is not None:
            turn = self.running
            self._let(how)
            await rest
            return turn
        control = self._control = TurnControl()
        beginning = asyncio.ensure_future(self.begin(None, {}, how=how, control=control))
        await asyncio.wait({beginning, rest}, return_when=asyncio.FIRST_COMPLETED)
        return beginning.result() if beginning.done() else self._branches.shown.turns[-1]

    async def go_on_for(self, request: str, how: GoOn, *, may_begin: bool = True) -> None:
        """The same as a page asks for it: returns when the held turn goes on, or the one that was begun has ended.

        Raises:
            BurrChatError: if none runs, and it may not begin one, or what `begin` raises.
        """
        if self.running is not None:
            self._let(how)
        elif may_begin:
            await self.begin(None, {}, request=request, how=how)
        else:
            raise BurrChatError("the turn has ended meanwhile", remedy="ask again to begin another one")

    def _let(self, how: GoOn) -> None:
        {"resume": self._holds.resume, "step": self._holds.step, "step-delta": self._holds.step_delta}[how]()
        self._front.tell_controls()

    async def run(
        self,
        given: Given,
        *,
        request: str | None = None,
        replaces: str | None = None,
        beside: str | None = None,
        how: GoOn = "resume",
        control: TurnControl | None = None,
    ) -> Turn:
        """Run a turn; returns when it has ended.

        Args:
            given: what it is given, the constants apart.
            request: the page's name for what it asked.
            replaces: the key of the turn that is taken back for it.
            beside: the key of a turn that began where this one does.
            how: how far it runs.
            control: stops it.
        """
        self.check()
        branch, options = self._branches.shown, self._options
        if replaces is not None or beside is not None:
            given = dataclasses.replace(given, inputs={name: kept(value) for name, value in given.inputs.items()})
        turn = Turn(f"{options.turns}{self.begun + 1}", given.inputs, given=given, request=request, replaces=replaces)
        began = False
        self.running, self._control = turn, control or TurnControl()
        self._holds.begin_turn()
        if how != "resume":
            self._let(how)
        try:
            async for event in stream_turn(
                branch.app,
                {**options.inputs, **given.inputs},
                prompt=options.prompt,
                asked=given.asked,
                ran=given.ran,
                answered=given.answered,
                history=options.history,
                delta=options.delta,
                render=options.render,
                turn=turn.key,
                control=self._control,
                holds=self._holds,
                recorder=branch.checkpoints,
                redaction=options.redaction,
                sync="thread" if options.runner == "thread" else "inline",
            ):
                if isinstance(event, TurnStarted):
                    began = True
                    event = self._begun(turn, event, beside)
                elif isinstance(event, TurnFailed):
                    event = replace(event, error=self._explained(event.error))
                self._tell(turn, event)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            # Raised by the action; the turn is told as stopped. Let through, the first two would end the loop, which is everybody's.
            logger.info("turn %s of %r was interrupted", turn.key, branch.app.uid, exc_info=True)
        except Exception as error:
            if not began:
                raise
            logger.exception("turn %s of %r broke off", turn.key, branch.app.uid)
            masked = Masker(branch.app, {**options.inputs, **given.inputs}, options.redaction)
            self._tell(turn, TurnFailed(**stamp(turn.key), error=describe_error(error, masked=masked)))
        finally:
            if began and turn.status == "running":
                # Cancelled, by nobody who would have told: the action itself, or the end of the loop.
                self._tell(turn, TurnStopped(**stamp(turn.key)))
            if began and (turn.status != "completed" or branch.parent is not None):
                self._keeping.settle(branch.app, turn)  # else its steps have saved it
            self.running = None
            if turn.status == "stopped":
                self._holds.pause(off=True)  # what was asked of this turn is not asked of the next one
            self._front.tell_controls()
            self._front.tell_composer()
            self._front.tell_branches()
            self._rest()
        return turn

    def _begun(self, turn: Turn, event: TurnStarted, beside: str | None) -> TurnStarted:
        """The turn is one of the branch from now on; returns what pages are told of it."""
        self.begun += 1
        self._keeping.begin_turn(turn)
        turn.begin_sending(self._front.outbox.told(), self._front.outbox.sent)
        self._branches.shown.turns.append(turn)
        if beside is not None:
            self._branches.begin_beside(beside, turn.key)
        if turn.replaces is not None:
            self._branches.begin_instead(turn.replaces, turn.key)
            self._branches.shown.checkpoints.forget(turn.replaces)
        prompt = turn.given.said or event.prompt
        return replace(
            event,
            prompt=prompt,
            editable=text_input(turn.given, prompt) is not None,
            request=turn.request,
            replaces=turn.replaces,
            siblings=self._branches.siblings(turn.key),
        )

    def _explained(self, error: TurnError) -> TurnError:
        """What was raised on a loop that it was not made for says what to do about it."""
        if self._options.runner == "kernel":
            return error
        return replace(error, remedy=loop_remedy(f"{error.message}\n{error.traceback}") or error.remedy)

    def _tell(self, turn: Turn, event: TurnEvent) -> None:
        with self._front.outbox.order:  # whoever looks at the turn and at the view sees the same of both
            turn.record(event)
            self._front.outbox.put(event)
        if isinstance(event, TurnPaused):
            self._front.tell_controls()
            self._rest()

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


def text_input(given: Given, prompt: str | None) -> str | None:
    """The name of the one text that a turn was begun by."""
    names = [name for name, value in given.inputs.items() if isinstance(value, str) and value == prompt]
    return names[0] if len(names) == 1 and given.said is None else None
