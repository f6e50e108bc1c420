"""What is awaited while news are told cannot tell it from being awaited plainly."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from burr_chat_widget.bridge.meanwhile import Meanwhile, News

variable: ContextVar[str] = ContextVar("variable", default="outside")


def begin(awaited: Awaitable[Any], news: News[str] | None = None) -> Meanwhile[Any, str]:
    steps: Any = awaited.__await__()
    return Meanwhile(steps, news or News(), copy_context())


async def both(make: Callable[[], Awaitable[Any]]) -> list[Any]:
    """What comes of it awaited plainly and awaited with news, each in a task of its own."""

    async def plainly() -> Any:
        return await make()

    async def meanwhile() -> Any:
        news: News[str] = News()
        news.put("to begin with")
        awaited = begin(make(), news)
        while await awaited.goes_on():
            news.take()
        return awaited.result

    found: list[Any] = []
    for way in (plainly, meanwhile):
        task = asyncio.ensure_future(way())
        try:
            found.append((await task, task.cancelled()))
        except (Exception, asyncio.CancelledError) as error:
            found.append((type(error), str(error), task.cancelled()))
    return found


async def chain(depth: int) -> str:
    if depth:
        return await chain(depth - 1)
    await asyncio.sleep(0)
    return "result"


async def fails() -> None:
    await asyncio.sleep(0)
    raise ValueError("inside")


async def times_out() -> str:
    try:
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.001)
    except asyncio.TimeoutError:
        return "timed out"
    return "never"


async def cancels_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel("for this reason")
    await asyncio.sleep(0)


async def cancels_and_recovers() -> list[Any]:
    task = asyncio.current_task()
    assert task is not None
    told: list[Any] = []
    for wait in (lambda: asyncio.sleep(0), lambda: asyncio.sleep(60), asyncio.get_running_loop().create_future):
        task.cancel("again")
        try:
            await wait()
        except asyncio.CancelledError as error:
            told.append(error.args)
            if hasattr(task, "uncancel"):
                task.uncancel()
    return told


async def gathers() -> list[Any]:
    return await asyncio.gather(chain(1), chain(2), fails(), return_exceptions=True) and ["gathered"]


async def waits_for_a_done_one() -> str:
    done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    done.set_result("at once")
    return await done


async def other_loop() -> None:
    loop = asyncio.new_event_loop()
    try:
        await loop.create_future()
    except RuntimeError as error:
        raise RuntimeError(str(error).split("attached")[1]) from None
    finally:
        loop.close()


async def itself() -> None:
    try:
        await asyncio.current_task()  # type: ignore
    except RuntimeError:
        raise RuntimeError("refused") from None


class Wrong:
    """Awaits what is no future."""

    def __await__(self) -> Any:
        yield 42


async def bad_yield() -> None:
    try:
        await Wrong()
    except RuntimeError:
        raise RuntimeError("refused") from None


class Bare:
    """Yields a future without `await`."""

    def __await__(self) -> Any:
        yield asyncio.get_running_loop().create_future()


async def bare_future() -> None:
    try:
        await Bare()
    except RuntimeError:
        raise RuntimeError("refused") from None


@pytest.mark.parametrize(
    "make",
    [
        lambda: chain(5),
        fails,
        times_out,
        cancels_itself,
        cancels_and_recovers,
        gathers,
        waits_for_a_done_one,
        other_loop,
        itself,
        bad_yield,
        bare_future,
    ],
)
async def test_the_same_as_awaited_plainly(make: Callable[[], Awaitable[Any]]) -> None:
    plainly, meanwhile = await both(make)
    assert meanwhile == plainly


@pytest.mark.skipif(not hasattr(asyncio, "timeout"), reason="asyncio.timeout came with Python 3.11")
async def test_a_timeout_inside() -> None:
    async def inside() -> str:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return "timed out"
        return "never"

    plainly, meanwhile = await both(inside)
    assert meanwhile == plainly == ("timed out", False)


async def test_the_task_is_the_callers_and_the_context_its_own() -> None:
    async def inside() -> tuple[Any, str]:
        assert variable.get() == "caller's"
        variable.set("set inside")
        await asyncio.sleep(0)
        seen = [variable.get(), await asyncio.create_task(in_task())]
        return asyncio.current_task(), " ".join(seen)

    async def in_task() -> str:
        return variable.get()

    variable.set("caller's")
    news: News[str] = News()
    awaited = begin(inside(), news)
    while await awaited.goes_on():
        raise AssertionError("there are no news")
    assert awaited.result == (asyncio.current_task(), "set inside set inside")
    assert variable.get() == "caller's"


async def test_a_cancellation_reaches_what_is_awaited() -> None:
    reached = asyncio.Event()
    told: list[Any] = []

    async def inside() -> None:
        try:
            reached.set()
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError as error:
            told.append(error.args)
            await asyncio.sleep(0)  # it takes its time
            raise

    async def outside() -> None:
        await begin(inside()).to_its_end()

    task = asyncio.ensure_future(outside())
    await reached.wait()
    task.cancel("stop")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == [("stop",)]
    assert task.cancelled()


async def test_closed() -> None:
    """It is cancelled, and awaited to its end; what it raises then is nobody's matter. News are left where they are."""
    news: News[str] = News()
    ended: list[str] = []

    async def inside(error: BaseException | None) -> None:
        news.put("begun")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")
            news.put("last words")
            if error is not None:
                raise error

    for error in (None, ValueError("while closing")):
        awaited = begin(inside(error), news)
        assert await awaited.goes_on()
        await awaited.close()
        assert not await awaited.goes_on()
        await awaited.close()
        assert news.take() == ["begun", "last words"]
    never = begin(inside(None), news)
    await never.close()
    assert ended == ["ended", "ended"]
    assert news.take() == []


async def test_cancelled_while_it_is_closed() -> None:
    """The task's own cancellation is not mistaken for the one that closing means."""
    closing = asyncio.Event()

    async def inside() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            closing.set()
            await asyncio.sleep(60)

    async def outside() -> None:
        news: News[str] = News()
        awaited = begin(inside(), news)
        news.put("now")
        assert await awaited.goes_on()
        await awaited.close()
        raise AssertionError("the cancellation was lost")

    task = asyncio.ensure_future(outside())
    await closing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_endless_loop_leaves_the_loop_running() -> None:
    """`asyncio.sleep(0)` lets others run, even where there are always news."""
    news: News[str] = News()
    turns = 0

    async def inside() -> int:
        while turns < 10:
            news.put("still here")
            await asyncio.sleep(0)
        return turns

    async def other() -> None:
        nonlocal turns
        while turns < 10:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.ensure_future(other())
    awaited = begin(inside(), news)
    while await awaited.goes_on():
        news.take()
    await running
    assert awaited.result == 10


async def test_news_of_a_loop_that_is_closed() -> None:
    """A thread that goes on after all has ended may tell what it wants."""

    async def waits() -> News[str]:
        news: News[str] = News()
        waiting = asyncio.ensure_future(news.wait(asyncio.get_running_loop().create_future()))
        await asyncio.sleep(0)
        waiting.get_loop().call_soon(asyncio.get_running_loop().stop)
        return news

    def run() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(waits())
        loop.run_until_complete(task)
        pending = asyncio.all_tasks(loop)
        news = task.result()
        held = news._waiting
        for each in pending:
            each.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        loop.close()
        news._waiting = held  # a thread that had already seen that somebody waits
        news.put("late")
        assert news.take() == ["late"]

    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert failures == []
