"""The endpoint itself: a request in, a reply out. It knows no HTTP library, so it can stand behind a client or a socket."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from . import tokens, tools, wire
from .faults import Fault, Faults
from .pace import Pace, Tempo
from .pieces import split_awkwardly
from .speech import speak

MODEL = "offline-model"
"""The only model there is."""

_JSON = {"content-type": "application/json"}
_EVENTS = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
_ASKED_FOR = "(a fault that the offline model was asked for)"
_FAULT_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class Dropped(Exception):
    """The connection is to be lost here: close it without finishing the response. What HTTP clients say of it:"""

    BEFORE = "Server disconnected without sending a response."
    WITHIN = "peer closed connection without sending complete message body (incomplete chunked read)"


@dataclass(frozen=True)
class Reply:
    """A response: its body comes as it is read, and reading may raise `Dropped`."""

    status: int
    headers: dict[str, str]
    body: AsyncGenerator[bytes, None]


class OfflineServer:
    """Answers requests in the wire format of chat completions, under the path `/v1`."""

    def __init__(self, *, seed: int = 0, tempo: Tempo | None = None, faults: Fault | Faults | None = None) -> None:
        """Take what the answers depend on.

        Args:
            seed: the same seed and the same requests give the same answers, ids and waits.
            tempo: how fast the answers come.
            faults: what goes wrong; a single `Fault` holds for every request.
        """
        self._seed = seed
        self._tempo = tempo or Tempo()
        self.faults = Faults(every=faults) if isinstance(faults, Fault) else faults or Faults()
        self._requests = 0

    async def handle(self, method: str, path: str, body: bytes) -> Reply:
        """Answer one request.

        Raises:
            Dropped: the connection is lost before there is a response.
        """
        try:
            return await self._route(method, path, body)
        except wire.RequestError as error:
            return _whole(error.status, error.body())

    async def _route(self, method: str, path: str, body: bytes) -> Reply:
        known = f"/v1/models/{MODEL}"
        match method, path:
            case "POST", "/v1/chat/completions":
                return await self._complete(body)
            case "GET", "/v1/models":
                return _whole(200, wire.encode({"object": "list", "data": [wire.model_card(MODEL)]}))
            case "GET", _ if path == known:
                return _whole(200, wire.encode(wire.model_card(MODEL)))
            case _, "/v1/chat/completions" | "/v1/models":
                raise wire.RequestError(405, f"Not allowed to {method} on {path}", code="method_not_supported")
            case _ if path.startswith("/v1/models/"):
                raise _unknown_model(path.removeprefix("/v1/models/"))
            case _:
                raise wire.RequestError(404, f"Invalid URL ({method} {path})", code="unknown_url")

    async def _complete(self, body: bytes) -> Reply:
        request = wire.parse_request(body)
        if request.model != MODEL:
            raise _unknown_model(request.model)
        index = self._requests
        self._requests += 1
        fault = self.faults.of_request(index, streamed=bool(request.stream))
        status = 500 if fault.error_after is not None and not request.stream else fault.status
        if status is not None:
            return _fault_reply(fault, status)
        answer = _Answer(request, seed=self._seed, index=index, fault=fault, tempo=self._tempo)
        if request.stream:
            return Reply(200, _EVENTS | {"x-request-id": answer.id}, answer.stream())
        return _whole(200, await answer.whole(), request_id=answer.id)


class _Answer:
    """One answer, produced as it is read."""

    def __init__(self, request: wire.ChatRequest, *, seed: int, index: int, fault: Fault, tempo: Tempo) -> None:
        self.id = f"chatcmpl-offline-{random.Random(f'{seed}:{index}').getrandbits(64):016x}"
        self._fault = fault
        self._pace = Pace(tempo, seed=f"{seed}:{index}:pace", first_token=fault.first_token)
        self._call = tools.call(request)
        self._call_id = f"call_{self.id.removeprefix('chatcmpl-')}"
        names = [tool.function.name for tool in request.tools or () if tool.function]
        said = tokens.split(self._call.arguments if self._call else speak(request.messages, seed=seed, tools=names))
        self._tokens = said[: request.limit]
        self._finish_reason = "tool_calls" if self._call else "stop"
        if len(self._tokens) < len(said):
            self._finish_reason = "length"
        self._messages = request.messages
        include_usage = request.stream_options is not None and request.stream_options.include_usage
        self._wire = wire.Completion(self.id, int(time.time()), MODEL, include_usage, fault.awkward)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body, in the pieces that a reader is handed."""
        async with aclosing(self._events()) as events:
            async for event in events:
                for piece in split_awkwardly(event) if self._fault.awkward else [event]:
                    yield piece

    async def _events(self) -> AsyncGenerator[bytes, None]:
        role = {"role": "assistant", **self._said("", index=0), "refusal": None}
        count = 0
        async with aclosing(self._paced()) as paced:
            async for token in paced:
                if count == 0:
                    yield self._wire.chunk(role)
                if self._hits(self._fault.malformed_after, count):
                    yield self._wire.end(self._wire.chunk({})[:40])
                if self._hits(self._fault.error_after, count):
                    yield self._wire.error(f"The server had an error while it answered {_ASKED_FOR}")
                    return
                if token is not None:
                    yield self._wire.chunk(self._delta(token))
                count += 1
        yield self._wire.chunk({}, finish_reason=self._finish_reason)
        if self._wire.include_usage:
            yield self._wire.usage_chunk(self._usage())
        yield self._wire.done()

    async def whole(self) -> bytes:
        content = "".join([token async for token in self._paced() if token is not None])
        body = self._wire.whole(self._said(content), finish_reason=self._finish_reason, usage=self._usage())
        return body if self._fault.malformed_after is None else body[: len(body) // 2]

    def _said(self, text: str, **place: int) -> dict[str, Any]:
        """What a message says: `text`, or a call with these arguments; in a stream, `place` has the call's index."""
        if self._call is None:
            return {"content": text}
        function = {"name": self._call.name, "arguments": text}
        return {
            "content": None,
            "tool_calls": [{**place, "id": self._call_id, "type": "function", "function": function}],
        }

    def _delta(self, token: str) -> dict[str, Any]:
        if self._call is None:
            return {"content": token}
        return {"tool_calls": [{"index": 0, "function": {"arguments": token}}]}

    async def _paced(self) -> AsyncGenerator[str | None, None]:
        """Each token when it is due, then `None` for the place after the last one, where faults may still come."""
        for count, token in enumerate([*self._tokens, None]):
            if self._hits(self._fault.drop_after, count):
                raise Dropped
            if self._hits(self._fault.stall_after, count):
                await self._pace.pause(self._fault.stall)
            if token is not None and not self._comes_at_once(count):
                await self._pace.token()
            yield token

    def _usage(self) -> dict[str, int]:
        prompt_tokens = sum(len(tokens.split(message.text)) for message in self._messages)
        return wire.usage(prompt_tokens, len(self._tokens))

    def _comes_at_once(self, count: int) -> bool:
        return self._fault.burst_after is not None and count > self._fault.burst_after

    def _hits(self, after: int | None, count: int) -> bool:
        return after is not None and min(after, len(self._tokens)) == count


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _whole(status: int, body: bytes, *, request_id: str = "offline") -> Reply:
    headers = _JSON | {"content-length": str(len(body)), "x-request-id": request_id}
    return Reply(status, headers, _once(body))


def _fault_reply(fault: Fault, status: int) -> Reply:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    message = f"{phrase} {_ASKED_FOR}"
    reply = _whole(status, wire.error_body(status, message, code=_FAULT_CODES.get(status)))
    if fault.retry_after is not None:
        reply.headers["retry-after"] = f"{fault.retry_after:g}"
    return reply


def _unknown_model(model: str) -> wire.RequestError:
    message = f"The model {model!r} does not exist: this is the offline model, its only model is {MODEL!r}"
    return wire.RequestError(404, message, param="model", code="model_not_found")
