"""Which model the demo talks to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, overload
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

OPENAI_BASE_URL = "https://api.openai.com/v1"
"""Where a key is for when `OPENAI_BASE_URL` does not say; openai itself takes an empty one as it is."""

OPENAI_MODEL = "gpt-4o-mini"
"""The model when `OPENAI_MODEL` does not name one."""


@overload
def default_client(*, sync: Literal[False] = False) -> AsyncOpenAI: ...
@overload
def default_client(*, sync: bool) -> AsyncOpenAI | OpenAI: ...
def default_client(*, sync: bool = False) -> AsyncOpenAI | OpenAI:
    """The client that the environment asks for; with `sync` the one that blocks.

    With `OPENAI_API_KEY`, or with `OPENAI_BASE_URL` for a local server that needs no key, it talks to that; without, to
    the offline model. Retries are openai's own for a provider, none for the offline model.

    Raises:
        ImportError: `openai` is not installed.
    """
    # Imported here, so that an application with a client of the user's own needs no openai.
    from burr_chat_widget import offline

    key, base_url = os.environ.get("OPENAI_API_KEY"), os.environ.get("OPENAI_BASE_URL")
    if not key and not base_url:
        return offline.blocking_client() if sync else offline.client()
    import openai

    made = openai.OpenAI if sync else openai.AsyncOpenAI
    return made(api_key=key or "not-needed", base_url=base_url or OPENAI_BASE_URL)


def model_of(client: AsyncOpenAI | OpenAI) -> str:
    """The name of the model to ask `client` for: `OPENAI_MODEL`, its default, or the offline model's own."""
    if _is_offline(client):
        from burr_chat_widget import offline

        return offline.MODEL
    return os.environ.get("OPENAI_MODEL") or OPENAI_MODEL


def describe(client: AsyncOpenAI | OpenAI) -> str:
    """One line for people: which model `client` talks to, and where."""
    model = model_of(client)
    return f"{model} (no network)" if _is_offline(client) else f"{model} at {_host(client)}"


def _is_offline(client: AsyncOpenAI | OpenAI) -> bool:
    return _host(client).endswith(".invalid")


def _host(client: AsyncOpenAI | OpenAI) -> str:
    return urlsplit(str(getattr(client, "base_url", ""))).hostname or ""
