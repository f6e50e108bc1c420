"""Where a conversation is: a server's address, and the two names that it has there."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

__all__ = ["Address", "address_of"]

_CONVERSATION = re.compile(r"(?P<prefix>.*)/chats?/(?P<project>[^/]+)/(?P<app>[^/]+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")

PROJECT = "notebook"
"""What conversations belong to, where nobody says."""


@dataclass(frozen=True)
class Address:
    """One conversation of one server.

    Attributes:
        base: the server's address, with the prefix under which it serves; without a slash at its end.
        project_id: what the conversation belongs to.
        app_id: the conversation's name.
    """

    base: str
    project_id: str
    app_id: str

    @property
    def url(self) -> str:
        """The conversation's address, for programs."""
        return f"{self.base}/chats/{self.project_id}/{self.app_id}"

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.base).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def address_of(url: str, *, app_id: str | None = None, project_id: str = PROJECT) -> tuple[Address, str | None]:
    """The conversation that is meant, and the token, where the address has it, as the one has that a server prints.

    Args:
        url: the server's address, or that of a conversation: for programs (`.../chats/PROJECT/APP`) or of its page (`.../chat/PROJECT/APP`).
        app_id: which conversation of the server; a new one when None.
        project_id: what it belongs to, where the address does not say.

    Raises:
        ValueError: if that is no address, or no name, or names two conversations.
    """
    parts = _parts(url)
    if parts is None:
        shown = url.partition("?")[0]  # the rest may be the token
        raise ValueError(
            f"url={shown!r} is no address of a server; it is like 'http://127.0.0.1:8000', or a conversation's own address"
        )
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address with a user or a password in it is not taken: pass token=...")
    token = next(iter(parse_qs(parts.query).get("token", [])), None)
    path = parts.path.rstrip("/")
    if named := _CONVERSATION.fullmatch(path):
        path = named["prefix"]
        app_id = _same("app_id", app_id, named["app"])
        project_id = _same("project_id", None if project_id == PROJECT else project_id, named["project"])
    new = f"notebook-{uuid.uuid4().hex[:12]}"
    names = {"project_id": project_id, "app_id": new if app_id is None else app_id}
    for name, value in names.items():
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise ValueError(
                f"{name}={value!r} is no name: it begins with a letter or a digit and has at most 128 of letters, digits and '._~-'"
            )
    return Address(f"{parts.scheme}://{parts.netloc}{path}", **names), token


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_address else None


def _same(name: str, given: str | None, in_url: str) -> str:
    if given not in (None, in_url):
        raise ValueError(f"{name}={given!r} is not the conversation of the address, {in_url!r}: leave one of them out")
    return in_url
