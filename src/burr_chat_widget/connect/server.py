"""The server, over HTTP: what it is asked, and in words why it does not answer.

`httpx` is imported here and nowhere else, and needed by those only who connect.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, cast

import httpx
import msgspec

from burr_chat_widget._version import __version__
from burr_chat_widget.bridge import clean
from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol.commands import Command
from burr_chat_widget.protocol.frames import KernelMessage
from burr_chat_widget.protocol.sse_reading import EventReader, ServerSent, TooLong

from .address import Address

__all__ = ["Server", "encoded", "not_understood"]

SILENCE = 20.0
"""Seconds without a byte after which a stream is taken for dead: the server says something every 5."""

PATIENCE = 20.0
"""Seconds that anything else may take."""

_messages: msgspec.json.Decoder[KernelMessage] = msgspec.json.Decoder(KernelMessage)

NO_TURN = "no-such-turn"
NO_SERVER = (
    "pass the address that `python -m burr_chat_widget serve` prints, with the prefix of the router if it has one"
)


class _Said(msgspec.Struct):
    """The body of a refusal."""

    error: str
    message: str
    remedy: str | None = None
    fields: dict[str, str] = {}


class Server:
    """One conversation of a server. Used on one event loop.

    Every method raises `ServerError` where the server does not answer, or not with what was asked for.
    """

    def __init__(self, address: Address, token: str | None) -> None:
        self.address = address
        self._has_token = token is not None
        headers = {"user-agent": f"burr-chat-widget/{__version__}"}
        if token is not None:
            if not token.isascii() or not token.isprintable() or not token:
                raise ValueError("token=... is no token: it is made of ASCII characters")
            headers["authorization"] = f"Bearer {token}"
        # A proxy of the environment's would look for loopback on its own machine.
        self._client = httpx.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=not address.is_here)

    @contextlib.asynccontextmanager
    async def listen(self, last_id: str) -> AsyncGenerator[AsyncIterator[ServerSent], None]:
        """The conversation's events: the view first, or what comes after `last_id`."""
        async with self._stream("/events", last_id) as events:
            yield events

    @contextlib.asynccontextmanager
    async def turn(self, key: str) -> AsyncGenerator[AsyncIterator[ServerSent], None]:
        """The events of a turn, from its first one to its last. Asked for again it may be another worker that answers."""
        async with self._stream(f"/turns/{key}/events", "", connection="close") as events:
            yield events

    async def command(self, command: Command) -> KernelMessage | None:
        """Pass on what was asked; gives the answer where it is no event."""
        with self._in_words():
            response = await self._client.post(
                f"{self.address.url}/commands",
                content=encoded(command),
                headers={"content-type": "application/json"},
            )
        self._check(response, "application/json")
        try:
            return _messages.decode(response.content) if response.status_code == 200 else None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_understood(error, status=response.status_code) from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    @contextlib.asynccontextmanager
    async def _stream(self, path: str, last_id: str, **more: str) -> AsyncGenerator[AsyncIterator[ServerSent], None]:
        headers = {"accept": "text/event-stream", "cache-control": "no-store", **more}
        if last_id:
            headers["last-event-id"] = last_id
        timeout = httpx.Timeout(PATIENCE, read=SILENCE)
        with self._in_words():
            async with self._client.stream(
                "GET", f"{self.address.url}{path}", headers=headers, timeout=timeout
            ) as response:
                if response.is_error:
                    await response.aread()
                self._check(response, "text/event-stream")
                async with contextlib.aclosing(_events(response, EventReader(last_id))) as events:
                    yield events

    @contextlib.contextmanager
    def _in_words(self) -> Any:
        """What goes wrong on the way is a `ServerError`."""
        try:
            yield
        except httpx.TransportError as error:
            sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            why = str(error) or type(error).__name__
            raise ServerError(
                f"the server at {self.address.base} does not answer ({why})",
                remedy="see whether it runs, and whether that is its address",
                sent=sent,
            ) from error
        except (httpx.InvalidURL, httpx.DecodingError, httpx.StreamError) as error:
            raise ServerError(f"the server at {self.address.base} answers in a way of its own ({error})") from error

    def _check(self, response: httpx.Response, kind: str) -> None:
        """Make sure that it is such a response, of a server of ours."""
        status, base = response.status_code, self.address.base
        if response.is_success:
            if response.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
                raise ServerError(f"there is no burr-chat-widget server at {base}", remedy=NO_SERVER, status=status)
            return
        if response.is_redirect:
            where = response.headers.get("location", "elsewhere")
            raise ServerError(f"{base} sends on to {where}", remedy="connect to that address", status=status)
        said = _said(response)
        if status in (401, 403) and (said is None or said.error == "token-needed"):
            wrong = "does not take this token" if self._has_token else "answers those who have its token"
            raise ServerError(
                f"the server at {base} {wrong}",
                remedy="pass the one that it was started with: BurrChat.connect(url, token=...)",
                status=status,
                error="token-needed",
            )
        if status in (404, 405) and (said is None or said.error != NO_TURN):
            raise ServerError(f"there is no burr-chat-widget server at {base}", remedy=NO_SERVER, status=status)
        if said is None:
            raise ServerError(
                f"the server at {base} answers with the status {status}", status=status, retry_after=_wait(response)
            )
        raise ServerError(
            said.message,
            remedy=said.remedy,
            status=status,
            error=said.error,
            fields=said.fields,
            retry_after=_wait(response),
        )


def encoded(value: object) -> bytes:
    """As JSON. Half of a surrogate pair, which UTF-8 has no form for, travels as it is shown: as U+FFFD.

    Raises:
        TypeError, ValueError: if there is something in it that JSON has no form for.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_clean(msgspec.to_builtins(value, str_keys=True)))


def not_understood(error: Exception, *, status: int | None = None) -> ServerError:
    """What the server tells is nothing that is known here."""
    return ServerError(
        f"what the server tells cannot be understood ({error})",
        remedy="use the same version of burr-chat-widget here and there",
        status=status,
        error="not-understood",
    )


async def _events(response: httpx.Response, reader: EventReader) -> AsyncGenerator[ServerSent, None]:
    async for piece in response.aiter_bytes():
        try:
            for event in reader.feed(piece):
                yield event
        except TooLong as error:
            raise not_understood(error) from error


def _clean(value: Any) -> Any:
    """What is made of JSON's own types, with texts that can be encoded."""
    match value:
        case str():
            return clean(value)
        case list():
            return [_clean(each) for each in cast("list[Any]", value)]
        case dict():
            return {clean(key): _clean(each) for key, each in cast("dict[str, Any]", value).items()}
        case _:
            return value


def _said(response: httpx.Response) -> _Said | None:
    try:
        return msgspec.json.decode(response.content, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _wait(response: httpx.Response) -> float | None:
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdecimal() else None
