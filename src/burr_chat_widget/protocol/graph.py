"""The state machine as data: what the page draws, and what hover and focus show."""

from __future__ import annotations

from .events import Value

__all__ = ["ActionInfo", "Graph", "TransitionInfo"]


class ActionInfo(Value, frozen=True, kw_only=True):
    """One action of the application, in Burr's words.

    Attributes:
        inputs: external inputs that it requires (bound parameters and Burr's own `__context`, `__tracer` are left out).
        optional_inputs: external inputs that have a default.
        terminal: nothing leads out of it.
        docstring: the docstring of its function or class, dedented.
        source: its source, None where Python cannot find it; cut after 4,000 characters.
    """

    name: str
    reads: list[str] = []
    writes: list[str] = []
    inputs: list[str] = []
    optional_inputs: list[str] = []
    tags: list[str] = []
    streaming: bool = False
    terminal: bool = False
    docstring: str | None = None
    source: str | None = None


class TransitionInfo(Value, frozen=True, kw_only=True):
    """One transition. `condition` is its name as Burr gives it, `default` for an unconditional one."""

    from_action: str
    to_action: str
    condition: str = "default"


class Graph(Value, frozen=True, kw_only=True):
    """All actions and transitions, in the order of declaration; `entrypoint` is an action's name."""

    entrypoint: str
    actions: list[ActionInfo]
    transitions: list[TransitionInfo]
