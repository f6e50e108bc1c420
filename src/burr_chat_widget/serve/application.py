"""A builder, served: as a router for an application of one's own, or as an application with a page."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Collection
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from burr_chat_widget._version import __version__
from burr_chat_widget.store import Build, Store

from .answering import answering, refusal
from .conversations import Conversations
from .exiting import Exiting
from .guard import Guard
from .limits import ServeLimits
from .page import add_assets, add_page
from .routes import chat_router

__all__ = ["app", "router"]


def router(
    build: Build,
    *,
    store: Store | None = None,
    expose: Collection[str] = (),
    token: str | None = None,
    hosts: Collection[str] = (),
    origins: Collection[str] = (),
    limits: ServeLimits | None = None,
    **options: Any,
) -> APIRouter:
    """The endpoints by which conversations with an application are had over HTTP, as a router of FastAPI.

    Args:
        build: a function that returns an application builder, or a builder: see `BurrChat.open`.
        store: where conversations are kept: see `BurrChat.open`.
        expose: what clients see and may do besides the transcript, the graph and the progress: `state`, `tracebacks`, `source`,
            `stepping`, `history`. See docs/serving.md.
        token: what clients must show. Without one the server answers on loopback only.
        hosts: names under which it may be asked besides loopback.
        origins: origins whose pages may ask besides its own. Where they shall read the answers, add FastAPI's `CORSMiddleware`.
        limits: how much is open at the same time, and how much one client may ask.
        options: those of `BurrChat`, such as `prompt`, `delta` and `redact`.

    Raises:
        NotABuilder: if `build` makes no application builder, or one with a persister of its own.
        StoreError: if the store cannot be opened.
        TypeError: if there is no such option.
        ValueError: if the token or an origin is none, or `expose` names what is not there.

    Example:
        >>> app = FastAPI()
        >>> app.include_router(router(chatbot, store="chats.sqlite"), prefix="/chatbot")
    """
    return _router(
        build,
        page=False,
        store=store,
        expose=expose,
        token=token,
        hosts=hosts,
        origins=origins,
        limits=limits,
        **options,
    )


def app(
    build: Build,
    *,
    origins: Collection[str] = (),
    title: str | None = None,
    **options: Any,
) -> FastAPI:
    """The same as a whole application, with a page to chat on at `/`.

    Args: see `router`; `title` is the heading of the page.

    Example:
        >>> app = serve.app(chatbot)  # in chatbot.py; then: uvicorn chatbot:app
    """
    served = _router(build, page=True, origins=origins, title=title, **options)
    application = FastAPI(
        title=title or "Burr chat",
        version=__version__,
        description="Conversations with an application of Apache Burr: turns as server-sent events, and the endpoints of Burr's own "
        "streaming example.",
        openapi_url=None,  # FastAPI's own asks nobody for the token, and its pages of the description are fetched from a CDN
    )
    application.include_router(served)
    application.add_exception_handler(HTTPException, _answer)
    if origins:
        application.add_middleware(
            CORSMiddleware,
            allow_origins=[origin.lower().rstrip("/") for origin in origins],  # as browsers write them
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Location", "Retry-After"],
        )
    return application


async def _answer(_request: Request, error: Exception) -> Response:
    """What no endpoint answers, in the words of all others."""
    return refusal(error).response()


def _router(
    build: Build,
    *,
    page: bool,
    store: Store | None = None,
    expose: Collection[str] = (),
    token: str | None = None,
    hosts: Collection[str] = (),
    origins: Collection[str] = (),
    limits: ServeLimits | None = None,
    **options: Any,
) -> APIRouter:
    guard = Guard(token=token, hosts=hosts, origins=origins, limits=limits)
    conversations = Conversations(build, store=store, expose=expose, limits=limits, **options)
    exiting = Exiting()

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            exiting.tell()
            await conversations.close()

    served = APIRouter(lifespan=lifespan, route_class=answering(None))
    served.include_router(chat_router(conversations, guard, exiting))
    add_assets(served, guard)
    if page:
        add_page(served, guard, title=str(options.get("title") or "Chat"), expose=expose)
    return served
