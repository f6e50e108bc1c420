"""A model that says again what was recorded."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal, overload

import openai

from burr_chat_widget.bridge import running_step
from burr_chat_widget.offline import BASE_URL, OfflineServer, OfflineTransport, Reply, wire
from burr_chat_widget.offline.blocking import BlockingTransport
from burr_chat_widget.protocol.recording import RecordedStep, Recording

__all__ = ["scripted_model"]


@overload
def scripted_model(
    recording: Recording | str | Path,
    *,
    sync: Literal[False] = False,
    speed: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> openai.AsyncOpenAI: ...
@overload
def scripted_model(
    recording: Recording | str | Path, *, sync: Literal[True], speed: float | None = None
) -> openai.OpenAI: ...
def scripted_model(
    recording: Recording | str | Path,
    *,
    sync: bool = False,
    speed: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> openai.AsyncOpenAI | openai.OpenAI:
    """An openai client whose model says again what a recording's actions streamed, for an application of the same actions.

    It looks which action of Burr's is running: its k-th run is answered with the text of its k-th run in the recording, whatever the
    request says, a delta a chunk. A request that is not streamed is answered with the same text as a whole; where nothing was
    streamed, with the one string that the step wrote, or the message that it added. Where the step had failed, the model fails at
    the end with the same words. Tools are not called, and what a model thought is not said.

    Each run can ask once. A request beyond the recording, by another action or outside of actions is answered with an error of
    status 400 that says so; a turn then fails with it.

    Args:
        recording: what `chat.record(...)` has written.
        sync: whether the client is one that blocks, for actions that are no coroutines.
        speed: 1 for the pace of the recording, 2 for twice as fast; None for no waiting.
        sleep: awaited for every wait; not for a client that blocks.

    Raises:
        OSError: if there is no such file.
        RecordingError: if it is no recording, or broken.
        ValueError: if `speed` is not above 0.
    """
    if speed is not None and not speed > 0:
        raise ValueError(f"speed={speed!r} must be above 0, or None for no waiting")
    if not isinstance(recording, Recording):
        recording = Recording.read(recording)
    server = _Script(recording, speed, _block if sync else sleep)
    if sync:
        blocking = openai.DefaultHttpxClient(transport=BlockingTransport(server))
        return openai.OpenAI(api_key="recorded", base_url=BASE_URL, max_retries=0, http_client=blocking)
    transport = openai.DefaultAsyncHttpxClient(transport=OfflineTransport(server))
    return openai.AsyncOpenAI(api_key="recorded", base_url=BASE_URL, max_retries=0, http_client=transport)


async def _block(seconds: float) -> None:
    time.sleep(seconds)  # noqa: ASYNC251 -- the client blocks


class _Script(OfflineServer):
    """Answers each request with what the recording has of the action that asks."""

    def __init__(self, recording: Recording, speed: float | None, sleep: Callable[[float], Awaitable[None]]) -> None:
        super().__init__()
        self._recording = recording
        self._speed = speed
        self._sleep = sleep
        self._runs: dict[str, list[tuple[str, int]]] = {}  # by action, those that have asked
        self._numbers = itertools.count()

    async def _complete(self, body: bytes) -> Reply:
        request = wire.parse_request(body)
        step = self._next_step()
        usage = request.stream_options is not None and request.stream_options.include_usage
        answer = wire.Completion(f"chatcmpl-recorded-{next(self._numbers)}", int(time.time()), request.model, usage)
        deltas = step.deltas or [(text, step.started + step.duration) for text in [self._text(step)] if text]
        if request.stream:
            return Reply(200, {"content-type": "text/event-stream; charset=utf-8"}, self._stream(step, deltas, answer))
        await self._wait(step.duration)
        if step.error is not None:
            raise wire.RequestError(500, step.error)
        said = "".join(text for text, _ in deltas)
        whole = answer.whole({"content": said}, finish_reason="stop", usage=wire.usage(0, len(deltas)))
        return Reply(200, {"content-type": "application/json", "content-length": str(len(whole))}, _once(whole))

    async def _stream(
        self, step: RecordedStep, deltas: list[tuple[str, float]], answer: wire.Completion
    ) -> AsyncGenerator[bytes, None]:
        before = step.started
        yield answer.chunk({"role": "assistant", "content": ""})
        for text, monotonic in deltas:
            await self._wait(monotonic - before)
            before = monotonic
            yield answer.chunk({"content": text})
        if step.error is not None:
            yield answer.error(step.error)
            return
        yield answer.chunk({}, finish_reason="stop")
        if answer.include_usage:
            yield answer.usage_chunk(wire.usage(0, len(deltas)))
        yield answer.done()

    async def _wait(self, seconds: float) -> None:
        if self._speed is not None:
            await self._sleep(max(0.0, seconds) / self._speed)

    def _next_step(self) -> RecordedStep:
        """The recorded run that answers the run which asks now."""
        running = running_step()
        if running is None:
            raise self._error("no action of Burr's is running, so that nobody can tell which recorded answer is meant")
        action, app_id, sequence_id = running
        runs = self._runs.setdefault(action, [])
        if (app_id, sequence_id) in runs:
            raise self._error(
                f"this run of {action!r} has asked before, and the recording holds one answer for each run"
            )
        recorded = [step for step in self._recording.steps if step.action == action]
        if len(runs) >= len(recorded):
            count = f"{len(recorded)} run{'' if len(recorded) == 1 else 's'}" if recorded else "no run"
            raise self._error(f"it has {count} of action {action!r}, and this is number {len(runs) + 1}")
        runs.append((app_id, sequence_id))
        return recorded[len(runs) - 1]

    def _text(self, step: RecordedStep) -> str:
        """What a step that streamed nothing has said."""
        if len(step.messages) == 1:
            return step.messages[0]
        if step.after is None and step.status == "done":
            raise self._error(
                f"step {step.step}, {step.action!r}, streamed nothing, and what it wrote is not in the recording"
            )
        if step.error is not None or step.after is None:
            return ""
        written = self._written(step, step.after)
        if len(written) == 1:
            return next(iter(written.values()))
        found = ", ".join(map(repr, written)) or "none"
        raise self._error(
            f"step {step.step}, {step.action!r}, streamed nothing, and which of the strings that it wrote is the answer cannot be told: "
            f"{found}"
        )

    def _written(self, step: RecordedStep, after: Mapping[str, Any]) -> dict[str, str]:
        """The strings that the step wrote, by their keys in the state."""
        known = {each.name: each.writes for each in self._recording.header.view.graph.actions}
        strings = {key: after[key] for key in known.get(step.action, []) if isinstance(after.get(key), str)}
        changed = {key: text for key, text in strings.items() if step.before.get(key) != text}
        return changed if len(strings) > 1 else strings

    def _error(self, why: str) -> wire.RequestError:
        return wire.RequestError(400, f"the recording {self._recording.path.name!r} has no answer: {why}")


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
