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
"""So many bytes of frames, encoded, are kept with them."""


class SentFrames:
    """What a session has sent. Used with the outbox's lock held, `painted` apart."""

    def __init__(self) -> None:
        self._frames: deque[_Sent] = deque(maxlen=FRAMES)
        self._whole: deque[_Sent] = deque()
        self._bytes = 0

    def add(self, frame: Frame, *, sent: float, first: int, last: int) -> None:
        """A frame with the events from `first` to before `last` goes out."""
        body = msgspec.json.encode(frame)
        new = _Sent(frame.seq, sent, first, last, body)
        self._frames.append(new)
        self._whole.append(new)
        self._bytes += len(body)
        while self._bytes > BODIES or len(self._whole) > FRAMES:
            old = self._whole.popleft()
            self._bytes -= len(old.body or b"")
            old.body = None

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
    __slots__ = ("body", "first", "last", "painted", "sent", "seq")

    def __init__(self, seq: int, sent: float, first: int, last: int, body: bytes) -> None:
        self.seq, self.sent, self.first, self.last = seq, sent, first, last
        self.body: bytes | None = body
        self.painted: FramePainted | None = None

    def told(self) -> FrameSent:
        painted, body = self.painted, self.body
        return FrameSent(
            seq=self.seq,
            sent=self.sent,
            first=self.first,
            last=self.last,
            body=None if body is None else body.decode(),
            received=painted and painted.received,
            painted=painted and painted.painted,
        )
