"""The same answers over a real socket: what the offline transport claims of a connection is what a connection does."""

import asyncio
import math
from typing import Any

import openai
import pytest

from burr_chat_widget import offline
from burr_chat_widget.offline._http import http
from unit.offline.wire_server import WireServer

TEMPO = offline.Tempo(rate=math.inf, first_token=0)


def connected(wire: WireServer) -> openai.AsyncOpenAI:
    # The environment's proxies are not for the loopback interface.
    return openai.AsyncOpenAI(
        api_key="any", base_url=wire.base_url, max_retries=0, http_client=http.AsyncClient(trust_env=False)
    )


async def create(client: openai.AsyncOpenAI) -> Any:
    return await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is a delta?"}], stream=True
    )


async def test_a_streamed_answer_is_the_same_as_without_a_socket() -> None:
    without = [chunk.choices[0] async for chunk in await create(offline.client(rate=math.inf, first_token=0))]
    wire = WireServer(offline.OfflineServer(tempo=TEMPO))
    async with wire.running(), connected(wire) as client:
        assert [chunk.choices[0] async for chunk in await create(client)] == without
        assert [model.id async for model in client.models.list()] == [offline.MODEL]
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("gpt-4o")


async def test_a_dropped_connection_is_the_same_error() -> None:
    fault = offline.Fault(drop_after=4)

    async def lost(client: openai.AsyncOpenAI) -> list[Any]:
        """What a reader gets: the deltas, then the errors."""
        got: list[Any] = []
        try:
            async for chunk in await create(client):
                got += [chunk.choices[0].delta.content]
        except openai.APIConnectionError as error:
            got += [type(error), type(error.__cause__), str(error.__cause__)]
        except http.RemoteProtocolError as error:  # openai before its version 3 does not wrap it
            got += [type(error), str(error)]
        return got

    expected = await lost(offline.client(rate=math.inf, first_token=0, faults=fault))
    assert http.RemoteProtocolError in expected[5:]
    wire = WireServer(offline.OfflineServer(tempo=TEMPO, faults=fault))
    async with wire.running(), connected(wire) as client:
        assert await lost(client) == expected


async def test_a_client_that_closes_stops_the_generation() -> None:
    stalled = offline.Fault(stall_after=2, stall=3600)
    wire = WireServer(offline.OfflineServer(tempo=TEMPO, faults=stalled))
    async with wire.running(), connected(wire) as client:
        async with await create(client) as stream:
            assert (await anext(stream)).choices[0].delta.role == "assistant"
        await asyncio.wait_for(wire.abandoned.wait(), 30)
