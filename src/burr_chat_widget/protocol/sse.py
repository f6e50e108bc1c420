r"""Server-sent events: what an HTTP endpoint sends that streams a turn, a conversation or a page's frames.

One event of a turn is three lines and an empty one::

    id: 7
    event: text-delta
    data: {"type":"text-delta","time":1700000000.25,"monotonic":12.25,"turn":"t1","step":2,"text":"Hello"}

`id` is the event's number within its turn, from 0 on; in the stream of a conversation it is that stream's own. A reader that has lost
its connection sends the last one back as `Last-Event-ID`, and is sent the events from the next one on. JSON has no line end that is
not escaped, so that one `data` line is always enough. js/src/timeline/sse.ts makes the same; tests/interop holds the two together.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from .events import TurnEvent, kebab
from .frames import KernelMessage, Remark
from .lines import ViewReplaced

__all__ = ["BEAT", "PAGE_BEAT", "burr_sent", "message_sent", "server_sent"]

BEAT = b": \n\n"
"""A comment: says that the connection is alive."""

PAGE_BEAT = b"event: beat\ndata:\n\n"
"""The same for a page: a browser keeps comments to itself."""

_encode = msgspec.json.Encoder().encode


def server_sent(event: TurnEvent | Remark | ViewReplaced, number: int | str) -> str:
    r"""The event with that number of its turn, or that id, as it is sent.

    >>> server_sent(TurnResumed(time=1.5, monotonic=0.5, turn="t1"), 3)
    'id: 3\nevent: turn-resumed\ndata: {"type":"turn-resumed","time":1.5,"monotonic":0.5,"turn":"t1"}\n\n'
    """
    return f"id: {number}\nevent: {kebab(type(event).__name__)}\ndata: {_encode(event).decode()}\n\n"


def message_sent(message: KernelMessage | dict[str, Any]) -> bytes:
    """A message for a page, which finds gaps by itself: it has no id."""
    return b"data: " + _encode(message) + b"\n\n"


def burr_sent(kind: str, value: object) -> bytes:
    r"""A piece of a response as the server of Burr's streaming example writes it, which is neither an event nor has an id.

    That example's client splits what it reads at each `data: `: within a text it is written with an escape, which JSON reads as the same.

    >>> burr_sent("delta", "data: é")
    b'data: {"type": "delta", "value": "data:\\u0020\\u00e9"} \n\n'
    """
    body = json.dumps({"type": kind, "value": value}).replace("data: ", "data:\\u0020")
    return f"data: {body}{'' if kind == 'chat_history' else ' '}\n\n".encode()
