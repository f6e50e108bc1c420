"""How a browser is let in: whoever shows the token once, in the address or in a form, is given it as a cookie."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .guard import Guard

__all__ = ["Entry"]

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with none, browsers would not say of the form which origin it is of
    "cache-control": "no-store",
    "www-authenticate": "Bearer",
}
"""Of the page with the form. It has no script, and nothing comes from elsewhere."""

_form = Template(Path(__file__).with_name("token.html").read_text("utf-8"))


class Entry:
    """The door of the pages.

    Args:
        guard: knows the token.
        title: the heading of the chat.
    """

    def __init__(self, guard: Guard, title: str) -> None:
        self._guard = guard
        self._title = title

    def stops(self, request: Request, base: str) -> Response | None:
        """What is answered in place of a page: None to those who may see it.

        Args:
            request: for the page.
            base: where the server's own things are, as seen from the page.

        Raises:
            Refusal: if the server was asked under another name, or by another site's page.
        """
        self._guard.check_address(request)
        token = request.query_params.get("token")
        if token is not None and self._guard.is_token(token):
            return self._let_in(request, token)
        return None if self._guard.knows(request) else self._ask(request, base, wrong=token is not None)

    async def take(self, request: Request, base: str) -> Response:
        """The form was filled in. Arguments and errors: see `stops`; `Refusal` also where what is sent is too large, or does not come."""
        self._guard.check_address(request)
        sent = (await self._guard.body(request)).decode(errors="replace")
        token = next(iter(parse_qs(sent).get("token", [])), "").strip()
        if self._guard.knows(request) or self._guard.is_token(token):
            return self._let_in(request, token)
        return self._ask(request, base, wrong=True)

    def _let_in(self, request: Request, token: str) -> Response:
        """To the same address without the token, which stays in the browser as a cookie."""
        response = RedirectResponse(_itself(request), 303, {"cache-control": "no-store"})
        if self._guard.is_token(token):
            secure = request.url.scheme == "https"
            response.set_cookie(self._guard.cookie, token, httponly=True, samesite="strict", secure=secure)
        return response

    def _ask(self, request: Request, base: str, *, wrong: bool) -> Response:
        texts = {
            "title": self._title,
            "base": base,
            "action": _itself(request),
            "invalid": str(wrong).lower(),
            "wrong": "That is not the token of this server." if wrong else "",
        }
        filled = _form.substitute({name: html.escape(text) for name, text in texts.items()})
        return HTMLResponse(filled, 401, HEADERS)


def _itself(request: Request) -> str:
    """The page's address as it refers to itself, under whatever prefix it is served."""
    return request.url.path.rpartition("/")[2] or "./"
