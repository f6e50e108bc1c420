"""The React client of Burr's own streaming example, as the installed Burr ships it, against our endpoints.

It is a page of Burr's tracking UI. What that asks of the tracking server besides, which conversations there are and what their steps
were, a few lines answer here.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from apps import gates, served
from apps.served import script
from burr_chat_widget import demo, serve
from support.in_thread import running
from support.notebook import SLOW

PREFIX = "/api/v0/streaming_chatbot"
PROJECT = "demo_streaming_chatbot"
"""What the client calls its conversations' project."""
RESULTS = Path("test-results")


def site(build: Any, store: Path) -> FastAPI:
    """Burr's page, in front of our endpoints."""
    # Not imported: the tracking server's own packages are not installed.
    burr = importlib.util.find_spec("burr")
    assert burr is not None
    assert burr.origin is not None
    build_of_ui = Path(burr.origin).parent / "tracking" / "server" / "build"
    app = FastAPI()
    begun: list[str] = []

    @app.middleware("http")
    async def note(request: Request, answer: Callable[..., Any]) -> Response:
        if request.method == "POST" and f"{PREFIX}/create/" in request.url.path:
            begun.append(request.url.path.rpartition("/")[2])
        return await answer(request)

    app.include_router(serve.router(build, store=store), prefix=PREFIX)

    def listed(app_id: str) -> dict[str, Any]:
        day = "2026-01-01T00:00:00"
        return {
            "app_id": app_id,
            "partition_key": None,
            "first_written": day,
            "last_written": day,
            "num_steps": 0,
            "tags": {},
        }

    @app.get("/api/v0/metadata/app_spec")
    def spec() -> Any:
        return dict.fromkeys(["indexing", "snapshotting", "supports_annotations"], False) | {"supports_demos": True}

    @app.get("/api/v0/{project_id}/__none__/apps")
    def apps(project_id: str) -> Any:
        assert project_id == PROJECT
        return {"applications": [listed(each) for each in begun], "total": len(begun), "has_another_page": False}

    @app.get("/api/v0/{project_id}/{app_id}/__none__/apps")
    def steps(project_id: str, app_id: str) -> Any:
        assert (project_id, app_id in begun) == (PROJECT, True)
        graph: dict[str, Any] = {"type": "application", "entrypoint": "", "actions": [], "transitions": []}
        return {
            "application": graph,
            "steps": [],
            "children": [],
            "spawning_parent_pointer": None,
            "parent_pointer": None,
        }

    app.mount("/assets", StaticFiles(directory=build_of_ui / "assets"))

    @app.get("/{path:path}")
    def page(path: str) -> Response:
        return Response(status_code=404) if path.startswith("api/") else FileResponse(build_of_ui / "index.html")

    return app


class Client:
    """The client's page.

    Attributes:
        errors: what it complained about.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{url}/demos/streaming-chatbot")

    @property
    def messages(self) -> Locator:
        """What was said."""
        return self.page.locator("#end-view .leading-relaxed")

    @property
    def input(self) -> Locator:
        """Where a prompt is typed."""
        return self.page.get_by_placeholder("Ask me how tall the Eifel tower is!")

    def begin(self, app_id: str) -> None:
        """Begin a conversation, as a person does: by typing its name."""
        chosen = self.page.get_by_role("combobox")
        chosen.fill(app_id)
        self.page.get_by_text(f'Create "{app_id}"').click()
        expect(self.input).to_be_enabled()

    def ask(self, prompt: str) -> None:
        """Say something, and wait until it is answered."""
        self.input.fill(prompt)
        with self.page.expect_response(lambda response: "/response/" in response.url) as answer:
            self.input.press("Enter")
        answer.value.finished()
        expect(self.input).to_be_enabled()

    def said(self) -> list[tuple[str, str]]:
        """Who said what, as it is read."""
        texts = [each.text_content() or "" for each in self.messages.all()]
        return [(text.partition(" ")[0], text.partition(" ")[2]) for text in texts]

    def session(self, app_id: str) -> list[tuple[str, str]]:
        """The same as our session has it."""
        view = httpx.get(f"{self.url}{PREFIX}/chats/{PROJECT}/{app_id}").raise_for_status().json()
        assert view["status"] == "idle"
        return [("You" if each["role"] == "user" else "AI", each["text"]) for each in view["messages"]]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[[Any], Any]]:
    """Serves an application, and opens the client's page."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SLOW)
    servers: list[Any] = []

    def open_page(build: Any) -> Client:
        servers.append(running(site(build, tmp_path / "chats.sqlite")))
        return Client(context.new_page(), servers[-1].__enter__())

    yield open_page
    context.close()
    for each in servers:
        each.__exit__(None, None, None)


def bare(text: str) -> str:
    """A text without what Markdown and its lines are made of."""
    return re.sub(r"```\w*|[`*#\s]", "", text)


def test_the_demo_streams_to_it_turn_after_turn(opened: Callable[[Any], Client]):
    client = opened(demo.builder)
    client.begin("rivers")
    expect(client.messages).to_have_count(0)  # of a conversation that has just begun
    client.ask("Write a poem about rivers")
    client.ask("What are server-sent events?")
    client.page.screenshot(path=RESULTS / "burr-react.png")
    ours = client.session("rivers")
    assert [who for who, _ in ours] == ["You", "AI"] * 2
    assert "data: " in ours[-1][1]
    assert [(who, bare(text)) for who, text in client.said()] == [(who, bare(text)) for who, text in ours]
    assert client.errors == []


def test_it_shows_each_character_of_what_was_said(opened: Callable[[Any], Client]):
    client = opened(served.builder)
    client.begin("lakes")
    answers = ["as data: it is, data: twice", "é 👋🏽 نهر “quotes” \\ and {braces}", "stays"]
    for answer in answers:
        client.ask(script(*(f"{word} " for word in answer.split(" "))))
    assert [text.strip() for who, text in client.said() if who == "AI"] == answers
    client.page.reload()
    client.page.get_by_role("combobox").click()
    client.page.get_by_text("lakes").click()
    expect(client.messages).to_have_count(2 * len(answers))
    assert [text.strip() for who, text in client.said() if who == "AI"] == answers
    assert [text for who, text in client.session("lakes") if who == "AI"] == [f"{answer} " for answer in answers]
    assert client.errors == []


def test_each_piece_is_seen_when_it_is_said(opened: Callable[[Any], Client]):
    gates.hold("second")
    client = opened(served.builder)
    client.begin("brooks")
    client.input.fill(script("one ", "two", gates=["", "second"]))
    client.input.press("Enter")
    expect(client.messages.last).to_have_text("AI one ")
    expect(client.input).to_be_disabled()
    gates.release("second")
    expect(client.messages.last).to_have_text("AI one two")
    expect(client.input).to_be_enabled()
    assert client.errors == []


def test_it_is_not_stuck_where_a_turn_fails(opened: Callable[[Any], Client]):
    client = opened(served.builder)
    client.begin("ponds")
    client.ask(script("half ", "whole ", fail="no more"))
    client.ask("and then")
    assert [text.strip() for who, text in client.said() if who == "AI"][-1] == "and then"
    assert client.errors == []
