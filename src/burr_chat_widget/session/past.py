"""Going back: to a checkpoint, to another branch, or to where a turn began."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from burr_chat_widget.bridge import Given, Snapshot, decision_now, edited, fork_application, restore, take_snapshot
from burr_chat_widget.errors import ConventionError, NoCheckpoint
from burr_chat_widget.protocol.commands import Edit
from burr_chat_widget.protocol.trim import trim_after_step, trim_from_turn
from burr_chat_widget.protocol.view import View
from burr_chat_widget.store import free_of_threads

from .branches import App, Branches, turns_up_to
from .checkpoints import Checkpoint, Checkpoints, StepValues
from .front import Front
from .keeping import Keeping
from .options import Options
from .turn import Turn
from .turns import Turns, text_input

__all__ = ["Edits", "Past"]

Edits: TypeAlias = "Sequence[Edit] | Mapping[str, Any]"
"""What is changed in a state by hand: see `edited`."""


class Past:
    """What a session does about what has been."""

    def __init__(self, branches: Branches, turns: Turns, front: Front, keeping: Keeping, options: Options) -> None:
        self._branches = branches
        self._turns = turns
        self._front = front
        self._keeping = keeping
        self._options = options

    def rewind(self, checkpoint: Checkpoint, edits: Edits) -> None:
        """Go back to where the application was then, with changes by hand. On any thread.

        Raises:
            TurnRunning: if a turn runs.
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        self._turns.check()
        self._branches.shown.checkpoints.check(checkpoint)
        self._rewind(checkpoint.sequence_id, edits)

    async def rewind_to(self, step: int, edits: Edits) -> None:
        """The same as a page asks for it, by the step; a turn that runs is stopped first."""
        await self._turns.stopped()
        self._turns.check()
        self._rewind(step, edits)

    def _rewind(self, step: int, edits: Edits) -> None:
        branch = self._branches.shown
        values, after = self._checkpoint(step)
        restore(branch.app, edited(after, edits))
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
        self._branch_off(self._start_of(index), checkpoints, kept, lambda view: trim_from_turn(view, key))
        return await self._turns.run(given, request=request, beside=key)

    async def fork_at(self, step: int, edits: Edits) -> None:
        """Show another branch, which goes on from where the application was after that step; a turn that runs is stopped first.

        Raises:
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        await self._turns.stopped()
        self._turns.check()
        parent = self._branches.shown
        values, after = self._checkpoint(step)
        self._branch_off(
            edited(after, edits),
            parent.checkpoints.up_to(step),
            turns_up_to(parent.turns, step, values.turn),
            lambda view: self._trim(view, step, f"Forked after {values.action}", edits),
        )
        self._keeping.settle(self._branches.shown.app)

    def _branch_off(
        self, state: Snapshot, checkpoints: Checkpoints, turns: list[Turn], trim: Callable[[View], None]
    ) -> None:
        """Show another branch, which goes on from that state, with these turns."""
        app = fork_application(self._branches.shown.app, state)
        if self._options.runner == "thread":
            free_of_threads(app)
        branch = self._branches.add(app, checkpoints, turns)
        self._branches.show(branch, self._front.outbox.view())
        view = self._front.outbox.view()
        trim(view)
        self._front.show(view)

    def _trim(self, view: View, step: int, done: str, edits: Edits) -> None:
        """Take out what came after the step. Where the state was changed by hand, another action may come next."""
        if not edits:
            trim_after_step(view, step, remark=f"{done}.")
            return
        branch = self._branches.shown
        keys = edits if isinstance(edits, Mapping) else [edit.path[0] for edit in edits]
        changed = ", ".join(dict.fromkeys(map(str, keys)))
        last = next(each for each in reversed(view.steps) if each.step == step)
        trim_after_step(
            view,
            step,
            remark=f"{done}, with {changed} changed by hand.",
            decision=decision_now(branch.app, last.turn, step, self._options.redaction),
        )

    def _checkpoint(self, step: int) -> tuple[StepValues, Snapshot]:
        values = self._branches.shown.checkpoints.values(step)
        if values is None or values.after is None:
            raise NoCheckpoint(
                f"there is no checkpoint of step {step}", remedy="chat.checkpoints has those that can be gone back to"
            )
        return values, values.after

    def _start_of(self, index: int) -> Snapshot:
        """The state that the turn of that index began with; one that ran nothing began with what the next one began with."""
        branch = self._branches.shown
        first = next((turn.steps[0] for turn in branch.turns[index:] if turn.steps), None)
        if first is None:
            return take_snapshot(branch.app)
        values = branch.checkpoints.values(first)
        if values is None:
            key = branch.turns[index].key
            raise NoCheckpoint(f"where turn {key!r} began is not kept any more", remedy="send the prompt anew")
        return values.before

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

    def fork_of(self, checkpoint: Checkpoint, edits: Edits, app_id: str | None) -> App:
        """An application that goes on from a checkpoint, with changes of its state by hand. On any thread.

        Raises:
            NoCheckpoint: if it is none of the branch that is shown, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        branch = self._branches.shown
        branch.checkpoints.check(checkpoint)
        return fork_application(branch.app, edited(checkpoint.state, edits), app_id=app_id)

    def take_over(self, other: Past, checkpoint: Checkpoint, edits: Edits) -> None:
        """Show what was said in another session up to a checkpoint, from which this one's application goes on."""
        step, theirs, branch = checkpoint.sequence_id, other._branches.shown, self._branches.shown
        branch.checkpoints, branch.turns = theirs.checkpoints.up_to(step), theirs.turns
        branch.cut(step, checkpoint.turn)
        self._turns.begun = other._turns.begun
        view = other._front.outbox.view()
        self._trim(view, step, f"Forked after {checkpoint.action}", edits)
        self._front.show(view)
