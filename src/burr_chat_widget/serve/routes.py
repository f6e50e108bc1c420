"""The endpoints: Burr's example's, and ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Query
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.sse import PAGE_BEAT

from . import description
from .answering import answering, decoded, taking
from .burr import add_burrs
from .conversations import Conversations
from .exiting import Exiting
from .guard import Guard, Refusal
from .ids import AppId, ProjectId
from .processes.elsewhere import NoAnswer
from .streams import EventStream, Streams, beaten, finished
from .turns import ServedTurn

__all__ = ["chat_router"]

LastId = Annotated[str | None, Header(alias="last-event-id", description="The event that the client had last.")]
LastIdQuery = Annotated[
    str | None, Query(alias="last_event_id", description="The same, for clients that cannot set it.")
]
OnDisconnect = Annotated[
    Literal["go-on", "stop"], Query(description="What becomes of the turn when the client goes away before its end.")
]

LONGEST, MOST = 128, 100
"""So many characters has a name that a client makes up, and so many inputs a request: refusals are kept in the view, with these names."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request that begins a turn: see `ChatSession.begin`."""

    prompt: str | None = None
    inputs: dict[str, Any] = {}


def chat_router(conversations: Conversations, guard: Guard, exiting: Exiting) -> APIRouter:
    """A router with all endpoints but the page's."""
    # For the description: it is the guard that looks at it.
    shown = [Depends(HTTPBearer(auto_error=False))] if guard.wants_token else []
    router = APIRouter(route_class=answering(guard), dependencies=shown)
    stream = Streams(guard, exiting)
    add_burrs(router, conversations, guard, stream)
    _add_turns(router, conversations, guard, stream)
    _add_conversation(router, conversations, guard, stream)
    return router


def _add_turns(router: APIRouter, conversations: Conversations, guard: Guard, stream: Streams) -> None:
    tags: Any = ["Turns"]

    @router.post(
        "/chats/{project_id}/{app_id}/turns",
        tags=tags,
        summary="Begin a turn; its events stream",
        openapi_extra=description.takes(Asked),
        status_code=200,
        response_class=EventStream,
        responses={200: description.TURN, **description.described(400, 401, 409, 422, 429, 503)},
    )
    async def begin(
        request: Request, project_id: ProjectId, app_id: AppId, on_disconnect: OnDisconnect = "go-on"
    ) -> Response:
        """`Location` is where the same events can be had again. With `Accept: application/json` the response comes at the turn's end.

        While another turn runs the answer is 409, with that turn's key in `turn`.
        """
        asked = _named(decoded(await guard.body(request), Asked))
        served = await conversations.open(project_id, app_id)
        with guard.place(), taking():
            guard.count_turn(request)
            turn = await served.begin(asked.prompt, asked.inputs)
        headers = {"location": f"{request.url.path}/{turn.key}/events"}
        stop = (lambda: served.stop(turn.key)) if on_disconnect == "stop" else (lambda: None)
        if _wants_json(request):
            try:  # a stream that says everything at its end
                return await _at_its_end(request, turn, stream.exiting, stop, headers)
            finally:
                guard.close_stream()
        return stream(lambda: beaten(turn.sent()), placed=True, gone=stop, headers=headers)

    @router.get(
        "/chats/{project_id}/{app_id}/turns/{turn}/events",
        tags=tags,
        summary="A turn's events, from any on",
        status_code=200,
        response_class=EventStream,
        responses={
            200: description.TURN,
            204: {"description": "Nothing comes after that event."},
            **description.described(401, 404, 422, 503),
        },
    )
    async def events(
        project_id: ProjectId, app_id: AppId, turn: str, last: LastId = None, last_query: LastIdQuery = None
    ) -> Response:
        """The events after `Last-Event-ID`, those that have been told and those that come: whichever process runs the turn, or has run it."""
        served = await conversations.open(project_id, app_id)
        with _elsewhere():
            found = served.turn(turn) or await served.turn_elsewhere(turn)
        if found is None:
            raise Refusal(
                404,
                "no-such-turn",
                f"no turn {turn[:40]!r} runs, or has ended lately",
                "what was said is in the view: GET /chats/PROJECT/APP",
            )
        start = _number(last_query if last is None else last)
        if found.is_over_at(start):
            return Response(status_code=204)
        return stream(lambda: beaten(found.sent(start)))

    @router.post(
        "/chats/{project_id}/{app_id}/stop",
        tags=tags,
        status_code=202,
        summary="Stop the running turn",
        responses={202: description.STOPPED, **description.described(401, 422, 503)},
    )
    async def stop(project_id: ProjectId, app_id: AppId) -> Response:
        """It ends as stopped, a moment later, and the application's state is what it was before. Nothing happens where none runs."""
        served = await conversations.open(project_id, app_id)
        with _elsewhere():
            stopped = await served.stop_anywhere()
        return JSONResponse({"turn": stopped}, 202)


