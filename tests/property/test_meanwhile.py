"""Whatever is awaited, and whenever it is cancelled: with news it goes as it goes without; and each of the news is told once."""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.bridge.meanwhile import Meanwhile, News

Program = list[tuple[str, Any]]

leaf = st.sampled_from(["pause", "future", "task", "done future", "raise", "shield", "news"]).map(lambda op: (op, None))
program = st.recursive(
    st.lists(leaf, max_size=5),
    lambda inner: st.lists(
        st.one_of(leaf, st.tuples(st.sampled_from(["call", "catch", "swallow", "finally", "wait_for"]), inner)),
        max_size=4,
    ),
    max_leaves=12,
)


async def run(program: Program, log: list[str], news: News[int] | None, count: list[int]) -> str:
    """Run it, and log what can be seen from inside."""
    loop = asyncio.get_running_loop()
    for op, inner in program:
        log.append(op)
        match op:
            case "pause":
                await asyncio.sleep(0)
            case "future" | "shield":
                future: asyncio.Future[str] = loop.create_future()
                loop.call_soon(lambda future=future: future.done() or future.set_result("set"))
                log.append(await (asyncio.shield(future) if op == "shield" else future))
            case "done future":
                future = loop.create_future()
                future.set_result("before")
                log.append(await future)
            case "task":
                log.append(await asyncio.ensure_future(run([("pause", None), ("future", None)], [], None, count)))
            case "raise":
                raise ValueError("raised")
            case "news":
                count[0] += 1
                if news is not None:
                    news.put(count[0])
            case "call":
                log.append(await run(inner, log, news, count))
            case "wait_for":
                await asyncio.wait_for(run(inner, log, news, count), 60)
            case "catch":
                try:
                    await run(inner, log, news, count)
                except ValueError as error:
                    log.append(str(error))
            case "swallow":
                try:
                    await run(inner, log, news, count)
                except asyncio.CancelledError as error:
                    log.append(f"cancelled {error.args}")
            case "finally":
                try:
                    await run(inner, log, news, count)
                finally:
                    log.append("finally")
                    await asyncio.sleep(0)
            case _:
                raise AssertionError(op)
    return "end"


async def outcome(task: asyncio.Task[Any]) -> str:
    try:
        return str(await task)
    except (Exception, asyncio.CancelledError) as error:
        return repr(error)


@given(program=program, cancels=st.lists(st.integers(1, 12), max_size=3))
def test_as_awaited_plainly(program: Program, cancels: list[int]) -> None:
    """Cancelled at what is logged: those points are the same in both, the loop's rounds are not."""

    class Log(list[str]):
        """Cancels the task as so much has been logged."""

        def __init__(self) -> None:
            self.task: asyncio.Task[Any] | None = None

        def append(self, entry: str) -> None:
            super().append(entry)
            if self.task is not None and len(self) in cancels:
                self.task.cancel(f"at {len(self)}")

    async def plainly(log: Log) -> tuple[str, list[str]]:
        task = asyncio.ensure_future(run(program, log, None, [0]))
        log.task = task
        return await outcome(task), [*log]

    async def meanwhile(log: Log) -> tuple[str, list[str]]:
        news: News[int] = News()
        count = [0]
        told: list[int] = []

        async def reads() -> str:
            awaited: Meanwhile[str, int] = Meanwhile(run(program, log, news, count).__await__(), news, copy_context())
            try:
                while await awaited.goes_on():
                    told.extend(news.take())
                return awaited.result
            finally:
                told.extend(news.take())

        task = asyncio.ensure_future(reads())
        log.task = task
        end = await outcome(task), [*log]
        assert told == [*range(1, count[0] + 1)]
        return end

    assert asyncio.run(meanwhile(Log())) == asyncio.run(plainly(Log()))


@given(threads=st.integers(1, 4), each=st.integers(1, 50), rounds=st.integers(0, 20))
def test_news_of_threads(threads: int, each: int, rounds: int) -> None:
    """None is lost and none is told twice, and those of one thread are in their order."""

    async def main() -> None:
        news: News[tuple[int, int]] = News()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        go = threading.Barrier(threads + 1)

        def tell(number: int) -> None:
            go.wait()
            for index in range(each):
                news.put((number, index))

        def watch() -> None:
            go.wait()
            for thread in tellers:
                thread.join()
            loop.call_soon_threadsafe(ended.set_result, None)

        async def awaited() -> None:
            for _ in range(rounds):
                await asyncio.sleep(0)
            await ended

        tellers = [threading.Thread(target=tell, args=(number,)) for number in range(threads)]
        watcher = threading.Thread(target=watch)
        for thread in (*tellers, watcher):
            thread.start()
        meanwhile: Meanwhile[None, tuple[int, int]] = Meanwhile(awaited().__await__(), news, copy_context())
        told: list[tuple[int, int]] = []
        while await meanwhile.goes_on():
            told += news.take()
        told += news.take()
        watcher.join()
        for number in range(threads):
            assert [index for who, index in told if who == number] == [*range(each)]
        assert len(told) == threads * each

    asyncio.run(main())


@given(program=program, point=st.integers(0, 6))
def test_closed_at_any_news(program: Program, point: int) -> None:
    """Whatever it does, it has ended then, and no task is left."""

    async def main() -> None:
        news: News[int] = News()
        log: list[str] = []
        awaited: Meanwhile[str, int] = Meanwhile(run(program, log, news, [0]).__await__(), news, copy_context())
        try:
            for _ in range(point):
                if not await awaited.goes_on():
                    return
                news.take()
        except ValueError:
            return
        await awaited.close()
        ended = len(log)
        assert not await awaited.goes_on()
        await asyncio.sleep(0)
        assert len(log) == ended

    asyncio.run(main())


def test_the_programs_can_differ() -> None:
    """The comparison above would see a cancellation that is lost."""
    log: list[str] = []
    with pytest.raises(ValueError, match="raised"):
        asyncio.run(run([("catch", [("raise", None)]), ("raise", None)], log, None, [0]))
    assert log == ["catch", "raise", "raised", "raise"]
