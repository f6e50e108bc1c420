"""Whatever an action yields, in whatever pieces, is what the events say, character for character."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kinds import STREAMING, scripted_app
from apps.reading import collect, text_of
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.protocol import events as e

ANY = st.text(st.characters())
WITH_HALVES = st.text(st.one_of(st.characters(), st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)))


def joined(texts: list[str]) -> str:
    """The concatenation, with halves that meet joined and U+FFFD for each lone one."""
    return "".join(texts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize("kind", STREAMING)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.one_of(ANY, WITH_HALVES), max_size=12))
def test_concatenation(kind: str, texts: list[str]) -> None:
    async def run() -> None:
        app, _ = scripted_app(kind, list(texts))
        events = await collect(stream_turn(app, {"prompt": "hi"}))
        assert "".join(event.text for event in events if isinstance(event, e.TextDelta)) == joined(texts)
        assert text_of(events) == joined(texts)

    asyncio.run(run())
