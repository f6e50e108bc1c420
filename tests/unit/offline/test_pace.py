"""When tokens come, with time made up; that they come only as they are read; that closing ends them."""

import asyncio
import math

import openai
import pytest

from burr_chat_widget import offline
from burr_chat_widget.offline._http import http
from unit.offline.made_up_time import MadeUpTime


async def ask(client: openai.AsyncOpenAI, **options: object):
    return await client.chat.completions.create(
        model=offline.MODEL,
        messages=[{"role": "user", "content": "What is backpressure?"}],
        stream=True,
        **options,  # type: ignore[arg-type]
    )


def client(time: MadeUpTime, **options: object) -> openai.AsyncOpenAI:
    return offline.client(clock=time.clock, sleep=time.sleep, **options)  # type: ignore[arg-type]


async def test_without_jitter_every_wait_is_exact() -> None:
    time = MadeUpTime()
    async for _ in await ask(client(time, rate=50, first_token=0.25, jitter=0), max_tokens=5):
        pass
    assert time.slept == pytest.approx([0.25, 0.02, 0.02, 0.02, 0.02])


async def test_jitter_is_bounded_and_seeded() -> None:
    async def waits(seed: int) -> list[float]:
        time = MadeUpTime()
        async for _ in await ask(client(time, seed=seed, rate=50, first_token=0.25, jitter=0.5)):
            pass
        return time.slept

    first, *rest = await waits(1)
    assert 0.125 <= first <= 0.375
    assert all(0.01 - 1e-9 <= wait <= 0.03 + 1e-9 for wait in rest)
    assert len(set(rest)) > 10
    assert await waits(1) == [first, *rest]
    assert await waits(2) != [first, *rest]


async def test_a_whole_answer_takes_as_long_as_a_streamed_one() -> None:
    time = MadeUpTime()
    await client(time, rate=50, first_token=0.25, jitter=0).chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is backpressure?"}], max_tokens=5
    )
    assert time.now == pytest.approx(1000 + 0.25 + 4 * 0.02)


async def test_tokens_are_made_only_as_they_are_read() -> None:
    time = MadeUpTime()
    stream = await ask(client(time))
    assert time.slept == []
    async for chunk in stream:
        if chunk.choices[0].delta.content == "sure":
            break
    assert len(time.slept) == 2
    await stream.close()
    assert len(time.slept) == 2


async def test_closing_the_stream_ends_the_answer() -> None:
    time = MadeUpTime()
    replies: list[offline.Reply] = []

    class Watched(offline.OfflineServer):
        async def handle(self, method: str, path: str, body: bytes) -> offline.Reply:
            replies.append(await super().handle(method, path, body))
            return replies[-1]

    tempo = offline.Tempo(clock=time.clock, sleep=time.sleep)
    transport = offline.OfflineTransport(Watched(tempo=tempo))
    async with openai.AsyncOpenAI(
        api_key="offline",
        base_url=offline.BASE_URL,
        http_client=http.AsyncClient(transport=transport),
    ) as real:
        async with await ask(real) as stream:
            async for _ in stream:
                break
        # A generator that was closed has nothing left, where one merely forgotten would go on.
        assert [part async for part in replies[0].body] == []


async def test_a_reader_that_is_cancelled_leaves_nothing_running() -> None:
    waiting = asyncio.Event()

    async def never(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    stream = await ask(offline.client(sleep=never))
    reading = asyncio.ensure_future(anext(stream))
    await waiting.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await stream.close()
    assert len(asyncio.all_tasks()) == 1


async def test_closing_while_another_task_reads_is_no_error_for_who_closes() -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: float) -> None:
        waiting.set()
        await go_on.wait()

    stream = await ask(offline.client(sleep=wait))
    reading = asyncio.ensure_future(anext(stream))
    await waiting.wait()
    await stream.close()
    assert not reading.done()
    go_on.set()
    with pytest.raises((openai.APIConnectionError, http.ReadError)):
        await reading


async def test_a_late_reader_catches_up_a_little_and_not_all_at_once() -> None:
    time = MadeUpTime()
    stream = await ask(client(time, rate=100, first_token=0, jitter=0), max_tokens=20)
    await anext(stream)  # the role; the first token is due by then
    await anext(stream)
    time.now += 60  # the reader is away
    async for _ in stream:
        pass
    # What was due within the last 50 ms comes at once, the rest at the usual rate.
    late = [wait for wait in time.slept[1:] if wait == 0]
    assert len(late) == 5
    assert time.slept[-1] == pytest.approx(0.01)


async def test_without_waits_the_event_loop_still_gets_its_turns() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    count = len([chunk async for chunk in await ask(offline.client(rate=math.inf, first_token=0))])
    task.cancel()
    assert turns >= count - 3


@pytest.mark.parametrize(
    "options", [{"rate": 0}, {"rate": -1}, {"rate": math.nan}, {"first_token": -1}, {"jitter": 1.5}, {"jitter": -0.1}]
)
def test_a_tempo_that_cannot_be_kept_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        offline.client(**options)  # type: ignore[arg-type]
