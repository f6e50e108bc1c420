"""What stands for values that are not there themselves: those of a recording that nothing can be made of again."""

from __future__ import annotations

__all__ = ["Closed", "Withheld"]


class Closed:
    """A value of which only its looks are known, and perhaps its fields: these are its attributes.

    Each type's values are of a class of its own, which has that type's name.
    """

    __slots__ = ("__dict__", "_looks")
    _looks: str

    def __init__(self, looks: str) -> None:
        self._looks = looks

    def __repr__(self) -> str:
        return self._looks

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and repr(other) == repr(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(self._looks)


class Withheld:
    """A value that was hidden when it was written. None is the same as another: nobody can tell."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__
