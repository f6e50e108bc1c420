"""Where an application was after each step, and what each step was given and gave back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, overload

from burr.core import State

from burr_chat_widget.bridge import Snapshot, kept, sharing
from burr_chat_widget.errors import NoCheckpoint

__all__ = ["Checkpoint", "Checkpoints", "StepValues"]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where the application was after a step.

    Attributes:
        action: the action that ran.
        sequence_id: the step's sequence id.
        state: Burr's state after it. It shares what has not changed with the checkpoints around it: do not change its values in place.
        turn: the key of the turn that the step belongs to.
    """

    action: str
    sequence_id: int
    state: State[Any]
    turn: str

    def __repr__(self) -> str:
        return f"<Checkpoint {self.sequence_id} after {self.action!r}, turn {self.turn}>"


@dataclass
class StepValues:
    """What a step was given and gave back. `after` and `result` are None while it runs, and where it did not end."""

    turn: str
    action: str
    inputs: Mapping[str, Any]
    before: Snapshot
    after: Snapshot | None = None
    result: Any = None


class Checkpoints(Sequence[Checkpoint]):
    """The checkpoints of a chat, oldest first. The oldest are forgotten when there are more than `keep`.

    Neighbours share what is equal in their states: a step of a long conversation costs what it has added.

    Raises:
        ValueError: if `keep` is no number of steps.
    """

    def __init__(self, start: Snapshot, keep: int) -> None:
        if not isinstance(cast(object, keep), int) or keep < 0:
            raise ValueError(f"checkpoints={keep!r} is no number of steps to keep; 0 keeps none")
        self.start = start
        self._keep = keep
        self._steps: dict[int, StepValues] = {}

    # The bridge's `Recorder`.

    def began(self, turn: str, step: int, action: str, inputs: Mapping[str, Any], before: Snapshot) -> None:
        """See `Recorder`."""
        last = next((v.after for v in reversed(self._steps.values()) if v.after is not None), self.start)
        self._steps[step] = StepValues(
            turn, action, {name: kept(value) for name, value in inputs.items()}, sharing(last, before)
        )
        while len(self._steps) > self._keep:
            del self._steps[next(iter(self._steps))]

    def ended(self, step: int, result: Any, after: Snapshot) -> None:
        """See `Recorder`."""
        values = self._steps.get(step)
        if values is not None:
            values.result = kept(result)
            values.after = sharing(values.before, after)

    def values(self, step: int) -> StepValues | None:
        """What is known of a step, by its sequence id."""
        return self._steps.get(step)

    def check(self, checkpoint: Checkpoint) -> None:
        """Make sure that it is one of these.

        Raises:
            NoCheckpoint: if it is not, or not any more.
        """
        known = isinstance(cast(object, checkpoint), Checkpoint)
        values = self.values(checkpoint.sequence_id) if known else None
        if values is None or values.after is not checkpoint.state:
            raise NoCheckpoint(
                f"{checkpoint!r} is no checkpoint of this chat, or not any more",
                remedy="chat.checkpoints has those that can be gone back to",
            )

    def items(self) -> list[tuple[int, StepValues]]:
        """The steps that are kept, those included that did not end, by their sequence ids."""
        return list(self._steps.items())

    def up_to(self, step: int) -> Checkpoints:
        """A copy of those up to that step."""
        return self._copy({number: values for number, values in self.items() if number <= step})

    def of(self, turns: Collection[str]) -> Checkpoints:
        """A copy of those of these turns."""
        return self._copy({number: values for number, values in self.items() if values.turn in turns})

    def _copy(self, steps: dict[int, StepValues]) -> Checkpoints:
        copied = Checkpoints(self.start, self._keep)
        copied._steps = steps
        return copied

    def forget(self, turn: str) -> None:
        """Forget the steps of a turn that was taken back."""
        self._steps = {number: values for number, values in self.items() if values.turn != turn}

    def drop_after(self, step: int) -> None:
        """Forget the steps after that one."""
        self._steps = {number: values for number, values in self.items() if number <= step}

    def _all(self) -> list[Checkpoint]:
        return [
            Checkpoint(values.action, number, values.after, values.turn)
            for number, values in self.items()
            if values.after is not None
        ]

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Checkpoint: ...
    @overload
    def __getitem__(self, index: slice) -> list[Checkpoint]: ...
    def __getitem__(self, index: int | slice) -> Checkpoint | list[Checkpoint]:
        return self._all()[index]

    def __iter__(self) -> Iterator[Checkpoint]:
        return iter(self._all())

    def __repr__(self) -> str:
        return f"<{len(self)} checkpoints>"
