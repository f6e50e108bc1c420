"""The events of a turn as server-sent events: what an HTTP endpoint sends that streams a turn.

One event is three lines and an empty one::

    id: 7
    event: text-delta
    data: {"type":"text-delta","time":1700000000.25,"monotonic":12.25,"turn":"t1","step":2,"text":"Hello"}

`id` is the event's number within its turn, from 0 on. A reader that has lost its connection sends the last one back as
`Last-Event-ID`, and is sent the events from the next one on. JSON has no line end that is not escaped, so that one `data` line is always
enough. js/src/timeline/sse.ts makes the same; tests/interop holds the two together.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import msgspec

from .events import TurnEvent, kebab

__all__ = ["server_sent"]

_encode = msgspec.json.Encoder().encode


def server_sent(event: TurnEvent, number: int) -> str:
    r"""The event with that number of its turn, as it is sent.

    >>> server_sent(TurnResumed(time=1.5, monotonic=0.5, turn="t1"), 3)
    'id: 3\nevent: turn-resumed\ndata: {"type":"turn-resumed","time":1.5,"monotonic":0.5,"turn":"t1"}\n\n'
    """
    return f"id: {number}\nevent: {kebab(type(event).__name__)}\ndata: {_encode(event).decode()}\n\n"
