"""The offline model behind the client that blocks."""

from __future__ import annotations

import math
from typing import Any

import openai
import pytest

from burr_chat_widget import offline

QUESTION: list[Any] = [{"role": "user", "content": "What is backpressure?"}]
ASKED: dict[str, Any] = {"model": offline.MODEL, "messages": QUESTION}


def blocking(**options: Any) -> openai.OpenAI:
    return offline.blocking_client(**{"rate": math.inf, "first_token": 0, **options})


async def test_it_says_what_the_other_client_says() -> None:
    other = offline.client(rate=math.inf, first_token=0)
    with blocking().chat.completions.create(**ASKED, stream=True) as stream:
        streamed = [chunk.choices[0].delta.content or "" for chunk in stream]
    expected = [
        chunk.choices[0].delta.content or ""
        async for chunk in await other.chat.completions.create(**ASKED, stream=True)
    ]
    assert streamed == expected
    whole = blocking().chat.completions.create(**ASKED).choices[0].message.content
    assert whole == "".join(streamed)


def test_it_waits_as_long_and_while_it_is_read() -> None:
    waited: list[float] = []
    client = blocking(rate=100.0, first_token=2.0, jitter=0.0, clock=lambda: sum(waited), sleep=waited.append)
    with client.chat.completions.create(**ASKED, stream=True) as stream:
        assert waited == []
        next(stream)
        assert waited == [2.0]
        assert [chunk for chunk in stream if chunk.choices[0].delta.content]
    assert waited[1:] == pytest.approx([0.01] * (len(waited) - 1))


def test_leaving_a_stream_ends_it() -> None:
    waited: list[float] = []
    client = blocking(rate=100.0, clock=lambda: sum(waited), sleep=waited.append)
    with client.chat.completions.create(**ASKED, stream=True) as stream:
        next(stream)
    assert len(waited) == 1
    assert client.chat.completions.create(**ASKED).choices[0].message.content


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (offline.Fault(status=429), openai.RateLimitError),
        (offline.Fault(drop_after=0), openai.APIConnectionError),
    ],
)
def test_an_error_before_the_answer(fault: offline.Fault, error: type[Exception]) -> None:
    with pytest.raises(error):
        blocking(faults=fault).chat.completions.create(**ASKED)


def test_a_connection_lost_in_mid_stream() -> None:
    client = blocking()
    client.faults.every = offline.Fault(drop_after=3)
    said: list[str] = []
    with client.chat.completions.create(**ASKED, stream=True) as stream:
        with pytest.raises(Exception, match=r"peer closed|Connection error"):  # noqa: PT012 -- the deltas before it count
            for chunk in stream:
                said += [content for choice in chunk.choices if (content := choice.delta.content)]
        assert len(said) == 3
    client.faults.every = None
    assert client.chat.completions.create(**ASKED).choices[0].message.content
