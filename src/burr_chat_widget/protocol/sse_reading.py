r"""Reading server-sent events: bytes in, in whatever pieces they come, and events out as soon as each is whole.

`httpx-sse` (0.4.3) was measured against the same oracle, that of tests/unit/test_sse_reading.py. It holds an event back whose last line
ends in `\r` until more comes; hands out blocks without data, which nobody can tell from events whose data is empty; loses the first
event after a byte order mark; decodes by the header's charset; and takes `retry: +1_0` for a number. The first two cannot be mended from
outside, and what would be left of it is less than what is here.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["EventReader", "ServerSent", "TooLong"]

LONGEST = 4000
"""Longer numbers Python does not read."""

LARGEST = 256_000_000
"""Bytes of one event, so that a stream without end does not fill the memory. The largest is a view, with all that was said."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class TooLong(ValueError):
    """An event is longer than any that is sent here."""


class ServerSent(NamedTuple):
    """One event. `last_id` is what a reader says as `Last-Event-ID` once it has it: that of this event or of one before."""

    event: str
    data: str
    last_id: str


class EventReader:
    r"""Reads one stream. A connection that is made again is another stream; what is not whole at the end of one is no event.

    Attributes:
        last_id: what to say as `Last-Event-ID`; empty as long as there is nothing to say.
        retry: milliseconds to wait before the connection is made again, None where the server has not said.

    >>> reader = EventReader()
    >>> [*reader.feed(b"id: 7\ndata: one\nda"), *reader.feed(b"ta: two\n\n")]
    [ServerSent(event='message', data='one\ntwo', last_id='7')]
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: int | None = None
        self._first = True
        self._after_return = False
        self._line: list[bytes] = []  # the pieces of the one that has no end yet
        self._size = 0  # of the event that is not whole yet
        self._event = ""
        self._data: list[str] = []
        self._id = last_id

    def feed(self, piece: bytes) -> Iterator[ServerSent]:
        """Take some more bytes; gives the events that are whole by then.

        Raises:
            TooLong: where an event does not end.
        """
        if self._after_return and piece:
            piece = piece.removeprefix(b"\n")  # of a line end that was cut in two
            self._after_return = False
        if not piece:
            return
        self._after_return = piece.endswith(b"\r")
        rest, *following = _LINE_END.split(piece)
        self._keep(rest)
        for begun in following:
            line, self._line = b"".join(self._line), []
            if self._first:
                line, self._first = line.removeprefix(_BYTE_ORDER_MARK), False
            if line:
                self._take(line)
            elif (event := self._whole()) is not None:
                yield event
            self._keep(begun)

    def _keep(self, piece: bytes) -> None:
        self._line.append(piece)
        self._size += len(piece)
        if self._size > LARGEST:
            raise TooLong(f"an event of more than {LARGEST // 1_000_000} MB")

    def _take(self, line: bytes) -> None:
        # A comment is a field without a name.
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data.append(_text(value))
            case b"event":
                self._event = _text(value)
            case b"id" if b"\0" not in value:
                self._id = _text(value)
            case b"retry" if value.isdigit() and len(value) <= LONGEST:
                self.retry = int(value)
            case _:
                pass

    def _whole(self) -> ServerSent | None:
        """The event that an empty line ends; None where it has no data."""
        self.last_id = self._id
        event, data = self._event or "message", self._data
        self._event, self._data, self._size = "", [], 0
        return ServerSent(event, "\n".join(data), self.last_id) if data else None


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