def _add_conversation(router: APIRouter, conversations: Conversations, guard: Guard, stream: Streams) -> None:
    tags: Any = ["Conversation"]

    @router.get(
        "/chats/{project_id}/{app_id}",
        tags=tags,
        summary="What is seen",
        responses={200: description.VIEW, **description.described(401, 422, 503)},
    )
    async def view(project_id: ProjectId, app_id: AppId) -> Response:
        """The transcript, the graph and where it is, what can be asked next."""
        served = await conversations.open(project_id, app_id)
        seen = await asyncio.to_thread(lambda: msgspec.json.encode(served.outbox.view()))
        return Response(seen, media_type="application/json", headers={"cache-control": "no-cache"})

    @router.get(
        "/chats/{project_id}/{app_id}/events",
        tags=tags,
        summary="All that happens in the conversation",
        status_code=200,
        response_class=EventStream,
        responses={200: description.CONVERSATION, **description.described(401, 422, 503)},
    )
    async def events(
        project_id: ProjectId, app_id: AppId, last: LastId = None, last_query: LastIdQuery = None
    ) -> Response:
        """`view-replaced` first, then every event. With a `Last-Event-ID` that is still known it goes on from there."""
        served = await conversations.open(project_id, app_id)
        return stream(lambda: beaten(served.events(last_query if last is None else last)))

    @router.get(
        "/chats/{project_id}/{app_id}/frames",
        tags=tags,
        summary="What a page is sent",
        status_code=200,
        response_class=EventStream,
        responses={200: description.FRAMES, **description.described(401, 422, 503)},
    )
    async def frames(
        project_id: ProjectId, app_id: AppId, client: Annotated[str, Query(min_length=1, max_length=128)]
    ) -> Response:
        """A snapshot, then frames as far as the page acknowledges them. `client` is a name that the page makes up.

        Opening the stream is the page's hello, closing it its bye.
        """
        served = await conversations.open(project_id, app_id)
        return stream(lambda: beaten(served.frames(client), PAGE_BEAT))

    @router.post(
        "/chats/{project_id}/{app_id}/commands",
        tags=tags,
        status_code=202,
        summary="What a page asks",
        openapi_extra=description.COMMANDS,
        responses=description.described(400, 401, 422, 429, 503),
    )
    async def command(
        request: Request,
        project_id: ProjectId,
        app_id: AppId,
        page: Annotated[
            bool, Query(description="The client has a stream of frames, and hears there what becomes of it.")
        ] = False,
    ) -> Response:
        """202 where what becomes of it is told in the stream; 200 with the answer where there is one: of inspect and log.

        Of several processes the one that sends a page its frames carries out what it asks; the others answer 200 with the error
        `not-here`, since a browser would write another status into its console. Any of them stops a turn.
        """
        asked = _named(decoded(await guard.body(request), c.Command))
        served = await conversations.open(project_id, app_id)
        if page and not (isinstance(asked, c.Stop) or served.has_page(asked.client)):
            return Refusal(
                200,
                "not-here",
                f"this process of the server has no stream of frames of {asked.client[:40]!r}",
                "open one first; or ask again, over another connection",
                headers={"connection": "close"},
            ).response()
        begins = isinstance(asked, c.BEGINS) or (isinstance(asked, c.GOES_ON) and served.session.running is None)
        if begins:
            guard.count_turn(request)
        with _elsewhere():
            answer = await served.command(asked, may_begin=begins)
        if answer is None:
            return JSONResponse(None, 202)
        return Response(msgspec.json.encode(answer), media_type="application/json")


@contextlib.contextmanager
def _elsewhere() -> Generator[None]:
    """In here another process may be asked, and not answer."""
    try:
        yield
    except NoAnswer as error:
        raise Refusal(503, "turn-elsewhere", error.message, error.remedy, headers={"retry-after": "1"}) from error


async def _at_its_end(
    request: Request, turn: ServedTurn, exiting: Exiting, gone: Callable[[], object], headers: dict[str, str]
) -> Response:
    """What became of the turn, when it has ended."""
    if not await finished(turn.ended(), request.receive, exiting, gone=gone):
        raise Refusal(
            503,
            "server-exits",
            "the server exits before the turn has ended",
            "ask for the turn's events later: Location says where",
            headers=headers,
        )
    result = {"turn": turn.key, "status": turn.status, "text": turn.text, "error": turn.error}
    return Response(msgspec.json.encode(result), media_type="application/json", headers=headers)


def _named(asked: Any) -> Any:
    """The same. Raises Refusal where it has a name that is too long, or too many of them."""
    inputs: dict[str, Any] = getattr(asked, "inputs", {})
    names = [getattr(asked, field, None) or "" for field in ("client", "request", "turn")]
    if len(inputs) > MOST or any(len(name) > LONGEST for name in (*names, *inputs)):
        raise Refusal(
            422, "invalid-body", f"a name has at most {LONGEST} characters, and there are at most {MOST} inputs"
        )
    return asked


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/event-stream" not in accept


def _number(last: str | None) -> int:
    """The number of the event to go on from."""
    if last is None or last == "":
        return 0
    if not (last.isascii() and last.isdecimal() and len(last) < 16):
        raise Refusal(
            422, "invalid-last-event-id", f"{last[:40]!r} is no event of a turn: those have numbers, from 0 on"
        )
    return int(last) + 1
