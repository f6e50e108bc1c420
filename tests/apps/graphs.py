"""Applications of plain functions, made in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from burr.core import Application, ApplicationBuilder, action
from burr.core.action import streaming_action

__all__ = ["build", "does", "streams"]


def does(fn: Callable[..., Any], *, reads: list[str] | None = None, writes: list[str] | None = None) -> Any:
    """A plain action of that function."""
    return action(reads=reads or [], writes=writes or [])(fn)


def streams(fn: Callable[..., Any], *, reads: list[str] | None = None, writes: list[str] | None = None) -> Any:
    """A streaming action of that generator function."""
    return streaming_action(reads=reads or [], writes=writes or [])(fn)


def build(*transitions: tuple[Any, ...], state: dict[str, Any] | None = None, **actions: Any) -> Application:
    """The application; it begins with the first action."""
    return (
        ApplicationBuilder()
        .with_actions(**actions)
        .with_transitions(*transitions)
        .with_state(**(state or {}))
        .with_entrypoint(next(iter(actions)))
        .build()
    )
