"""When each delta came and how long it was, in about two characters a delta.

A mark is two numbers: the time since the mark before it (the first: since its step began), in tenths of a millisecond, and
the delta's length in UTF-16 code units, as JavaScript counts. Each number is written in base 64, five bits a digit,
least significant digit first; a digit's sixth bit says that another follows. Marks of consecutive `Text` events of one step
are joined by putting the strings one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["TICKS_PER_SECOND", "decode_marks", "encode_mark", "utf16_length"]

TICKS_PER_SECOND = 10_000

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}


def utf16_length(text: str) -> int:
    """The length of `text` in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _encode(number: int) -> str:
    if number < 32:
        return _DIGITS[number]
    digits = ""
    while number >= 32:
        digits += _DIGITS[number & 31 | 32]
        number >>= 5
    return digits + _DIGITS[number]


def encode_mark(ticks: int, length: int) -> str:
    """One mark: `ticks` since the one before, `length` code units; neither may be negative."""
    return _encode(ticks) + _encode(length)


def decode_marks(marks: str) -> Iterator[tuple[int, int]]:
    """The (ticks since the one before, code units) of each mark.

    Raises:
        ValueError: if `marks` is not made of whole marks.
    """
    numbers: list[int] = []
    number = shift = 0
    for digit in marks:
        value = _VALUES.get(digit)
        if value is None:
            raise ValueError(f"{digit!r} is not a digit of a mark")
        number |= (value & 31) << shift
        shift += 5
        if not value & 32:
            numbers.append(number)
            number = shift = 0
    if shift or len(numbers) % 2:
        raise ValueError(f"the marks end in the middle of one: {marks[-8:]!r}")
    return zip(numbers[::2], numbers[1::2], strict=True)
