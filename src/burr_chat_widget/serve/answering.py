"""How endpoints answer when something is wrong: each error as a status, and a body that says what to do about it."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

import msgspec
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from burr_chat_widget import errors

from .guard import Guard, Refusal

__all__ = ["answering", "decoded", "refusal", "taking"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_STATUS: dict[type[errors.BurrChatError], tuple[int, str]] = {
    errors.TurnRunning: (409, "turn-running"),
    errors.ApplicationEnded: (409, "application-ended"),
    errors.ConversationMoved: (409, "conversation-moved"),
    errors.InvalidInput: (422, "invalid-input"),
    errors.MissingInput: (422, "missing-input"),
    errors.NoCheckpoint: (422, "no-checkpoint"),
    errors.ServerBusy: (503, "server-busy"),
    errors.StoreError: (503, "store-failed"),
}
"""Those of others are 500: the application, or how it is served, is at fault."""

GIVE = (
    'give the prompt, {"prompt": "..."}, or what the next action takes by name, {"inputs": {...}}: the view\'s composer says which '
    "(GET /chats/PROJECT/APP)"
)
"""What to do where a turn was asked for without what it needs."""


def answering(guard: Guard | None) -> type[APIRoute]:
    """The class of routes that answer so, and ask the guard first, where there is one."""

    class Answering(APIRoute):
        """A route whose errors are ours: on a router they hold for it, wherever that is included."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """See FastAPI, "custom request and APIRoute class"."""
            handler = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    if guard is not None:
                        guard.check(request)
                    return await handler(request)
                except Exception as error:
                    return refusal(error).response()

            return handle

    return Answering


def refusal(error: Exception) -> Refusal:
    """What is answered in place of what could not be done."""
    match error:
        case Refusal():
            return error
        case ClientDisconnect():
            return Refusal(
                400, "client-gone", "the client has gone away before its request was whole"
            )  # nobody reads it
        case HTTPException():
            name = str(error.detail).lower().replace(" ", "-")  # what Starlette raises says no more than the status
            return Refusal(error.status_code, name, str(error.detail), headers=dict(error.headers or {}))
        case RequestValidationError():
            return _invalid(error)
        case errors.BurrChatError():
            status, name = next(
                (found for kind, found in _STATUS.items() if isinstance(error, kind)), (500, "application-failed")
            )
            more: dict[str, Any] = {}
            if isinstance(error, errors.InvalidInput):
                more["fields"] = error.fields
            elif isinstance(error, errors.MissingInput):
                return Refusal(status, name, error.message, GIVE)
            elif isinstance(error, errors.ConversationMoved):
                return Refusal(status, name, "the conversation was continued elsewhere meanwhile", "ask again")
            elif isinstance(error, errors.TransitionError):  # in its words is what the condition raised
                return _failed(error, 500, name, "the application cannot tell what comes next")
            elif isinstance(error, errors.TurnRunning):
                # In the same words whichever process runs it.
                remedy = "wait for it to end, or stop it: POST .../stop"
                return Refusal(status, name, "a turn is running in this conversation", remedy, turn=error.turn)
            elif isinstance(error, errors.ServerBusy):
                return Refusal(status, name, error.message, error.remedy, headers={"retry-after": "5"})
            elif isinstance(error, errors.StoreError):  # its words may tell where it is
                logger.error("the store failed", exc_info=error)
                return Refusal(503, name, "the store of conversations cannot be used now", "try again later")
            return Refusal(status, name, error.message, error.remedy, **more)
        case _:
            return _failed(error, 500, "server-failed", "something went wrong on the server")


def _failed(error: Exception, status: int, name: str, message: str) -> Refusal:
    """In place of an error's own words a reference, under which the log has them."""
    reference = secrets.token_hex(4)
    logger.error("a request failed; reference %s", reference, exc_info=error)
    return Refusal(status, name, message, f"look for the reference {reference} in its log", reference=reference)


@contextlib.contextmanager
def taking() -> Generator[None]:
    """In here a turn is begun: a text for an action that takes none is the client's mistake, and no fault of the application."""
    try:
        yield
    except errors.ConventionError as error:
        raise Refusal(422, "invalid-input", error.message, GIVE, fields={}) from error


def _invalid(error: RequestValidationError) -> Refusal:
    """What FastAPI says of a request's path and query."""
    fields = {str(each["loc"][-1]): str(each["msg"]) for each in error.errors()}
    ids = [name for name in fields if name in ("project_id", "app_id")]
    if ids:
        return Refusal(
            422,
            "invalid-id",
            f"{' and '.join(ids)}: an id begins with a letter or digit, and has at most 128 letters, digits, '.', '_', '~' or '-'",
            "choose names that fit",
            fields=fields,
        )
    return Refusal(422, "invalid-request", "the request's parameters are wrong: see fields", fields=fields)


def decoded(body: bytes, kind: Any) -> Any:
    """The value of that kind that a body is.

    Raises:
        Refusal: if it is none.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refusal(422, "invalid-body", str(error), "see the endpoint's description for what it takes") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "no-json", f"the body is not valid JSON: {error}", "send JSON") from None
