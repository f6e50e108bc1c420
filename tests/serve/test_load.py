"""Many conversations at the same time, over real sockets: every byte of each is what its application said."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import httpx

from apps import gates
from apps.served import script
from burr_chat_widget.protocol.sse import BEAT
from burr_chat_widget.serve import ServeLimits

from .conftest import PATIENCE, Serve, parsed

CONVERSATIONS = 200
DELTAS = 40
TURNS = 2


def pieces(conversation: int, turn: int) -> list[str]:
    """What is said in that turn: different in each, with what a stream could stumble over."""
    awkward = ["data: ", "\n\n", "é\u2028", "🌊", "\r", 'id: 7"', "\x85", ": "]
    return [f"c{conversation} t{turn} d{n} {awkward[(conversation + n) % len(awkward)]}" for n in range(DELTAS)]


async def test_many_conversations_at_once_are_each_their_own(serving: Serve) -> None:
    limits = ServeLimits(turns=10 * CONVERSATIONS, streams=2 * CONVERSATIONS)
    site = serving(limits=limits)
    began: set[int] = set()
    gates.hold("all")

    async def stream(client: httpx.AsyncClient, number: int, turn: int) -> tuple[bytes, str]:
        """One turn; the first one of all conversations is held until all of them are in its middle."""
        waits = ["", "all"] if turn == 0 else []
        asked = {"prompt": script(*pieces(number, turn), gates=waits)}
        raw = b""
        async with client.stream("POST", f"/chats/load/c{number}/turns", json=asked) as response:
            assert response.status_code == 200, await response.aread()
            async with aclosing(response.aiter_raw()) as sent:
                async for piece in sent:
                    raw += piece
                    if number not in began and b"event: text-delta" in raw:
                        began.add(number)
                        if len(began) == CONVERSATIONS:
                            gates.release("all")
            return raw, response.headers["location"]

    async def chat(client: httpx.AsyncClient, number: int) -> None:
        said: list[str] = []
        for turn in range(TURNS):
            raw, location = await stream(client, number, turn)
            events = parsed(raw)
            assert [event.id for event in events] == [str(n) for n in range(len(events))]
            assert (events[0].event, events[-1].event) == ("turn-started", "turn-completed")
            assert [event.data["text"] for event in events if event.event == "text-delta"] == pieces(number, turn)
            # Who comes later reads the same bytes, without the beats of who has waited.
            assert (await client.get(location)).content == raw.replace(BEAT, b"")
            said.append("".join(pieces(number, turn)))
        history = (await client.get(f"/history/load/c{number}")).json()
        assert [item["content"] for item in history if item["role"] == "assistant"] == said

    # Each request has a connection of its own: one that has been idle may be closed just when it is used again.
    one_each = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=site.url, timeout=PATIENCE, limits=one_each) as client:
        await asyncio.gather(*(chat(client, number) for number in range(CONVERSATIONS)))
    assert len(began) == CONVERSATIONS
