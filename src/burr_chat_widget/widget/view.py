"""Further views of a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import anywidget
import msgspec
import traitlets

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.protocol.timeline import Figures, Lane
from burr_chat_widget.session import Turn, described, figures_of, lane_of, rows_of

from .front_end import close_widget, front_end

__all__ = ["ChatView", "TimelineComparison", "TimelineView"]


class ChatView(anywidget.AnyWidget):
    """One more view of a chat, for another cell: small, it shares the chat's model and bundle in the page."""

    _esm = front_end("view.js")

    chat = anywidget.WidgetTrait().tag(sync=True)
    """The `BurrChat` that it shows."""
    view = traitlets.Unicode("graph").tag(sync=True)
    """Which view: `graph`, `inspector`, `timeline`, `comparison` or `quiz`."""

    def __repr__(self) -> str:
        return f"<{self.view} of {cast(Any, self).chat!r}>"

    def _ipython_display_(self) -> None:
        widget = cast(Any, self)
        widget.chat._saved.show_view(widget._repr_mimebundle_(), self.view, widget.model_id, self._lanes())

    def _lanes(self) -> list[Lane]:
        return []

    def close(self) -> None:
        """Take the view off every page."""
        widget = cast(Any, self)
        if widget.comm is not None:  # else it is closed
            widget.chat._saved.forget(widget.model_id)
        close_widget(self, super().close)


class TimelineComparison(ChatView):
    """Several turns on one time axis: see `TimelineView.beside`."""

    lanes: traitlets.List[Any] = traitlets.List(traitlets.Dict()).tag(sync=True)
    """What is shown of each turn: `Lane` of protocol/timeline.py, as plain data; by default none."""

    def _lanes(self) -> list[Lane]:
        return msgspec.convert(self.lanes, list[Lane])


class TimelineView(ChatView):
    """Every delta of a chat in time. What it shows is there for Python too, without a front end."""

    _comparisons: tuple[TimelineComparison, ...] = ()

    def to_rows(self, turn: Turn | None = None) -> list[dict[str, Any]]:
        """The deltas of text as a table, one a row, ready for `pandas.DataFrame(rows)` or `polars.DataFrame(rows, infer_schema_length=None)`.

        With fewer rows to infer a type from, polars takes a time that the first ones do not know for one that nobody does.
        Parts of other kinds (reasoning, calls of tools) are not among them. Times are in seconds since the turn began, on the kernel's
        clock; those of a page are aligned to it by the page that reported last. What is not known is None.

        Args:
            turn: one turn, of any chat; all of this one when left out.

        Returns:
            A dict a delta. `turn`, `step` (its sequence id) and `action`; `delta`: its number in the step, from 0 on; `text`;
            `yielded`: when the action yielded it; `gap`: since the one before it in the step; `sent`: when the frame left that carried
            it; `frame`: that frame's number; `received`: when a page had it; `painted`: when it was seen.

        Example:
            >>> pandas.DataFrame(chat.timeline.to_rows()).groupby("action").gap.max()
        """
        return [row for each in (self._turns if turn is None else [_checked(turn)]) for row in rows_of(each)]

    def figures(self, turn: Turn | None = None) -> Figures:
        """The figures of a turn, of any chat: of the last one when left out.

        Raises:
            BurrChatError: if there is none yet.
        """
        return figures_of(self._or_last(turn))

    def describe(self, turn: Turn | None = None) -> str:
        """The same in words, in a few lines.

        Example:
            >>> print(chat.timeline.describe())
            Turn t1 completed after 3.21 s: prompt -> check_safety -> decide_mode -> generate_poem.
            First delta after 812 ms: 402 ms before its step (prompt, check_safety, decide_mode), 410 ms in generate_poem.
            143 deltas of text, 812 characters, 58.3 deltas/s; the longest gap 73 ms, at 1.02 s.
            61 frames carried them; from a delta's yield, in the median, 14 ms to its sending, 16 ms to its receipt, 29 ms to its being painted.
        """
        turn = self._or_last(turn)
        return described(figures_of(turn), rows_of(turn))

    def beside(self, turns: Mapping[str, Turn]) -> TimelineComparison:
        """A view of several turns, of any chats, on one time axis: each from its beginning, as far as it has come now.

        Args:
            turns: what each is called, and the turn.

        Example:
            >>> streamed, whole = BurrChat(demo.application()), BurrChat(demo.application(streaming=False))
            >>> turns = {"streamed": await streamed.send(prompt), "whole": await whole.send(prompt)}
            >>> streamed.timeline.beside(turns)
        """
        if not isinstance(cast(object, turns), Mapping):
            raise TypeError(f"{turns!r} gives no names to turns; pass them by name: beside({{'streamed': turn}})")
        lanes = [msgspec.to_builtins(lane_of(label, _checked(turn))) for label, turn in turns.items()]
        made = TimelineComparison(chat=cast(Any, self).chat, view="comparison", lanes=lanes)
        self._comparisons = (*self._comparisons, made)
        return made

    def close(self) -> None:
        """Take the view off every page, and the comparisons with it."""
        for comparison in self._comparisons:
            comparison.close()
        super().close()

    @property
    def _turns(self) -> list[Turn]:
        return cast(Any, self).chat.turns

    def _or_last(self, turn: Turn | None) -> Turn:
        if turn is None and not self._turns:
            raise BurrChatError("no turn has begun yet", remedy="send a prompt: await chat.send(...)")
        return self._turns[-1] if turn is None else _checked(turn)


def _checked(turn: Turn) -> Turn:
    if not isinstance(cast(object, turn), Turn):
        raise TypeError(f"{turn!r} is no turn: chat.turns has them, and chat.send(...) returns one")
    return turn
