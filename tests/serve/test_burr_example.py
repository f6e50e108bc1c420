"""Burr's own streaming example: its React client works against our endpoints as it does against the example's server.

`fixtures/burr_example.txt` is a transcript of what that client asks and what the example's server answers, byte for byte. That server is
made here of what the example calls: a built application with `astream_result`, and what it streams as `data: ` and JSON.
`UPDATE_FIXTURES=1` writes the transcript anew, from that server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pydantic
import pytest
from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from apps import served
from apps.served import script
from support.in_thread import running

from .conftest import Serve, Site

TRANSCRIPT = Path(__file__).parent / "fixtures" / "burr_example.txt"
CLIENT = Path(__file__).parent / "react_client.mjs"

ASKED = [
    ("POST", "/create/demo/rivers", None),
    ("GET", "/history/demo/rivers", None),
    ("POST", "/response/demo/rivers", {"prompt": "Write of the Rhône"}),
    ("GET", "/history/demo/rivers", None),
    ("POST", "/response/demo/rivers", {"prompt": 'Of "quotes", \\ and\r\nlines'}),
    ("POST", "/response/demo/rivers", {"prompt": "👋🏽 \u2028 نهر"}),
    ("GET", "/history/demo/rivers", None),
    ("GET", "/history/demo/lakes", None),
]
"""What the client asks, in order."""


class ChatItem(pydantic.BaseModel):
    """An item of the history, as the example's server describes it."""

    content: str
    type: str
    role: str


def example() -> FastAPI:
    """A server that does what the example's does, with the application that the tests have."""
    kept: dict[tuple[str, str], Any] = {}
    app = FastAPI()

    def application(project_id: str, app_id: str) -> Any:
        key = (project_id, app_id)
        if key not in kept:
            kept[key] = served.builder().with_identifiers(app_id=app_id).build()
        return kept[key]

    @app.post("/response/{project_id}/{app_id}")
    async def response(project_id: str, app_id: str, prompt: dict[str, str]) -> StreamingResponse:
        chat = application(project_id, app_id)
        before = chat.state.get("chat_history", [])
        _, deltas = await chat.astream_result(halt_after=["answer"], inputs={"prompt": prompt["prompt"]})

        async def events() -> AsyncGenerator[str, None]:
            yield f"data: {json.dumps({'type': 'chat_history', 'value': before})}\n\n"
            async for item in deltas:
                yield f"data: {json.dumps({'type': 'delta', 'value': item['delta']})} \n\n"

        return StreamingResponse(events())

    @app.get("/history/{project_id}/{app_id}", response_model=list[ChatItem])
    def history(project_id: str, app_id: str) -> Any:
        return application(project_id, app_id).state.get("chat_history", [])

    @app.post("/create/{project_id}/{app_id}", response_model=str)
    async def create(project_id: str, app_id: str) -> str:
        application(project_id, app_id)
        return app_id

    return app


def transcript(site: Site) -> bytes:
    """What the client asks, and what is answered."""
    told: list[bytes] = []
    for method, path, body in ASKED:
        response = site.http.request(method, path, json=body)
        assert response.status_code == 200, response.text
        asked = b"" if body is None else b" " + json.dumps(body).encode()
        told.append(b"--- %s %s%s\n%s\n" % (method.encode(), path.encode(), asked, response.content))
    return b"".join(told)


def test_the_transcript_is_what_the_examples_server_answers() -> None:
    with running(example()) as url:
        site = Site(url)
        found = transcript(site)
        site.close()
    if os.environ.get("UPDATE_FIXTURES"):
        TRANSCRIPT.write_bytes(found)
    assert found == TRANSCRIPT.read_bytes()


def test_ours_answers_the_same_to_the_byte(site: Site) -> None:
    assert transcript(site) == TRANSCRIPT.read_bytes()


