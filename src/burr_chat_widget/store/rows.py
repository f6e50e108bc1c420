"""The rows of a conversation: where it was left, and the turns that led there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from burr.core import Application, State
from burr.core.persistence import PersistedStateData

from burr_chat_widget.bridge import PRIOR_STEP, RecalledStep, next_inputs, same
from burr_chat_widget.bridge.signature import EMPTY
from burr_chat_widget.errors import BurrChatError, StoreError

from .kept import ASKED, Became, KeptPersister

__all__ = ["RESTS", "Rows"]

RESTS = "__BURR_CHAT_RESTS"
"""A key of states that were not saved by a step: no turn runs there, though one that was gone back into may be in its middle."""

RECALLED = 500
"""The most rows that turns are made of again."""


class Rows:
    """The rows of a conversation, which say nothing of turns: one may have ended wherever a person is asked for something.

    Args:
        persister: has the rows.
        app: an application of the conversation's graph, which is put into one state after another.
        prompt: which input a person types, where that is not inferred.
        constants: names of inputs that are always given.

    Attributes:
        newest: the sequence id of the newest row, None when there is none.
        asked: what became of the requests that were answered last before the conversation was left, by their names.
        highest: the highest sequence id that is taken: Redis does not know a row yet that was cut off while it was saved.
    """

    def __init__(
        self, persister: KeptPersister, app: Application[Any], prompt: str | None, constants: Collection[str]
    ) -> None:
        self._persister = persister
        self._app = app
        self._fresh = app.state
        self._prompt = prompt
        self._constants = constants
        self._last: PersistedStateData | None = None  # of the last turn
        # Of the state that was looked at last: whether the graph can tell what comes next, and that.
        self._known = True
        self._next: str | None = None
        self.newest: int | None = None
        self.highest: int | None = None
        self.asked: dict[str, Became] = {}

    def left(self) -> State[Any]:
        """The state to go on from: where the newest turn has ended, or where it all begins when none has.

        What an interrupted turn has saved is passed over. Where no row tells of a turn's end and nobody is asked for anything at the
        beginning either, or the graph cannot tell, the newest step counts: nothing is thrown away.

        Raises:
            StoreError: if a row cannot be read.
        """
        newest = self._persister.newest()
        self.newest = self.highest = None if newest is None else newest["sequence_id"]
        following = 0 if self.newest is None else self.newest + 1
        while self._persister.row(following) is not None:
            self.highest = following
            following += 1
        if newest is None:
            return self._fresh
        step: PersistedStateData | None = None
        certain = self._rests(self._fresh)
        for row in self._back(newest):
            state = self._rest(row)
            if state is not None:
                self._leave(row)
                return state
            certain = certain and self._known
            if step is None and row["status"] == "completed":
                step = row
        if certain or step is None:
            return self._fresh
        self._leave(step)
        return self._state(step)

    def turns(self) -> list[list[RecalledStep]]:
        """The steps of each turn up to where the conversation was left, without those that were taken back."""
        rows: list[PersistedStateData] = []
        try:
            for row in self._back(self._last):
                rows.append(row)
                if len(rows) == RECALLED:
                    break
        except StoreError:  # the newer ones are all that there is left
            pass
        turns: list[list[RecalledStep]] = []
        steps: list[RecalledStep] = []
        state = self._fresh
        asker = self._app.entrypoint if self._rests(state) else None
        ends: list[tuple[State[Any], list[list[RecalledStep]]]] = [(state, [])]
        for row in reversed(rows):
            if steps and row["position"] == asker:  # asked anew: the turn before was cut off
                state, steps = ends[-1][0], []
            before, state = state, self._state(row)
            step = RecalledStep(row["position"], before, state)
            settled = RESTS in row["state"]
            if row["status"] == "completed" and not settled:
                steps.append(step)
            if self._rest(row) is None and row is not self._last:
                continue
            back = next((then for end, then in reversed(ends) if settled and _same(end, state)), None)
            if back is not None:  # what has followed was taken back
                turns = back
            elif settled:  # another branch, of which this is all that there is
                turns = [*turns, [step]]
            elif steps:
                turns = [*turns, steps]
            ends.append((state, turns))
            steps, asker = [], self._next
        return turns

    def _leave(self, row: PersistedStateData) -> None:
        """The conversation was left at that row."""
        self._last = row
        self.asked = dict(row["state"].get_all().get(ASKED) or {})

    def _back(self, row: PersistedStateData | None) -> Iterator[PersistedStateData]:
        """The rows from that one on, back to the first."""
        if row is None:
            return
        yield row
        for number in range(row["sequence_id"] - 1, -1, -1):
            earlier = self._persister.row(number)
            if earlier is not None:
                yield earlier

    def _state(self, row: PersistedStateData) -> State[Any]:
        state = row["state"].wipe(delete=[RESTS, ASKED]).with_typing_system(self._fresh.typing_system)
        return state.update(**{PRIOR_STEP: row["position"]}) if row["status"] == "completed" else state

    def _rest(self, row: PersistedStateData) -> State[Any] | None:
        """The state to go on from, if a turn may have ended with that row. Where nothing comes next, it is the entrypoint's turn."""
        rests = self._rests(self._state(row))
        return self._app.state if rests or RESTS in row["state"] else None

    def _rests(self, state: State[Any]) -> bool:
        app = self._app
        app.update_state(state)
        self._known, self._next = True, None
        try:
            wanted = next_inputs(app, prompt=self._prompt, constants=self._constants)
        except BurrChatError:
            self._known = False
            return False
        self._next = wanted.action
        if wanted.action is None:
            self._next = app.entrypoint
            app.reset_to_entrypoint()
            return True
        # What need not be given is asked for where turns begin; elsewhere a turn goes on without it.
        return bool(
            wanted.prompt is not None
            or any(member.default is EMPTY for member in wanted.members)
            or (wanted.members and wanted.action == app.entrypoint)
        )


def _same(a: State[Any], b: State[Any]) -> bool:
    x, y = ({k: v for k, v in state.get_all().items() if not k.startswith("__")} for state in (a, b))
    return same(x, y)
