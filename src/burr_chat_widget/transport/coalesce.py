"""Deltas put together: what waits for a frame takes no more memory than its text, however many deltas it came in."""

from __future__ import annotations

from msgspec.structs import replace

from burr_chat_widget.protocol.events import PartDelta, TextDelta
from burr_chat_widget.protocol.frames import Text
from burr_chat_widget.protocol.marks import TICKS_PER_SECOND, decode_marks, encode_mark, utf16_length
from burr_chat_widget.protocol.view import View

__all__ = ["FRAME_TEXT", "MARKED_DELTAS", "Coalescer", "PartRun", "TextRun"]

FRAME_TEXT = 65_536
"""The most code points of text in one `Text`; a longer delta is cut."""

MARKED_DELTAS = 20_000
"""How many deltas of a turn have a mark each; after them one mark stands for all the deltas of a `Text`."""


_PIECES = 1024
"""So many pieces of a run are put together at once: each piece costs some fifty bytes besides its text."""


class TextRun:
    """The deltas of one step that will go out as one `Text`."""

    __slots__ = ("_marks", "_texts", "_thin_length", "_thin_ticks", "deltas", "length", "step", "thinned")

    def __init__(self, step: int) -> None:
        self.step = step
        self.deltas = 0
        self.length = 0
        self.thinned = False
        self._texts: list[str] = []
        self._marks: list[str] = []
        self._thin_ticks = 0
        self._thin_length = 0

    def add(self, text: str, ticks: int, length: int, *, marked: bool) -> None:
        """Add a delta: `ticks` since the one before, `length` in UTF-16 code units."""
        self.extend(text)
        self.deltas += 1
        if marked:
            self._marks.append(encode_mark(ticks, length))
        else:
            self.thinned = True
            self._thin_ticks += ticks
            self._thin_length += length

    def extend(self, text: str) -> None:
        """Add text that belongs to the delta added last."""
        if len(self._texts) + len(self._marks) >= _PIECES:
            self._texts, self._marks = ["".join(self._texts)], ["".join(self._marks)]
        if text:
            self._texts.append(text)
            self.length += len(text)

    def event(self) -> Text:
        """The run as it travels."""
        if self.thinned:
            self._marks.append(encode_mark(self._thin_ticks, self._thin_length))
        text, marks = "".join(self._texts), "".join(self._marks)
        if self.thinned:
            return Text(step=self.step, text=text, marks=marks, thinned=True)
        return Text(step=self.step, text=text, marks=marks)


class PartRun:
    """What becomes of one part of a step's answer between two frames: what is replaced again meanwhile never travels."""

    __slots__ = ("_last", "_replaced", "_texts", "deltas", "length")

    def __init__(self, delta: PartDelta) -> None:
        self._last = delta
        self._replaced = 0 if delta.keep is None else delta.times
        self._texts = [delta.text]
        self.deltas = 1
        self.length = len(delta.text)

    @property
    def part(self) -> tuple[str, int, str]:
        """The turn, the step and the part's name."""
        return self._last.turn, self._last.step, self._last.part

    def add(self, delta: PartDelta) -> bool:
        """Take one more change of the part; False when it belongs to another one."""
        last = self._last
        if (delta.turn, delta.step, delta.part) != self.part:
            return False
        if delta.keep is not None:
            self._replaced += delta.times
            self._texts, self.length = [], 0
        self._texts.append(delta.text)
        self.deltas += 1
        self.length += len(delta.text)
        self._last = replace(delta, name=delta.name or last.name, call=delta.call or last.call)
        return True

    def event(self, shown: str | None) -> PartDelta:
        """The run as it travels. `shown` is the part's text so far: of a text that changes in one place, the rest stays."""
        text = "".join(self._texts)
        if not self._replaced:
            return replace(self._last, text=text, keep=None)
        if not shown or not (shown.isascii() and text.isascii()):
            return replace(self._last, text=text, keep=0, times=self._replaced)
        keep = _same(shown, text)
        tail = _same(shown[: keep - 1 : -1] if keep else shown[::-1], text[: keep - 1 : -1] if keep else text[::-1])
        return replace(self._last, text=text[keep : len(text) - tail], keep=keep, tail=tail, times=self._replaced)


def _same(a: str, b: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # comparing slices is much faster than one character after the other
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Coalescer:
    """Makes runs of deltas, with their times.

    Args:
        marked: how many deltas of a turn have a mark each.
    """

    def __init__(self, marked: int = MARKED_DELTAS) -> None:
        self._marked = marked
        self._deltas = 0
        self._ticks = 0

    def go_on(self, view: View) -> None:
        """The next delta follows those in the view, which may be in the middle of a step."""
        step = view.steps[-1] if view.steps else None
        if step is None or step.status != "running":
            return
        marks = [list(decode_marks(each.marks)) for each in view.steps if each.turn == step.turn]
        self._ticks = round(step.started * TICKS_PER_SECOND) + sum(ticks for ticks, _ in marks[-1])
        self._deltas = self._marked if step.thinned else sum(map(len, marks))

    def begin_turn(self) -> None:
        """Count the turn's deltas from the first again."""
        self._deltas = 0

    def begin_step(self, monotonic: float) -> None:
        """The next delta's time is counted from here, in seconds of the kernel's monotonic clock."""
        self._ticks = round(monotonic * TICKS_PER_SECOND)

    def add(self, run: TextRun | None, delta: TextDelta) -> list[TextRun]:
        """Add `delta` to `run`, or to new runs where it does not fit; returns the new ones."""
        now = round(delta.monotonic * TICKS_PER_SECOND)
        ticks = max(0, now - self._ticks)
        self._ticks = max(self._ticks, now)
        self._deltas += 1
        marked = self._deltas <= self._marked
        text, length = delta.text, utf16_length(delta.text)
        new: list[TextRun] = []
        if run is None or run.step != delta.step or run.length + len(text) > FRAME_TEXT:
            run = TextRun(delta.step)
            new.append(run)
        run.add(text[:FRAME_TEXT], ticks, length, marked=marked)
        for start in range(FRAME_TEXT, len(text), FRAME_TEXT):
            run = TextRun(delta.step)
            run.extend(text[start : start + FRAME_TEXT])
            new.append(run)
        return new
