"""The frames that were sent, for who wants to see how events travelled: bounded, the oldest go first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from burr_chat_widget.protocol.commands import FramePainted
from burr_chat_widget.protocol.frames import Frame, FrameSent

__all__ = ["SentFrames"]

FRAMES = 20_000
"""So many frames are remembered."""

BODIES = 2_000_000
"""So many characters of text in frames are kept with them."""


class SentFrames:
    """What a session has sent. Used with the outbox's lock held, `painted` apart."""

    def __init__(self) -> None:
        self._frames: deque[_Sent] = deque(maxlen=FRAMES)
        self._whole: deque[_Sent] = deque()
        self._text = 0

    def add(self, frame: Frame, *, sent: float, first: int, last: int, text: int) -> None:
        """A frame with the events from `first` to before `last` goes out; `text` is about how much it carries."""
        new = _Sent(frame.seq, sent, first, last, frame, text)
        self._frames.append(new)
        self._whole.append(new)
        self._text += text
        while self._text > BODIES or len(self._whole) > FRAMES:
            old = self._whole.popleft()
            old.frame = None
            self._text -= old.text

    def painted(self, reported: Iterable[FramePainted]) -> None:
        """A page says when it had painted frames."""
        times = {each.seq: each for each in reported}
        for frame in list(self._frames):
            if frame.seq in times:
                frame.painted = times[frame.seq]

    def between(self, first: int, last: int) -> list[FrameSent]:
        """The frames with any of the events from `first` to before `last`, oldest first."""
        return [frame.told() for frame in list(self._frames) if frame.first < last and first < frame.last]


class _Sent:
    __slots__ = ("first", "frame", "last", "painted", "sent", "seq", "text")

    def __init__(self, seq: int, sent: float, first: int, last: int, frame: Frame, text: int) -> None:
        self.seq, self.sent, self.first, self.last, self.text = seq, sent, first, last, text
        self.frame: Frame | None = frame
        self.painted: FramePainted | None = None

    def told(self) -> FrameSent:
        painted, frame = self.painted, self.frame
        return FrameSent(
            seq=self.seq,
            sent=self.sent,
            first=self.first,
            last=self.last,
            body=None if frame is None else msgspec.json.encode(frame).decode(),
            received=painted and painted.received,
            painted=painted and painted.painted,
        )
