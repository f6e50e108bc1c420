"""The same model behind the client that blocks, `openai.OpenAI`: for actions that are no coroutines."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from ._http import http, openai
from .faults import Fault, Faults
from .pace import Tempo
from .server import Dropped, OfflineServer, Reply
from .transport import API_KEY, BASE_URL

__all__ = ["BlockingClient", "BlockingTransport", "blocking_client"]

T = TypeVar("T")


class BlockingTransport(http.BaseTransport):
    """As `OfflineTransport`, for clients that block.

    Args:
        server: one whose tempo sleeps without ever suspending.
    """

    def __init__(self, server: OfflineServer) -> None:
        self._server = server

    def handle_request(self, request: http.Request) -> http.Response:
        """Answer one request of the client."""
        body = request.read()
        try:
            reply = _run(self._server.handle(request.method, request.url.path, body))
        except Dropped:
            raise http.RemoteProtocolError(Dropped.BEFORE, request=request) from None
        return http.Response(reply.status, headers=reply.headers, stream=_Body(reply, request), request=request)


class _Body(http.SyncByteStream):
    def __init__(self, reply: Reply, request: http.Request) -> None:
        self._body = reply.body
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                part = _run(self._body.__anext__())
            except StopAsyncIteration:
                return
            except Dropped:
                raise http.RemoteProtocolError(Dropped.WITHIN, request=self._request) from None
            yield part

    def close(self) -> None:
        _run(self._body.aclose())


class BlockingClient(openai.OpenAI):
    """The client, and what goes wrong with its answers.

    Attributes:
        faults: may be changed while the client is in use.
    """

    faults: Faults


def blocking_client(
    *,
    seed: int = 0,
    rate: float = 60.0,
    first_token: float = 0.4,
    jitter: float = 0.3,
    faults: Fault | Faults | None = None,
    max_retries: int = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> BlockingClient:
    """An `openai.OpenAI` client that needs no network: `client`, for code that blocks while it waits.

        client = offline.blocking_client(rate=200)
        stream = client.chat.completions.create(model=offline.MODEL, messages=[...], stream=True)

    Args: see `client`; `sleep` is called for every wait.
    """

    async def wait(seconds: float) -> None:
        sleep(seconds)

    tempo = Tempo(rate=rate, first_token=first_token, jitter=jitter, clock=clock, sleep=wait)
    server = OfflineServer(seed=seed, tempo=tempo, faults=faults)
    made = BlockingClient(
        api_key=API_KEY,
        base_url=BASE_URL,
        max_retries=max_retries,
        http_client=http.Client(transport=BlockingTransport(server)),
    )
    made.faults = server.faults
    return made


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends: its waits are calls that block, so it needs no event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("the offline model waits for something else than its tempo")
