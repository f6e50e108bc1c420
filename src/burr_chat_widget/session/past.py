"""Going back: to a checkpoint, to another branch, or to where a turn began."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from burr_chat_widget.bridge import (
    SEQUENCE_ID,
    Given,
    Snapshot,
    edited,
    fork_application,
    restore,
    take_snapshot,
)
from burr_chat_widget.errors import ConventionError, NoCheckpoint, TurnRunning
from burr_chat_widget.protocol.trim import trim_after_step, trim_from_turn
from burr_chat_widget.protocol.view import View
from burr_chat_widget.store import free_of_threads
from burr_chat_widget.transport.loops import TurnLoop, wait_for

from .branches import Branches, turns_up_to
from .checkpoints import Checkpoint, Checkpoints, StepValues
from .forked import Edits, Forked, up_to
from .front import Front
from .keeping import Keeping
from .options import Options
from .turn import Turn
from .turns import Turns, text_input

__all__ = ["Past"]

T = TypeVar("T")


class Past:
    """What a session does about what has been. All of it happens on the loop's thread; what Python calls waits for that."""

    def __init__(
        self, loop: TurnLoop, branches: Branches, turns: Turns, front: Front, keeping: Keeping, options: Options
    ) -> None:
        self._loop = loop
        self._branches = branches
        self._turns = turns
        self._front = front
        self._keeping = keeping
        self._options = options

    def rewind(self, checkpoint: Checkpoint, edits: Edits) -> None:
        """Go back to where the application was then, with changes by hand. On any thread.

        A turn that is held is stopped, once nothing else is in the way; one that was asked to stop is waited for. Where this is the
        thread that it runs on, it could not end meanwhile.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """

        def rewind() -> None:
            self._turns.check()
            self._branches.shown.checkpoints.check(checkpoint)
            self._rewind(checkpoint.sequence_id, edits)

        async def after_stop() -> None:
            running = self._turns.running
            if running is not None and running.held is not None:
                self._keeping.check()
                self._branches.shown.checkpoints.check(checkpoint)
                self._state_at(checkpoint.sequence_id, edits)
                self._turns.stop()
            await self._turns.after_stop()
            rewind()

        self._on_loop(rewind, after_stop)

    def _on_loop(self, call: Callable[[], T], task: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do it where nothing else happens between a check and what it is for: as a task, or here where that is the loop's thread."""
        if self._loop.is_here():
            return call()
        try:
            return wait_for(self._loop, task)
        except TimeoutError:
            raise TurnRunning("the chat's loop is busy", remedy="wait for what runs on it") from None

    async def rewind_to(self, step: int, edits: Edits, branch: str | None = None) -> None:
        """The same as a page asks for it, by the step of a branch; a turn that runs is stopped, once nothing else is in the way."""
        await self._free_for(step, edits, branch)
        self._rewind(step, edits)

    async def _free_for(self, step: int, edits: Edits, branch: str | None) -> None:
        """Make sure that one can go back there, then that no turn runs; and again, as time has passed."""
        self._keeping.check()
        self._state_at(step, edits, branch)
        await self._turns.stopped()
        self._turns.check()
        self._state_at(step, edits, branch)

    def _rewind(self, step: int, edits: Edits) -> None:
        branch = self._branches.shown
        values, state = self._state_at(step, edits)
        restore(branch.app, state)
        branch.cut(step, values.turn)
        self._keeping.settle(branch.app)
        view = self._front.outbox.view()
        self._trim(view, step, f"Rewound to after {values.action}", edits)
        self._front.show(view)

    async def retry(self, key: str, text: str | None = None, *, request: str | None = None) -> Turn:
        """Run a turn again, on a branch of its own; one that failed or was stopped, and is the last, is taken back for it.

        Args:
            key: the turn's.
            text: what is said instead.
            request: the page's name for what it asked.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if there is no such turn, or where it began is not kept.
            ConventionError: if there is a text, and the turn was not begun by one.
        """
        self._turns.check()
        turns = self._branches.shown.turns
        index = next((n for n, each in enumerate(turns) if each.key == key), None)
        if index is None:
            raise NoCheckpoint(f"there is no turn {key!r} to try again", remedy="send the prompt anew")
        if any(each.replaces == key for each in turns):
            raise NoCheckpoint(f"turn {key!r} was tried again since", remedy="retry the one that has its place")
        turn, given = turns[index], turns[index].given
        if text is not None:
            said = text_input(given, turn.prompt)
            if said is None:
                raise ConventionError(f"turn {key!r} was not begun by a text alone", remedy="retry it as it was")
            given = Given({**given.inputs, said: text}, given.asked)
        elif turn.status in ("failed", "stopped") and turn is turns[-1]:
            return await self._turns.run(given, request=request, replaces=key)
        kept = turns[:index]
        checkpoints = self._branches.shown.checkpoints.of([turn.key for turn in kept])
        start = self._start_of(index)
        self._branch_off(start, self._last_of(kept), checkpoints, kept, lambda view: trim_from_turn(view, key))
        return await self._turns.run(given, request=request, beside=key)

    async def fork_at(self, step: int, edits: Edits, branch: str | None = None) -> None:
        """Show another branch, which goes on from where the application was after that step.

        A turn that runs is stopped, once nothing else is in the way.

        Raises:
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        await self._free_for(step, edits, branch)
        parent = self._branches.shown
        values, state = self._state_at(step, edits)
        self._branch_off(
            state,
            step,
            up_to(parent.checkpoints, step, state),
            turns_up_to(parent.turns, step, values.turn),
            lambda view: self._trim(view, step, f"Forked after {values.action}", edits),
        )
        self._keeping.settle(self._branches.shown.app)

    def _branch_off(
        self,
        state: Snapshot,
        after: int | None,
        checkpoints: Checkpoints,
        turns: list[Turn],
        trim: Callable[[View], None],
    ) -> None:
        """Show another branch, which goes on from that state, the one after that step, with these turns."""
        app = fork_application(self._branches.shown.app, state, after=after)
        if self._options.runner == "thread":
            free_of_threads(app)
        branch = self._branches.add(app, checkpoints, turns)
        self._branches.show(branch, self._front.outbox.view())
        view = self._front.outbox.view()
        trim(view)
        self._front.show(view)

    def _trim(self, view: View, step: int, done: str, edits: Edits) -> None:
        """Take out what came after the step, and say so."""
        keys = edits if isinstance(edits, Mapping) else [edit.path[0] for edit in edits]
        changed = ", ".join(dict.fromkeys(str(key) for key in keys))
        trim_after_step(view, step, remark=f"{done}, with {changed} changed by hand." if changed else f"{done}.")

    def _state_at(self, step: int, edits: Edits, branch: str | None = None) -> tuple[StepValues, Snapshot]:
        """What is known of a step, and the state after it with the edits; of `branch`, which must be the one that is shown."""
        shown = self._branches.shown
        if branch not in (None, shown.key):
            raise NoCheckpoint(
                f"step {step} was chosen on another branch than the one that is shown now",
                remedy="show that branch first, or choose a step of this one",
            )
        values = shown.checkpoints.values(step)
        if values is None or values.after is None:
            raise NoCheckpoint(
                f"there is no checkpoint of step {step}", remedy="chat.checkpoints has those that can be gone back to"
            )
        return values, edited(values.after, edits) if edits else values.after

    def _start_of(self, index: int) -> Snapshot:
        """The state that the turn of that index began with; one that ran nothing began with what the next one began with."""
        branch = self._branches.shown
        taken_back = {turn.replaces for turn in branch.turns}
        began = (turn.steps[0] for turn in branch.turns[index:] if turn.steps and turn.key not in taken_back)
        first = next(began, None)
        if first is None:
            return take_snapshot(branch.app)
        values = branch.checkpoints.values(first)
        if values is None:
            key = branch.turns[index].key
            raise NoCheckpoint(f"where turn {key!r} began is not kept any more", remedy="send the prompt anew")
        return values.before

    def _last_of(self, turns: list[Turn]) -> int | None:
        """The last step of these turns that was not undone, by its sequence id; without one, where the session began."""
        ended = (turn.steps[-1] for turn in reversed(turns) if turn.status == "completed" and turn.steps)
        return next(ended, self._branches.shown.checkpoints.start.get_all().get(SEQUENCE_ID))

    async def switch(self, key: str) -> None:
        """Show the branch that holds that turn, or has that key.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if there is none.
        """
        self._turns.check()
        branch = self._branches.get(key) or self._branches.with_turn(key)
        if branch is None:
            raise NoCheckpoint(f"there is no turn {key!r}", remedy="reload the page")
        if branch is not self._branches.shown:
            left = self._branches.show(branch, self._front.outbox.view())
            assert left is not None, "each branch but the one that is shown has been left once"
            self._front.show(left)
            self._keeping.settle(branch.app)

    def fork_of(self, checkpoint: Checkpoint, edits: Edits, app_id: str | None) -> Forked:
        """Another application that goes on from a checkpoint, with changes of its state by hand. On any thread.

        Raises:
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """

        def copied() -> Forked:
            branch = self._branches.shown
            branch.checkpoints.check(checkpoint)
            step = checkpoint.sequence_id
            return Forked(
                app=branch.app,
                checkpoint=checkpoint,
                checkpoints=up_to(
                    branch.checkpoints, step, edited(checkpoint.state, edits) if edits else checkpoint.state
                ),
                turns=turns_up_to(branch.turns, step, checkpoint.turn),
                begun=self._turns.begun,
                view=self._front.outbox.view(),
                edits=edits,
            )

        async def task() -> Forked:
            return copied()

        forked = self._on_loop(copied, task)
        # On the caller's thread, where hooks and what they hold may belong.
        return replace(forked, app=fork_application(forked.app, forked.checkpoints[-1].state, app_id=app_id))

    def take_over(self, forked: Forked) -> None:
        """Show what was said in another session before this one's application was forked from it. Nobody uses this one yet."""
        branch, checkpoint = self._branches.shown, forked.checkpoint
        branch.checkpoints, branch.turns = forked.checkpoints, forked.turns
        self._turns.begun = forked.begun
        self._trim(forked.view, checkpoint.sequence_id, f"Forked after {checkpoint.action}", forked.edits)
        self._front.show(forked.view)
