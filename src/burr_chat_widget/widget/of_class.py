"""A class method beside an inherited method of the same name."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, cast

__all__ = ["OfClass"]


class OfClass:
    """A class method with the name of a method that instances inherit: on an instance, it is the inherited one.

    ipywidgets calls `open()` on each widget, to make its comm; `BurrChat.open(...)` opens a conversation.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return types.MethodType(self._function, owner)
        inherited = cast(Any, super(self._owner, instance))
        return getattr(inherited, self._name)
