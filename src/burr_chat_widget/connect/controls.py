"""The controls of a chat that is connected: what is set by them is set on the server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypedDict

from burr_chat_widget.errors import ConventionError, NoCheckpoint
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import Breakpoint, View

from .following import Following

__all__ = ["RemoteBreakpoints", "RemoteCheckpoint", "RemoteFaults", "RemotePast", "checkpoints_of"]

Set = Callable[[Any], None]
Refuse = Callable[[str, str], NoReturn]


class _Names(TypedDict):
    client: str
    request: str


def _names() -> _Names:
    return {"client": "python", "request": uuid.uuid4().hex}


class RemoteBreakpoints:
    """See `burr_chat_widget.bridge.Breakpoints`. A condition, which is a function, does not travel."""

    def __init__(self, following: Following, set_: Set) -> None:
        self._following = following
        self._set = set_

    def add(self, action: str, *, when: Literal["before", "after"] = "before", condition: object = None) -> None:
        """Hold turns before `action`, or after it.

        Raises:
            ConventionError: if there is a condition.
            ServerError: if there is no such action, or the server does not allow it.
        """
        if condition is not None:
            raise ConventionError(
                "a condition is a function of this process, and the state is the server's",
                remedy="leave condition= out, or set the breakpoint where the application is",
            )
        self._set(c.SetBreakpoint(**_names(), action=action, when=when))

    def remove(self, action: str, *, when: Literal["before", "after"] | None = None) -> None:
        """Take away the breakpoints at `action`: on both sides, or `when` says on which. There may be none."""
        for point in self:
            if point.action == action and when in (None, point.when):
                self._set(c.SetBreakpoint(**_names(), action=action, when=point.when, off=True))

    def clear(self) -> None:
        """Take all of them away."""
        for point in self:
            self.remove(point.action, when=point.when)

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self._following.controls.breakpoints))

    def __len__(self) -> int:
        return len(self._following.controls.breakpoints)

    def __contains__(self, action: object) -> bool:
        return any(point.action == action for point in self)

    def __repr__(self) -> str:
        return f"<Breakpoints: {', '.join(f'{point.when} {point.action}' for point in self) or 'none'}>"


class RemoteFaults:
    """See `burr_chat_widget.session.ModelFaults`."""

    def __init__(self, following: Following, set_: Set) -> None:
        self._following = following
        self._set = set_

    @property
    def names(self) -> Sequence[str]:
        """What can go wrong; nothing where the server's model is not the offline one."""
        return self._following.faults

    @property
    def next(self) -> str | None:
        """What will go wrong with the next streamed answer."""
        return self._following.controls.fault

    def set(self, name: str | None) -> None:
        """Let the next streamed answer go wrong so; None for not at all. Raises ServerError where the server does not allow it."""
        self._set(c.SetFault(**_names(), fault=name))

    def __repr__(self) -> str:
        return f"<ModelFaults: {self.next or 'none'}>"


@dataclass(frozen=True, eq=False)
class RemoteCheckpoint:
    """Where the server's application was after a step: see `Checkpoint`."""

    action: str
    sequence_id: int
    turn: str
    branch: str = field(repr=False)
    _state: Callable[[int, str], Mapping[str, str]] = field(repr=False)

    @property
    def state(self) -> Mapping[str, str]:
        """The state after it as the server shows it: of each key a short printable form of its value. It is asked for each time.

        Raises:
            ServerError: if the server does not show it, or has it no more.
        """
        return self._state(self.sequence_id, self.branch)

    def __repr__(self) -> str:
        return f"<Checkpoint {self.sequence_id} after {self.action!r}, turn {self.turn}>"


def checkpoints_of(view: View, state: Callable[[int, str], Mapping[str, str]]) -> list[RemoteCheckpoint]:
    """Those of the branch that is seen, oldest first."""
    return [
        RemoteCheckpoint(step.action, step.step, step.turn, view.branch, state)
        for step in view.steps
        if step.status == "done"
    ]


class RemotePast:
    """Going back on the server: see `burr_chat_widget.session.past.Past`."""

    def __init__(self, set_: Set, refuse: Refuse) -> None:
        self._set = set_
        self._refuse = refuse

    def rewind(self, checkpoint: RemoteCheckpoint, edits: Mapping[str, Any]) -> None:
        """Go back to where the application was then, with changes by hand."""
        if not isinstance(checkpoint, RemoteCheckpoint):
            raise NoCheckpoint(
                f"{checkpoint!r} is no checkpoint of this chat",
                remedy="chat.checkpoints has those that can be gone back to",
            )
        changes = [c.Edit(path=[key], value=value) for key, value in edits.items()]
        self._set(c.Rewind(**_names(), step=checkpoint.sequence_id, branch=checkpoint.branch, edits=changes))

    def fork_of(self, *_: Any) -> NoReturn:
        """A chat of its own would need the application."""
        self._refuse(
            "a chat that goes on from there would need the application",
            "begin a branch in chat.inspector, where the server allows it",
        )
