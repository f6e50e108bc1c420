"""Who may ask the server for something, how much, and how often.

Every refusal is a `Refusal`: a status, and a body with what is wrong and what to do about it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Generator
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from .limits import ServeLimits

__all__ = ["Guard", "Refusal", "is_loopback"]

CLIENTS = 10_000
"""So many clients' turns are counted; the one that has been silent longest is forgotten."""


WHOLE = 30.0
"""Seconds that a request's body may take to come."""


class Refusal(HTTPException):
    """A request that is not carried out.

    Args:
        status: of the response.
        error: what is wrong, for programs.
        message: the same, for people.
        remedy: what to do about it.
        headers: of the response.
        more: further fields of the body.
    """

    def __init__(
        self,
        status: int,
        error: str,
        message: str,
        remedy: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(status, message, headers)
        self.body = {"error": error, "message": message, "remedy": remedy, **more}

    def response(self) -> JSONResponse:
        """What is sent for it."""
        return JSONResponse(self.body, self.status_code, self.headers)


class Guard:
    """Looks at each request before anything is done for it.

    Args:
        token: what a request must show, as `Authorization: Bearer TOKEN` or in the cookie that the page is given; None for nothing.
        hosts: names under which the server may be asked besides loopback. Without any, and without a token, only loopback: else a
            page from elsewhere whose name leads here (DNS rebinding) could ask.
        origins: origins whose pages may ask besides the server's own: `https://example.com`.
        limits: how much it takes.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
        limits: ServeLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if token is not None and not re.fullmatch(r"[!-~]+", token):
            raise ValueError(
                "a token is one or more letters, digits and signs of ASCII, without spaces: leave it out, or name one"
            )
        for origin in origins:
            if not re.fullmatch(r"https?://[^/?#\s]+/?", origin):
                raise ValueError(
                    f"{origin!r} is no origin: name its scheme, host and port, such as https://example.com"
                )
        self._token = token
        self._hosts = {host.lower() for host in hosts}
        self._origins = {origin.lower().rstrip("/") for origin in origins}
        self._limits = limits or ServeLimits()
        self._open = 0
        self._clock = clock
        self._begun: dict[str, deque[float]] = {}
        self.cookie = "burr-chat-" + hashlib.sha256((token or "").encode()).hexdigest()[:8]
        """The cookie's name: servers on one host, whose cookies browsers do not tell apart by port, have one each."""

    @property
    def wants_token(self) -> bool:
        """Whether a token is to be shown."""
        return self._token is not None

    def check(self, request: Request) -> None:
        """Make sure that the request may be answered.

        Raises:
            Refusal: if not.
        """
        self.check_address(request)
        if not self.knows(request):
            raise Refusal(
                401,
                "token-needed",
                "this server answers those who have its token",
                "send it as the header 'Authorization: Bearer TOKEN', or open the page with ?token=TOKEN once",
                headers={"www-authenticate": "Bearer"},
            )

    def check_address(self, request: Request) -> None:
        """The same but for the token: whether it was asked under a name of its own, and by a page that may."""
        host = request.headers.get("host", "")
        name, address = _name_of(host), _address_of(request)
        if self._token is None and not self._hosts and not is_loopback(address):  # whatever name it was asked under
            raise Refusal(
                403,
                "host-refused",
                f"this server answers on loopback, and was asked at {address!r}",
                "give it a token where it is started: token=..., --token; or name what it is called: hosts=[...]",
            )
        if not (is_loopback(name) or name in self._hosts or (self._token is not None and not self._hosts)):
            raise Refusal(
                403,
                "host-refused",
                f"this server is not asked under the name {name!r}",
                "use its address on loopback, or name the host where the server is started: hosts=[...], --allow-host NAME",
            )
        origin = request.headers.get("origin")
        if origin is None:
            # Of what a page merely includes, such as an image, browsers tell this alone; another port is the same site. A link may be
            # followed from anywhere.
            site, mode = request.headers.get("sec-fetch-site"), request.headers.get("sec-fetch-mode")
            allowed = site not in ("cross-site", "same-site") or mode == "navigate"
        else:
            allowed = origin.lower() in self._origins or origin.lower().partition("://")[2] == host.lower() != ""
        if not allowed:
            raise Refusal(
                403,
                "origin-refused",
                f"pages of {origin or 'another site'} may not ask this server",
                "name the origin where the server is started: origins=[...], --allow-origin ORIGIN",
            )

    def knows(self, request: Request) -> bool:
        """Whether the request shows the token, or none is needed."""
        if self._token is None:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        shown = given.strip() if scheme.lower() == "bearer" else request.cookies.get(self.cookie, "")
        return self.is_token(shown)

    def is_token(self, shown: str) -> bool:
        """Whether that is the token; how long it takes to tell says nothing about it."""
        return self._token is not None and hmac.compare_digest(shown.encode(), self._token.encode())

    def count_turn(self, request: Request) -> None:
        """A turn is to be begun: it counts, whatever becomes of it.

        Raises:
            Refusal: if that client has begun too many within the last minute.
        """
        now = self._clock()
        client = request.client.host if request.client is not None else ""
        begun = self._begun.pop(client, None) or deque()
        self._begun[client] = begun  # at the end
        if len(self._begun) > CLIENTS:
            del self._begun[next(iter(self._begun))]
        while begun and begun[0] <= now - 60:
            begun.popleft()
        if len(begun) >= self._limits.turns:
            wait = max(1, round(begun[0] + 60 - now + 0.5))
            raise Refusal(
                429,
                "too-many-turns",
                f"{self._limits.turns} turns within a minute are as many as one client may begin",
                f"try again in {wait} s",
                headers={"retry-after": str(wait)},
            )
        begun.append(now)

    @contextlib.contextmanager
    def place(self) -> Generator[None]:
        """In here something is begun that is to be streamed: a stream is opened for it before. It is closed again where that fails.

        Raises:
            Refusal: if too many are open.
        """
        self.open_stream()
        try:
            yield
        except BaseException:
            self.close_stream()
            raise

    def open_stream(self) -> None:
        """A stream is to be opened. Raises Refusal if too many are open."""
        if self._open >= self._limits.streams:
            raise Refusal(
                503,
                "too-many-streams",
                f"{self._limits.streams} streams are open, as many as this server keeps",
                "close some, or try again later",
                headers={"retry-after": "5"},
            )
        self._open += 1

    def close_stream(self) -> None:
        """It is closed."""
        self._open -= 1

    async def body(self, request: Request) -> bytes:
        """The request's body.

        Raises:
            Refusal: if it is too large, or does not come.
        """
        try:
            return await asyncio.wait_for(self._read(request), WHOLE)
        except asyncio.TimeoutError:
            raise Refusal(
                408,
                "too-slow",
                f"the request's body has not come within {WHOLE:g} s",
                "ask again",
                headers={"connection": "close"},
            ) from None

    async def _read(self, request: Request) -> bytes:
        size = request.headers.get("content-length", "")
        if size.isdecimal() and int(size) > self._limits.body:
            raise self._too_large()
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > self._limits.body:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> Refusal:
        # The connection is not used again: nobody reads the rest of the body.
        return Refusal(
            413,
            "too-large",
            f"a request's body may have {self._limits.body:,} bytes",
            "send less at once",
            headers={"connection": "close"},
        )


def is_loopback(name: str) -> bool:
    """Whether a host's name or address is this machine's own, whatever any name server says."""
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _address_of(request: Request) -> str:
    """The address of this machine at which the request came in; loopback where that has none, as a Unix socket."""
    server = request.scope.get("server")
    return "localhost" if server is None or server[1] is None else str(server[0])


def _name_of(host: str) -> str:
    """The name in a Host header, without the port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
