"""The offline model behind the real openai client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import AsyncGeneratorType
from typing import cast

from ._http import http, openai
from .faults import Fault, Faults
from .pace import Tempo
from .server import Dropped, OfflineServer, Reply

BASE_URL = "http://offline.invalid/v1"
"""Where the client believes to be. Names under `.invalid` are reserved and never resolve (RFC 2606)."""

API_KEY = "none-is-needed"
"""No word of an error's: what errors say is shown without what keys of clients say."""


class OfflineTransport(http.AsyncBaseTransport):
    """An HTTP transport that hands every request to an `OfflineServer`; no socket is ever opened."""

    def __init__(self, server: OfflineServer | None = None) -> None:
        """Serve from `server`, or from one with the default settings."""
        self._server = server or OfflineServer()

    async def handle_async_request(self, request: http.Request) -> http.Response:
        """Answer one request of the client."""
        body = await request.aread()
        try:
            reply = await self._server.handle(request.method, request.url.path, body)
        except Dropped:
            raise http.RemoteProtocolError(Dropped.BEFORE, request=request) from None
        return http.Response(reply.status, headers=reply.headers, stream=_Body(reply, request), request=request)


class _Body(http.AsyncByteStream):
    """The body of a response, produced as the client reads it and no further than it reads."""

    def __init__(self, reply: Reply, request: http.Request) -> None:
        self._body = reply.body
        self._request = request
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._body:
                if self._closed:
                    await self._body.aclose()
                    raise http.ReadError("the response was closed while it was read", request=self._request)
                yield part
        except Dropped:
            raise http.RemoteProtocolError(Dropped.WITHIN, request=self._request) from None

    async def aclose(self) -> None:
        """Stop producing. While another task waits for the next part, that wait is what ends it."""
        self._closed = True
        if not cast("AsyncGeneratorType[bytes, None]", self._body).ag_running:
            await self._body.aclose()


class OfflineClient(openai.AsyncOpenAI):
    """The client, and what goes wrong with its answers.

    Attributes:
        faults: may be changed while the client is in use.
    """

    faults: Faults


def client(
    *,
    seed: int = 0,
    rate: float = 60.0,
    first_token: float = 0.4,
    jitter: float = 0.3,
    faults: Fault | Faults | None = None,
    max_retries: int = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> OfflineClient:
    """An `openai.AsyncOpenAI` client that needs no network; its only model is `MODEL`.

        client = offline.client(rate=200)
        stream = await client.chat.completions.create(model=offline.MODEL, messages=[...], stream=True)

    Args:
        seed: the same seed and the same requests give the same answers and the same waits.
        rate: tokens per second; `math.inf` for no waiting.
        first_token: seconds to the first token.
        jitter: how far each single wait may be from its mean, as a fraction of it, from 0 to 1.
        faults: what goes wrong: one `Fault` for every request, or `Faults`, which can be changed later.
        max_retries: how often the client repeats a failed request. The default is none, so that a fault shows as it
            happens; openai's own default of 2 hides most errors that come before the answer.
        clock: monotonic seconds.
        sleep: awaited for every wait; with a `clock` to match, time can be made up.
    """
    tempo = Tempo(rate=rate, first_token=first_token, jitter=jitter, clock=clock, sleep=sleep)
    server = OfflineServer(seed=seed, tempo=tempo, faults=faults)
    made = OfflineClient(
        api_key=API_KEY,
        base_url=BASE_URL,
        max_retries=max_retries,
        http_client=http.AsyncClient(transport=OfflineTransport(server)),
    )
    made.faults = server.faults
    return made
