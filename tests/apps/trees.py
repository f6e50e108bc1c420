"""The spans of a turn as a tree: what ran where, and how it ended, whatever the order of parallel things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

from burr_chat_widget.protocol import events as e

from .reading import types

__all__ = [
    "EACH",
    "ONE",
    "SHOUT",
    "THINK",
    "TWO",
    "Events",
    "only_this_task",
    "ran",
    "read_until",
    "told_inside",
    "tree",
]

Events = AsyncGenerator[e.TurnEvent, None]

Inside = (e.SpanStarted, e.SpanFinished, e.AttributesLogged)


def told_inside(events: Iterable[e.TurnEvent]) -> list[e.TurnEvent]:
    """The events about what happens inside steps."""
    return [event for event in events if isinstance(event, Inside)]


def tree(events: Iterable[e.TurnEvent], *, named: bool = True) -> list[str]:
    """A line for each span, those of one parent in the order of their text; `named` with the applications' ids.

    Also checked is what holds of all spans: each is started once, before what is inside of it, and finished once.
    """
    started: dict[tuple[int, int], e.SpanStarted] = {}
    finished: dict[tuple[int, int], e.SpanFinished] = {}
    logged: dict[tuple[int, int | None], list[str]] = {}
    for event in told_inside(events):
        match event:
            case e.SpanStarted():
                assert (event.step, event.span) not in started
                assert event.parent is None or (event.step, event.parent) in started
                started[event.step, event.span] = event
            case e.SpanFinished():
                assert (event.step, event.span) in started
                assert (event.step, event.span) not in finished
                finished[event.step, event.span] = event
            case e.AttributesLogged():
                assert event.span is None or (event.step, event.span) in started
                said = [f"{name}={value}" for name, value in event.attributes.items() if not name.startswith("__")]
                logged.setdefault((event.step, event.span), []).extend(said)
            case _:
                pass

    def lines(step: int, parent: int | None) -> list[list[str]]:
        found: list[list[str]] = []
        for (at, number), start in started.items():
            if at == step and start.parent == parent:
                inside = [f"  {line}" for block in lines(step, number) for line in block]
                found.append([_line(start, finished.get((at, number)), logged.get((at, number), []), named), *inside])
        return sorted(found)

    out: list[str] = []
    for step in sorted({at for at, _ in [*started, *logged]}):
        if (step, None) in logged:
            out.append(f"[{' '.join(logged[step, None])}]")
        out += [line for block in lines(step, None) for line in block]
    return out


def _line(start: e.SpanStarted, end: e.SpanFinished | None, logged: list[str], named: bool) -> str:
    name = [start.name] if named or start.kind != "application" else []
    said = ["app" if start.kind == "application" else start.kind, *name, *(f"{k}={v}" for k, v in start.given.items())]
    if logged:
        said.append(f"[{' '.join(logged)}]")
    if end is None:
        return " ".join([*said, "..."])
    said += ["->", end.status]
    if end.deltas:
        said.append(f"{end.deltas} items")
    said += [f"{change.key}:{change.after}" for change in end.changes]
    if end.error:
        said.append(end.error)
    return " ".join(said)


async def read_until(events: Events, seen: list[e.TurnEvent], enough: Callable[[], Any]) -> None:
    """Read on until it is enough. Whoever is held at a gate meanwhile fails the turn if that takes too long."""
    while not enough():
        event = await anext(events, None)
        assert event is not None, f"the turn has ended: {types(seen)}"
        seen.append(event)


async def only_this_task() -> bool:
    """Whether nothing else goes on, once the loop has closed what generators Burr left to it."""
    for _ in range(100):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return True
        await asyncio.sleep(0)
    return False


# What is told of `parallel` with the words "one two", and of `nested.inner`.

ONE = "app word='one' -> done loud:'ONE'"
TWO = "app word='two' -> done loud:'TWO'"
SHOUT = "  action shout -> done"
EACH = [ONE, SHOUT, TWO, SHOUT]

THINK, SAY, STREAMED = "action think -> done", "action say -> done", "action say -> done 2 items"
CHANGES = "thought:'deep' said:'so it is'"


def ran(way: str, depth: int = 0) -> list[str]:
    """What is told of `inner` run that way."""
    if "stream" in way:
        lines = [f"app inner -> done 2 items {CHANGES}", f"  {STREAMED}", f"  {THINK}"]
    else:
        lines = [f"app inner -> done {CHANGES}", f"  {SAY}", f"  {THINK}"]
    return ["  " * depth + line for line in lines]
