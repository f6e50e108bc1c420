"""How a stream's bytes are cut on their way, and the reader that breaks on it.

A server-sent event is whole where it is sent. What a reader is handed are pieces of bytes, cut wherever a buffer was full:
within a character, between the two bytes of a line end, in the middle of `data:`. On a quiet machine the pieces are nearly
always the events, so that a reader which takes them for that works in every test, and breaks in use.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator

__all__ = ["naive_deltas", "split_awkwardly"]


def split_awkwardly(event: bytes) -> list[bytes]:
    r"""Cut one event at the bytes where a naive reader breaks; joined, the pieces are the event again.

    The cuts are in the middle of its first `data:`, after the first byte of its first character that is not ASCII, and between
    `\r` and `\n` where its first line ends so, each where there is such a place.

        >>> split_awkwardly('data: "é"\r\n\r\n'.encode())
        [b'da', b'ta: "\xc3', b'\xa9"\r', b'\n\r\n']
    """
    cuts: list[int] = []
    if (field := event.find(b"data:")) >= 0:
        cuts.append(field + 2)
    if (character := next((at for at, byte in enumerate(event) if byte >= 0x80), None)) is not None:
        cuts.append(character + 1)
    if (line_end := event.find(b"\r\n")) >= 0:
        cuts.append(line_end + 1)
    places = [0, *sorted(cuts), len(event)]
    return [event[start:end] for start, end in itertools.pairwise(places)]


def naive_deltas(pieces: Iterable[bytes]) -> Iterator[str]:
    r"""Read the deltas of a streamed answer as one should not: each piece of bytes is taken for whole events.

    Written as in many an example. It is right as long as every piece ends where an event ends, and no text holds `data: `.
    Otherwise it loses deltas without a word, or breaks:

        >>> list(naive_deltas([b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n']))
        ['Hi']
        >>> list(naive_deltas([b"da", b'ta: {"choices": [{"delta": {"content": "Hi"}}]}\n\n']))
        []

    Raises:
        UnicodeDecodeError: where a piece ends within a character.
        json.JSONDecodeError: where an event ends later than its piece, or its text holds `data: `.
    """
    for piece in pieces:
        for data in piece.decode().split("data: ")[1:]:
            if data.strip() == "[DONE]":
                return
            for choice in json.loads(data)["choices"]:
                if content := choice["delta"].get("content"):
                    yield content
