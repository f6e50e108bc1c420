"""Stopped or closed at any event of a turn: the state is what it was, and the next prompt is answered."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kinds import KINDS, scripted_app
from apps.reading import collect, only, types, visible
from burr_chat_widget.bridge import TurnControl, stream_turn
from burr_chat_widget.protocol import events as e


@pytest.mark.parametrize("how", ["stop", "close", "cancel"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(point=st.integers(0, 16), earlier=st.booleans())
def test_any_point(kind: str, how: str, point: int, earlier: bool) -> None:
    async def run() -> None:
        app, script = scripted_app(kind, ["one ", "two ", "three"])
        if earlier:
            await collect(stream_turn(app, {"prompt": "before"}))
        before = visible(app)
        sequence = app.sequence_id
        control = TurnControl()
        events = stream_turn(app, {"prompt": "interrupted"}, control=control)
        seen: list[e.TurnEvent] = []
        for _ in range(point + 1):
            event = await anext(events, None)
            if event is None:
                break
            seen.append(event)
        if how == "stop":
            control.stop()
            seen += await collect(events)
            completed = types(seen)[-1] == "turn-completed"
            assert completed or types(seen)[-1] == "turn-stopped"
        elif how == "close":
            await events.aclose()
            completed = types(seen)[-1] == "turn-completed"
        else:
            rest = asyncio.ensure_future(collect(events))
            rest.cancel()
            with pytest.raises(asyncio.CancelledError):
                await rest
            await events.aclose()
            completed = types(seen)[-1] == "turn-completed"
        if not completed:
            assert visible(app) == before
        assert (app.sequence_id or 0) >= (sequence or 0)
        assert script.running == 0
        after = await collect(stream_turn(app, {"prompt": "again"}))
        assert only(after, e.TurnCompleted).needs == ["prompt"]
        assert [m["content"] for m in app.state["chat_history"]][-2:] == ["again", "one two three"]

    asyncio.run(run())
