"""The endpoints of Burr's own streaming example, to the byte: its React client works against them as it is.

That client splits whatever it reads at each `data: `, drops what is before the first one, and reads each piece as JSON. So there is
nothing else in a response: no comments, no ids, no event at the end. Two things are ours. In a text `data: ` is escaped, and a turn
that fails says so with a type that the client passes over.

Source: https://github.com/apache/burr, examples/streaming-fastapi/server.py and telemetry/ui/src/examples/StreamingChatbot.tsx
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from burr_chat_widget.bridge import infer_history
from burr_chat_widget.bridge.history import history_items
from burr_chat_widget.bridge.messages import read_item
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.sse import burr_sent
from burr_chat_widget.protocol.view import Message

from . import description
from .answering import decoded, taking
from .conversation import Served
from .conversations import Conversations
from .guard import Guard
from .ids import AppId, ProjectId
from .streams import EventStream, Streams
from .turns import ServedTurn

if TYPE_CHECKING:
    from burr_chat_widget.session import App

__all__ = ["Said", "add_burrs", "chat_items", "pieces"]

FIELDS = ("content", "type", "role")
"""What the example has of a message."""
KINDS = ("text", "code", "image", "error")
SAID = ("text", "code", "error")


class Prompt(msgspec.Struct):
    """The body of a request to Burr's example."""

    prompt: str


class History(JSONResponse):
    """What was said, as the example's server writes it. Half of a surrogate pair, which UTF-8 has not, is escaped: see `burr_sent`."""

    def render(self, content: Any) -> bytes:
        """See Starlette."""
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


def add_burrs(router: APIRouter, conversations: Conversations, guard: Guard, stream: Streams) -> None:
    """The three endpoints."""
    tags: Any = ["Burr's streaming example"]

    @router.post(
        "/create/{project_id}/{app_id}",
        tags=tags,
        response_model=str,
        summary="Begin a conversation",
        responses=description.described(401, 422, 503),
    )
    async def create(project_id: ProjectId, app_id: AppId) -> Response:
        """Nothing happens where there is one already."""
        await conversations.open(project_id, app_id)
        return JSONResponse(app_id)

    @router.get(
        "/history/{project_id}/{app_id}",
        response_model=list[dict[Literal["content", "type", "role"], str]],
        tags=tags,
        summary="What was said",
        responses=description.described(401, 422, 503),
    )
    async def history(project_id: ProjectId, app_id: AppId) -> Response:
        """The messages of the application's history, oldest first."""
        served = await conversations.open(project_id, app_id)
        return History([{name: item[name] for name in FIELDS} for item in await _history(served)])

    @router.post(
        "/response/{project_id}/{app_id}",
        tags=tags,
        summary="Say something; the answer streams",
        openapi_extra=description.takes(Prompt),
        status_code=200,
        response_class=EventStream,
        responses=description.described(400, 401, 409, 422, 429, 503),
    )
    async def response(request: Request, project_id: ProjectId, app_id: AppId) -> Response:
        """Of what it streams each piece is `data: ` and JSON: `chat_history` with what was said before, then `delta`s of the answer."""
        asked = decoded(await guard.body(request), Prompt)
        served = await conversations.open(project_id, app_id)
        with guard.place(), taking():
            guard.count_turn(request)
            await served.runs_elsewhere()  # if not, what was said is seen, wherever it was
            before = await _history(served)
            turn = await served.begin(asked.prompt)
        return stream(lambda: pieces(before, turn), placed=True)


async def _history(served: Served) -> list[dict[str, Any]]:
    return await asyncio.to_thread(
        lambda: chat_items(served.session.app, served.history, served.outbox.view().messages)
    )


def chat_items(app: App, history: str | None, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The conversation: the messages of the application's history, else those that are seen.

    Args:
        app: the application.
        history: the state's key of the conversation; inferred when None.
        messages: what is seen, of an application that keeps no history.
    """
    key = infer_history(app, history)
    if key is None:
        return [
            {"content": each.text, "type": each.kind, "role": each.role}
            for each in messages
            if each.role in ("user", "assistant") and each.kind in KINDS and each.status == "done"
        ]
    items: list[dict[str, Any]] = []
    for item in history_items(app.state, key):
        if _is_chat_item(item):
            items.append({name: value for name, value in item.items() if name in FIELDS})
            continue
        for said in read_item(item):
            if said.kind in KINDS and (said.by_person or said.role == "assistant"):
                role = "user" if said.by_person else "assistant"
                items.append({"content": said.text, "type": said.kind, "role": role})
    return items


def _is_chat_item(item: Any) -> bool:
    """Whether it is one of the example's as it is; its fields' order is the application's."""
    if not isinstance(item, Mapping):
        return False
    fields = cast("Mapping[Any, Any]", item)
    return (
        all(isinstance(fields.get(name), str) for name in FIELDS)
        and fields["type"] in KINDS
        and fields["role"] in ("user", "assistant")
    )


async def pieces(history: list[dict[str, Any]], turn: ServedTurn) -> AsyncGenerator[bytes, None]:
    """The history, then the turn's text, piece by piece.

    Between two messages comes a blank line, and a text that takes another's place follows it.
    """
    yield burr_sent("chat_history", history)
    said = Said()
    async with aclosing(turn.ready()) as ready:
        async for some in ready:
            sent = b""
            for _, event in some:
                if text := said.hear(event):
                    sent += burr_sent("delta", text)
                if isinstance(event, e.TurnFailed):
                    sent += burr_sent("error", event.error.message)
            if sent:
                yield sent


class Said:
    """What a turn has said, as a text to which one can only add."""

    def __init__(self) -> None:
        self._message: object = None
        self._pieces: list[str] = []  # of that message

    def hear(self, event: e.TurnEvent) -> str:
        """What an event adds to it."""
        match event:
            case e.TextDelta():
                return self._add(event.step, event.text)
            case e.TextReplaced():
                before = "".join(self._pieces)
                if self._message == event.step and event.text.startswith(before):
                    return self._add(event.step, event.text[len(before) :])
                return self._add(event.step, event.text, begins=True)
            case e.MessageAdded() if event.kind in SAID:
                return self._add(None, event.text, begins=True)
            case _:
                return ""

    def _add(self, message: object, text: str, *, begins: bool = False) -> str:
        if not text:
            return ""
        gap = ""
        if begins or message != self._message:
            gap = "\n\n" if self._pieces else ""
            self._message, self._pieces = message, []
        self._pieces.append(text)
        return gap + text
