"""Every fault, as the real client shows it."""

import json
import math
from typing import Any

import openai
import pytest

from burr_chat_widget import offline
from burr_chat_widget.offline import Fault, Faults
from burr_chat_widget.offline._http import http
from unit.offline.made_up_time import MadeUpTime

# openai wraps what the HTTP library raises in mid-stream since its version 3; before, it came through as it was.
LOST_IN_STREAM = (openai.APIConnectionError, http.RemoteProtocolError)


def client(fault: Fault | Faults, **options: Any) -> openai.AsyncOpenAI:
    return offline.client(rate=math.inf, first_token=0, faults=fault, **options)


async def ask(client: openai.AsyncOpenAI) -> str:
    answer = await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is backpressure?"}]
    )
    return answer.choices[0].message.content or ""


async def read(client: openai.AsyncOpenAI, deltas: list[str] | None = None) -> list[str]:
    """The deltas of a streamed answer; those before an error are in `deltas`."""
    deltas = [] if deltas is None else deltas
    stream = await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is backpressure?"}], stream=True
    )
    async with stream:
        async for chunk in stream:
            if content := chunk.choices[0].delta.content:
                deltas.append(content)
    return deltas


@pytest.mark.parametrize(
    ("status", "expected", "kind", "code"),
    [
        (401, openai.AuthenticationError, "invalid_request_error", "invalid_api_key"),
        (429, openai.RateLimitError, "requests", "rate_limit_exceeded"),
        (500, openai.InternalServerError, "server_error", None),
        (529, openai.InternalServerError, "server_error", None),
    ],
)
@pytest.mark.parametrize("call", [ask, read])
async def test_an_error_status(call: Any, status: int, expected: type[Exception], kind: str, code: str | None) -> None:
    with pytest.raises(expected, match="a fault that the offline model was asked for") as caught:
        await call(client(Fault(status=status)))
    error = caught.value
    assert isinstance(error, openai.APIStatusError)
    assert (error.status_code, error.type, error.code, error.param) == (status, kind, code, None)


async def test_retry_after() -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        await ask(client(Fault(status=429, retry_after=2.5)))
    assert caught.value.response.headers["retry-after"] == "2.5"


async def test_a_client_with_retries_gets_over_a_passing_fault() -> None:
    faults = Faults(at={0: Fault(status=429, retry_after=0.001)})
    assert (await ask(client(faults, max_retries=1))).startswith("Backpressure is")


@pytest.mark.parametrize("tokens", [0, 3])
async def test_a_connection_that_drops_in_mid_stream(tokens: int) -> None:
    deltas: list[str] = []
    with pytest.raises(LOST_IN_STREAM) as caught:
        await read(client(Fault(drop_after=tokens)), deltas)
    cause = caught.value.__cause__ if isinstance(caught.value, openai.APIConnectionError) else caught.value
    assert isinstance(cause, http.RemoteProtocolError)
    assert "without sending complete message body" in str(cause)
    assert len(deltas) == tokens


async def test_a_drop_past_the_end_comes_before_the_finish() -> None:
    whole = await read(client(Fault()))
    deltas: list[str] = []
    with pytest.raises(LOST_IN_STREAM):
        await read(client(Fault(drop_after=10_000)), deltas)
    assert deltas == whole


async def test_a_connection_that_drops_before_a_whole_answer() -> None:
    with pytest.raises(openai.APIConnectionError) as caught:
        await ask(client(Fault(drop_after=3)))
    assert isinstance(caught.value.__cause__, http.RemoteProtocolError)


@pytest.mark.parametrize("tokens", [0, 3, 10_000])
async def test_a_chunk_that_is_not_json(tokens: int) -> None:
    deltas: list[str] = []
    with pytest.raises(json.JSONDecodeError):
        await read(client(Fault(malformed_after=tokens)), deltas)
    whole = await read(client(Fault()))
    assert deltas == whole[:tokens]


async def test_a_whole_answer_that_is_not_json() -> None:
    with pytest.raises(json.JSONDecodeError):
        await ask(client(Fault(malformed_after=0)))


async def test_a_stall_and_a_slow_first_token() -> None:
    time = MadeUpTime()
    slow = offline.client(
        rate=10,
        first_token=0.5,
        jitter=0,
        faults=Fault(first_token=8, stall_after=2, stall=30),
        clock=time.clock,
        sleep=time.sleep,
    )
    deltas = await read(slow)
    assert time.slept == pytest.approx([8, 0.1, 30, *[0.1] * (len(deltas) - 2)])


async def test_faults_by_request_changed_while_in_use() -> None:
    faults = Faults(at={1: Fault(status=500)})
    in_use = client(faults)
    await ask(in_use)
    with pytest.raises(openai.InternalServerError):
        await ask(in_use)
    [model async for model in in_use.models.list()]  # does not count as a request for a completion
    await ask(in_use)
    faults.every = Fault(status=401)
    with pytest.raises(openai.AuthenticationError):
        await ask(in_use)
    faults.every = None
    await ask(in_use)


async def test_a_fault_that_comes_during_a_stream_waits_for_the_next_request() -> None:
    faults = Faults()
    in_use = client(faults)
    stream = await in_use.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is backpressure?"}], stream=True
    )
    await anext(stream)
    faults.every = Fault(drop_after=0)
    last = None
    async for chunk in stream:
        last = chunk
    assert last is not None
    assert last.choices[0].finish_reason == "stop"
    with pytest.raises(LOST_IN_STREAM):
        await read(in_use)


@pytest.mark.parametrize("options", [{"status": 200}, {"status": 600}, {"drop_after": -1}, {"stall": -1.0}])
def test_a_fault_that_could_not_show_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Fault(**options)
