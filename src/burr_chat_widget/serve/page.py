"""The page on which people chat, and its files.

`page.html` names the conversation and the server's address in its data attributes; all else is in static/page.js and page.css.
"""

from __future__ import annotations

import hashlib
import html
import uuid
from collections.abc import Collection
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from .entry import Entry
from .guard import Guard, Refusal
from .ids import AppId, ProjectId

__all__ = ["add_assets", "add_page"]

PROJECT = "chats"
"""The project of conversations that are begun on the page."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing of the page's comes from elsewhere; images do when the reader asks for them."""

PAGE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

_STATIC = Path(__file__).parents[1] / "static"
_TYPES = {"page.js": "text/javascript", "page.css": "text/css"}
_page = Template(Path(__file__).with_name("page.html").read_text("utf-8"))


def add_page(router: APIRouter, guard: Guard, *, title: str, expose: Collection[str]) -> None:
    """The endpoints of the page, of which programs are told nothing, and the description of all others."""
    entry = Entry(guard, title)

    @router.get("/", include_in_schema=False)
    async def begin(request: Request) -> Response:
        """A new conversation."""
        return entry.stops(request, ".") or RedirectResponse(
            f"chat/{PROJECT}/{uuid.uuid4()}", 303, {"cache-control": "no-store"}
        )

    @router.get("/chat/{project_id}/{app_id}", include_in_schema=False)
    async def chat(request: Request, project_id: ProjectId, app_id: AppId) -> Response:
        """The page of one conversation."""
        if (stopped := entry.stops(request, "../..")) is not None:
            return stopped
        named = {"project": project_id, "app": app_id, "expose": " ".join(sorted(expose)), "title": title}
        filled = {name: html.escape(value) for name, value in named.items()}
        return HTMLResponse(_page.substitute(filled, base="../.."), headers=PAGE_HEADERS)

    @router.post("/", include_in_schema=False)
    async def enter(request: Request) -> Response:
        """The token, for a new conversation."""
        return await entry.take(request, ".")

    @router.post("/chat/{project_id}/{app_id}", include_in_schema=False)
    async def enter_chat(request: Request, project_id: ProjectId, app_id: AppId) -> Response:
        """The token, for that conversation."""
        del project_id, app_id
        return await entry.take(request, "../..")

    @router.get("/openapi.json", include_in_schema=False)
    async def description(request: Request) -> Response:
        """What programs can ask."""
        guard.check(request)
        described: dict[str, Any] = request.app.openapi()
        root = request.scope.get("root_path", "").rstrip("/")
        return JSONResponse({**described, "servers": [{"url": root}]} if root else described)

    @router.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        """A file of the page. It holds nothing that is anybody's: it needs no token."""
        guard.check_address(request)
        if name not in _TYPES:
            raise _no_file(name)
        return _file(request, _STATIC / name, {"content-type": f"{_TYPES[name]}; charset=utf-8"})


def add_assets(router: APIRouter, guard: Guard) -> None:
    """The endpoint of the modules that a page loads when it needs them."""

    @router.get("/assets/{name}", tags=["Files"], summary="A module of the page", response_class=Response)
    async def asset(request: Request, name: str) -> Response:
        """JavaScript, gzipped: `math`, `graphviz`, `inspector`, ..."""
        guard.check_address(request)
        # Looked up, not joined to a path: the name comes from outside.
        known = {file.name.removesuffix(".js.gz"): file for file in _STATIC.glob("assets/*.js.gz")}
        if name not in known:
            raise _no_file(name)
        return _file(
            request, known[name], {"content-type": "text/javascript; charset=utf-8", "content-encoding": "gzip"}
        )


def _file(request: Request, path: Path, headers: dict[str, str]) -> Response:
    try:
        content = path.read_bytes()
    except OSError:
        raise _no_file(path.name) from None
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**headers, "etag": tag, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


def _no_file(name: str) -> Refusal:
    return Refusal(404, "not-found", f"there is no file {name!r} in this build")