@pytest.fixture
def seen() -> Callable[[Site, str], dict[str, Any]]:
    """What a reader of the React client's page sees when they have said something, in node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    def ask(site: Site, prompt: str) -> dict[str, Any]:
        command = [node, str(CLIENT), f"{site.url}/response/demo/rivers", prompt]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


SAYING = [
    ["data: "],
    ["da", "ta", ": ", "x"],
    ['data: data: \n\ndata: {"type": "delta"}'],
    ["data:\n\n", " data:", " "],
    ['"', "\\", '\\"', "'", "`${x}`", "</script>"],
    ["\r", "\n", "\r\n", "\x0b\x0c\x1c\x85\u2028\u2029", "\x00"],
    ["e\u0301", "👩‍👩‍👧", "نهر", "川", "\ufeff", "\uffff"],
    [" ", "  ", "\t", " \n\n"],
]


@pytest.mark.parametrize("pieces", SAYING, ids=range(len(SAYING)))
def test_the_react_client_reads_any_text(
    site: Site, seen: Callable[[Site, str], dict[str, Any]], pieces: list[str]
) -> None:
    prompt = script(*pieces)
    assert seen(site, prompt) == {"history": [], "answer": "".join(pieces), "others": []}
    said = [
        {"content": prompt, "type": "text", "role": "user"},
        {"content": "".join(pieces), "type": "text", "role": "assistant"},
    ]
    assert seen(site, "And again") == {"history": said, "answer": "And again ", "others": []}


def test_half_of_a_surrogate_pair_stays_in_the_history(site: Site) -> None:
    prompt = script("a", "\ud83c", "b")
    with site.stream("POST", "/response/p/a", json={"prompt": prompt}) as stream:
        raw = b"".join(stream.response.iter_raw())
    assert "".join(deltas(raw)) == "a\ufffdb"
    kept = site.http.get("/history/p/a")
    assert kept.status_code == 200
    assert kept.headers["content-type"] == "application/json"
    assert [each["content"] for each in kept.json()] == [prompt, "a\ud83cb"]
    with site.stream("POST", "/response/p/a", json={"prompt": "And again"}) as stream:
        assert stream.next().data == {"type": "chat_history", "value": kept.json()}


def test_the_react_client_passes_over_an_error_and_the_next_prompt_is_answered(
    site: Site, seen: Callable[[Site, str], dict[str, Any]]
) -> None:
    assert seen(site, script("so far", fail="broken")) == {"history": [], "answer": "so far", "others": ["error"]}
    assert seen(site, "And now") == {"history": [], "answer": "And now ", "others": []}


def test_nothing_but_the_examples_pieces_is_sent(site: Site) -> None:
    with site.stream("POST", "/response/p/a", json={"prompt": script("a", fail="b")}) as stream:
        raw = b"".join(stream.response.iter_raw())
    blocks = raw.split(b"\n\n")
    assert blocks.pop() == b""
    assert [json.loads(block.removeprefix(b"data: "))["type"] for block in blocks] == ["chat_history", "delta", "error"]
    assert all(block.startswith(b'data: {"type": "') for block in blocks)


def test_text_that_was_not_streamed_comes_as_a_delta(site: Site) -> None:
    with site.stream("POST", "/response/p/a", json={"prompt": script("all of it", whole=True)}) as stream:
        raw = b"".join(stream.response.iter_raw())
    assert raw.endswith(b'data: {"type": "delta", "value": "all of it"} \n\n')


@streaming_action(reads=[], writes=["messages"])
async def twice(state: State, prompt: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Says the prompt in two pieces; keeps it without a type, and with what is nobody's business."""
    yield {"delta": prompt[:1]}, None
    yield {"delta": prompt[1:]}, None
    said = [{"role": "user", "content": prompt, "key": "secret"}, {"role": "assistant", "content": prompt}]
    yield {"said": prompt}, state.update(messages=[*state["messages"], *said])


@action(reads=[], writes=["messages"])
def remark(state: State) -> State:
    """Adds another message."""
    return state.update(messages=[*state["messages"], {"role": "assistant", "content": "A remark."}])


def messages() -> ApplicationBuilder[Any]:
    """Two messages in a turn, in a history of another shape."""
    return (
        ApplicationBuilder()
        .with_actions(twice, remark)
        .with_transitions(("twice", "remark"), ("remark", "twice"))
        .with_state(messages=[{"role": "system", "content": "Be kind."}])
        .with_entrypoint("twice")
    )


def deltas(raw: bytes) -> Iterator[str]:
    for block in raw.split(b"\n\n")[1:-1]:
        yield json.loads(block.removeprefix(b"data: "))["value"]


def test_a_history_of_another_shape_is_told_in_the_examples(serving: Serve) -> None:
    site = serving(messages)
    with site.stream("POST", "/response/p/a", json={"prompt": "Hello"}) as stream:
        raw = b"".join(stream.response.iter_raw())
    assert [*deltas(raw)] == ["H", "ello", "\n\nA remark."]
    assert site.http.get("/history/p/a").json() == [
        {"content": "Hello", "type": "text", "role": "user"},
        {"content": "Hello", "type": "text", "role": "assistant"},
        {"content": "A remark.", "type": "text", "role": "assistant"},
    ]


@streaming_action(reads=[], writes=["said"])
async def forgetful(state: State, prompt: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Says the prompt, and keeps no history."""
    yield {"delta": prompt}, None
    yield {"said": prompt}, state.update(said=prompt)


def test_without_a_history_what_is_seen_is_told(serving: Serve) -> None:
    site = serving(
        lambda: (
            ApplicationBuilder()
            .with_actions(forgetful)
            .with_transitions(("forgetful", "forgetful"))
            .with_entrypoint("forgetful")
        )
    )
    site.http.post("/response/p/a", json={"prompt": "Hello"})
    assert site.http.get("/history/p/a").json() == [
        {"content": "Hello", "type": "text", "role": "user"},
        {"content": "Hello", "type": "text", "role": "assistant"},
    ]
