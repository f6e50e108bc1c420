"""The ways that a conversation went: each has an application of its own, and all but one wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, TypeAlias

from burr.core import Application

from burr_chat_widget.protocol.view import BranchInfo, View

from .checkpoints import Checkpoints
from .turn import Turn

__all__ = ["App", "Branch", "Branches", "turns_up_to"]

App: TypeAlias = Application[Any]
"""A built Burr application, whatever its state's type."""

BRANCHES = 50
"""So many are kept; beyond that the one that was not shown for longest is forgotten."""


@dataclass(eq=False, repr=False)
class Branch:
    """One way that the conversation went.

    Attributes:
        key: its name within the chat.
        app: its application.
        checkpoints: where that was after each step, what it shares with its parent included.
        turns: the turns from the conversation's beginning.
        parent: the branch that it was forked from, None for the first.
        own: how many of its turns it shares with its parent.
    """

    key: str
    app: App
    checkpoints: Checkpoints
    turns: list[Turn] = field(default_factory=list[Turn])
    parent: str | None = None
    own: int = 0
    view: View | None = None  # as it was left; the one that is shown is in the outbox

    def __repr__(self) -> str:
        turns = len(self.turns)
        parent = f", from {self.parent}" if self.parent else ""
        return (
            f"<Branch {self.key}{parent}: {turns} turn{'' if turns == 1 else 's'}, {len(self.checkpoints)} checkpoints>"
        )

    def cut(self, step: int, turn: str) -> None:
        """Forget what came after that step, which is one of that turn."""
        self.checkpoints.drop_after(step)
        self.turns = turns_up_to(self.turns, step, turn)
        self.own = min(self.own, len(self.turns))

    def left(self, start: int = 0) -> list[Turn]:
        """The turns from that one on which were not taken back."""
        taken_back = {turn.replaces for turn in self.turns}
        return [turn for turn in self.turns[start:] if turn.key not in taken_back]

    def counting(self) -> list[Turn]:
        """The turns that have left, or will leave, what they did: one that was stopped or failed has not."""
        return [turn for turn in self.left() if turn.status in ("running", "completed")]

    def shared_with(self, other: Branch) -> int:
        """How many steps both have: the first ones of each. A turn's key and a sequence id name a step in all branches."""
        shared = 0
        for ours, theirs in zip(self.counting(), other.counting(), strict=False):
            if ours.key != theirs.key:
                break
            shared += len(list(takewhile(lambda pair: pair[0] == pair[1], zip(ours.steps, theirs.steps, strict=False))))
            if ours.steps != theirs.steps:
                break
        return shared

    def info(self, before: Collection[Branch] = ()) -> BranchInfo:
        """What a page is told of it, once it was told of those `before`."""
        nearest = sorted(
            before, key=lambda other: other.key != self.parent
        )  # of several that share as much, the parent
        base = max(nearest, key=self.shared_with, default=None)
        shared = 0 if base is None else self.shared_with(base)
        own = self.left(self.own)
        return BranchInfo(
            key=self.key,
            app_id=str(self.app.uid),
            parent=self.parent,
            turn=own[0].key if own and self.parent is not None else None,
            prompt=own[0].prompt if own else None,
            base=None if base is None else base.key,
            shared=shared,
            actions=[action for turn in self.counting() for action in turn.actions][shared:][:1000],
        )


def turns_up_to(turns: list[Turn], step: int, turn: str) -> list[Turn]:
    """The turns as they are when one has gone back to after that step, which is one of that turn."""
    index = next(n for n, each in enumerate(turns) if each.key == turn)
    return [*turns[:index], turns[index].up_to(step)]


class Branches:
    """The branches of a chat, the one that is shown among them.

    Attributes:
        shown: the branch that is shown.
    """

    def __init__(self, first: Branch) -> None:
        self.shown = first
        self._made = 1
        self._all = {first.key: first}
        self._recent = [first]
        """In the order in which they were shown or made, the last one last."""
        self._siblings: dict[str, list[str]] = {}
        """By each turn that has some, one list for all of a place."""

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def infos(self) -> list[BranchInfo]:
        """What pages are told: nothing where there is only one."""
        branches = list(self)
        return [each.info(branches[:n]) for n, each in enumerate(branches)] if len(self) > 1 else []

    def get(self, key: str) -> Branch | None:
        """The branch of that name."""
        return self._all.get(key)

    def with_turn(self, turn: str) -> Branch | None:
        """The branch that holds that turn: of several, the one that was shown last."""
        return next((b for b in reversed(self._recent) if any(t.key == turn for t in b.turns)), None)

    def siblings(self, turn: str) -> list[str]:
        """The turns that began where that one does, itself among them; none where it is the only one that is left."""
        left = {each.key for branch in self for each in branch.turns}
        place = [each for each in self._siblings.get(turn, []) if each in left]
        return place if len(place) > 1 else []

    def begin_beside(self, turn: str, other: str) -> None:
        """`other` begins where `turn` did."""
        place = self._siblings.setdefault(turn, [turn])
        place.append(other)
        self._siblings[other] = place

    def begin_instead(self, turn: str, other: str) -> None:
        """`turn` is taken back: `other` has its place."""
        place = self._siblings.get(turn)
        if place is not None:
            place[place.index(turn)] = other
            self._siblings[other] = place

    def add(self, app: App, checkpoints: Checkpoints, turns: list[Turn]) -> Branch:
        """One more branch, of the one that is shown."""
        self._made += 1
        branch = Branch(f"b{self._made}", app, checkpoints, turns, self.shown.key, len(turns))
        self._all[branch.key] = branch
        self._recent.append(branch)
        while len(self._all) > BRANCHES:
            self._forget(next(each for each in self._recent if each is not self.shown and each is not branch))
        return branch

    def _forget(self, branch: Branch) -> None:
        """It is gone: what was forked from it counts as forked from where it was."""
        del self._all[branch.key]
        self._recent.remove(branch)
        for each in self:
            if each.parent == branch.key:
                each.parent, each.own = branch.parent, min(each.own, branch.own)

    def show(self, branch: Branch, left: View) -> View | None:
        """Another branch is shown now. `left` is what the one before looks like; returns what this one did when it was left."""
        self.shown.view = left
        self.shown = branch
        self._recent = [*(b for b in self._recent if b is not branch), branch]
        view, branch.view = branch.view, None
        return view
