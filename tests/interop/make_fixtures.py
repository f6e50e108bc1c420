"""Writes fixtures/fold.json anew: views, the events of frames, and the views that they lead to (`make fixtures`).

Both folds are held to this one file: tests/interop/test_fold.py the Python one, js/tests/store/fold.test.ts the TypeScript
one. The cases stay what they are; where they lead to is told by the Python fold: read the difference. Without the file, or
when there are kinds of events that it does not hold, delete it first: then cases are made up.

From those views follows fixtures/past.json: views, a step of each, and what they were after it. protocol/trim.py and
js/src/store/past.ts are held to it. And fixtures/timeline.json: views with the figures of their turns, to which protocol/timeline.py
and js/src/timeline/figures.ts are held.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import Text, WireEvent
from burr_chat_widget.protocol.timeline import figures
from burr_chat_widget.protocol.trim import trim_after_step
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Page

FIXTURES = Path(__file__).parent / "fixtures" / "fold.json"
PAST = FIXTURES.with_name("past.json")
TIMELINE = FIXTURES.with_name("timeline.json")

MOST_PASTS = 24
"""So many cases of the past are kept."""


def make() -> list[dict[str, Any]]:
    """Cases of {before, events, after}, made up."""
    cases: list[dict[str, Any]] = []

    @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
    @given(turns(most=3))
    def collect(events: Any) -> None:
        outbox = Outbox(first_view())
        page = Page(outbox)
        for message in outbox.take():
            page.receive(message)
        before = msgspec.to_builtins(page.view)
        for event in events:
            outbox.put(event)
        while outbox.next_due() is not None and len(page.messages) < 100:
            for message in outbox.take():
                page.receive(message)
            page.ack()
        frames = [m["events"] for m in page.messages if m["type"] == "frame"]
        cases.append(
            {
                "before": before,
                "events": [event for events in frames for event in events],
                "after": msgspec.to_builtins(page.view),
            }
        )

    collect()
    unique = {json.dumps(case, sort_keys=True): case for case in cases}
    return list(unique.values())


def refold(case: dict[str, Any]) -> dict[str, Any]:
    """The same case, as the structs and the Python fold have it now."""
    view = msgspec.convert(case["before"], View)
    before = msgspec.to_builtins(view)
    events = [msgspec.convert(event, WireEvent) for event in case["events"]]
    for event in events:
        fold(view, event)
    return {"before": before, "events": msgspec.to_builtins(events), "after": msgspec.to_builtins(view)}


def past(view: dict[str, Any], step: int) -> dict[str, Any]:
    """What a view was after a step: as if one had gone back to it, without the remark that this leaves.

    Who only looks at the past takes no turn back: what was answered is as it is.
    """
    trimmed = msgspec.convert(view, View)
    trim_after_step(trimmed, step, remark="")
    trimmed.messages.pop()
    trimmed.accepted = view["accepted"]
    return msgspec.to_builtins(trimmed)


def make_pasts(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cases of {view, step, after}: a middle step that is done, while the last turn runs for the first time after it, and at the end of each case's events."""
    pasts: list[dict[str, Any]] = []
    for case in cases:
        view = msgspec.convert(case["before"], View)
        events = [msgspec.convert(event, WireEvent) for event in case["events"]]
        ran = False
        for number, event in enumerate(events, start=1):
            fold(view, event)
            done = [each.step for each in view.steps if each.status == "done"]
            runs = not ran and view.status == "running" and len(done) > 1
            if not done or not (runs or number == len(events)):
                continue
            ran = ran or runs
            now, step = msgspec.to_builtins(view), done[len(done) // 2 - 1]
            pasts.append({"view": now, "step": step, "after": past(now, step)})
    # One that has been gone back to before: the remark on that is not of the past.
    view = msgspec.convert(pasts[0]["view"], View)
    trim_after_step(view, pasts[0]["step"], remark="Rewound.")
    now = msgspec.to_builtins(view)
    pasts.insert(0, {"view": now, "step": pasts[0]["step"], "after": past(now, pasts[0]["step"])})
    return pasts[:: max(1, len(pasts) // MOST_PASTS)]


def timeline(view: dict[str, Any]) -> dict[str, Any]:
    """The figures of each of a view's turns."""
    seen = msgspec.convert(view, View)
    return {turn.key: msgspec.to_builtins(figures(seen, turn.key)) for turn in seen.turns}


def make_timelines(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cases of {view, figures}: every second one as it was after its last text, the others at the end of their events."""
    views: list[View] = []
    for case in cases:
        view = msgspec.convert(case["before"], View)
        events = [msgspec.convert(event, WireEvent) for event in case["events"]]
        last = max((n for n, event in enumerate(events) if isinstance(event, Text)), default=-1)
        for number, event in enumerate(events):
            fold(view, event)
            if number == (last if len(views) % 2 else len(events) - 1):
                views.append(msgspec.convert(msgspec.to_builtins(view), View))
    ended = [step for view in views[::2] for step in view.steps if step.duration is not None]
    for number, step in enumerate(ended):
        step.first_delta = 0.0123 * number  # before the first mark where that is a part of another kind
    # So many deltas that one mark stands for several.
    many = next(step for step in ended if step.marks)
    many.thinned, many.deltas = True, 25_000
    # And a text that was said at once.
    message, view = next(
        (m, v) for v in reversed(views) for m in v.messages if m.kind == "text" and m.text and m.step is not None
    )
    for step in view.steps:
        if step.turn == message.turn:
            step.marks, step.first_delta, step.deltas = "", None, 0
    seen = [msgspec.to_builtins(view) for view in views]
    return [{"view": view, "figures": timeline(view)} for view in seen]


if __name__ == "__main__":
    known = json.loads(FIXTURES.read_text()) if FIXTURES.exists() else make()
    FIXTURES.parent.mkdir(exist_ok=True)
    refolded = [refold(case) for case in known]
    for path, written in (
        (FIXTURES, refolded),
        (PAST, make_pasts(refolded)),
        (TIMELINE, make_timelines(refolded)),
    ):
        path.write_text("[\n" + ",\n".join(map(json.dumps, written)) + "\n]\n")
