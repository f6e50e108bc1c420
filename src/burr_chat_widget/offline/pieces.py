"""How a stream's bytes are cut on their way, and the reader that breaks on it.

A server-sent event is whole where it is sent. What a reader is handed are pieces of bytes, cut wherever a buffer was full:
within a character, between the two bytes of a line end, in the middle of `data:`. On a quiet machine the pieces are nearly
always the events, so that a reader which takes them for that works in every test, and breaks in use.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["BrokenPiece", "naive_deltas", "split_awkwardly"]

WHAT_TO_DO = "Pieces of a stream are cut anywhere: keep the bytes until the empty line that ends an event has come, and decode only then."


class BrokenPiece(ValueError):
    """A piece of bytes was taken for whole events, and is none. What Python said of it is the cause."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}. {WHAT_TO_DO}")


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
        BrokenPiece: where a piece ends or begins within a character, or ends within an event, or the text of one holds `data: `.
    """
    for piece in pieces:
        for data in _decoded(piece).split("data: ")[1:]:
            if data.strip() == "[DONE]":
                return
            for choice in _parsed(data, piece)["choices"]:
                if content := choice["delta"].get("content"):
                    yield content


def _decoded(piece: bytes) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError as error:
        place = "ends" if error.reason == "unexpected end of data" else "begins" if error.start == 0 else "is cut"
        raise BrokenPiece(
            f"The chunk was split in the middle of a character: this piece of {len(piece)} bytes {place} within one, "
            f"at the byte 0x{piece[error.start]:02x}, and no half of a character can be decoded"
        ) from error


def _parsed(data: str, piece: bytes) -> Any:
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        if piece.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")):
            what = "The chunk was split at a 'data: ' that is in its text: only at the beginning of a line is it the field's name"
        else:
            what = (
                f"The chunk was split in the middle of a line: this piece of {len(piece)} bytes ends before its event does, and no part "
                "of its JSON can be read"
            )
        raise BrokenPiece(what) from error
