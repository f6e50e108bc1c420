"""The wire format, byte by byte over plain HTTP and through the real client."""

import json
import math
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget import offline
from burr_chat_widget.offline import tokens
from burr_chat_widget.offline._http import http

QUESTION = [{"role": "user", "content": "What is backpressure?"}]
COMPLETIONS = "/chat/completions"


@pytest.fixture
def server() -> offline.OfflineServer:
    return offline.OfflineServer(tempo=offline.Tempo(rate=math.inf, first_token=0))


@pytest.fixture
async def wire(server: offline.OfflineServer):
    async with http.AsyncClient(transport=offline.OfflineTransport(server), base_url=offline.BASE_URL) as client:
        yield client


@pytest.fixture
def client() -> openai.AsyncOpenAI:
    return offline.client(rate=math.inf, first_token=0)


async def events(wire: Any, **body: Any) -> list[Any]:
    """The payloads of all server-sent events of a streamed answer, `[DONE]` included."""
    body = {"model": offline.MODEL, "messages": QUESTION, "stream": True} | body
    async with wire.stream("POST", COMPLETIONS, json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        raw = (await response.aread()).decode()
    assert raw.endswith("\n\n")
    fields = [event.partition("data: ") for event in raw.removesuffix("\n\n").split("\n\n")]
    assert all(before == "" for before, *_ in fields)
    return [data if data == "[DONE]" else json.loads(data) for *_, data in fields]


async def test_each_chunk_of_a_streamed_answer(wire: Any) -> None:
    *chunks, done = await events(wire, max_tokens=2)
    assert done == "[DONE]"
    head = {key: chunks[0][key] for key in ("id", "created")} | {
        "object": "chat.completion.chunk",
        "model": "offline-model",
        "system_fingerprint": "offline",
    }
    assert head["id"].startswith("chatcmpl-offline-")
    assert isinstance(head["created"], int)

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return head | {"choices": [choice]}

    assert chunks == [
        chunk({"role": "assistant", "content": "", "refusal": None}),
        chunk({"content": "Backpres"}),
        chunk({"content": "sure"}),
        chunk({}, "length"),
    ]


async def test_usage_comes_last_when_it_is_asked_for(wire: Any) -> None:
    *chunks, usage, done = await events(wire, max_completion_tokens=3, stream_options={"include_usage": True})
    assert done == "[DONE]"
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}


async def test_a_whole_answer_says_the_same_as_a_streamed_one(wire: Any) -> None:
    streamed = await events(wire)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in streamed[:-1])
    response = await wire.post(COMPLETIONS, json={"model": offline.MODEL, "messages": QUESTION})
    body = response.json()
    assert body["object"] == "chat.completion"
    assert body["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    count = len(streamed) - 3  # without role, finish reason and [DONE]
    assert body["usage"] == {"prompt_tokens": 5, "completion_tokens": count, "total_tokens": 5 + count}
    assert response.headers["x-request-id"] == body["id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/nowhere", None, 404, {"param": None, "code": "unknown_url"}),
        ("POST", "/embeddings", {"input": "x"}, 404, {"param": None, "code": "unknown_url"}),
        ("GET", COMPLETIONS, None, 405, {"param": None, "code": "method_not_supported"}),
        ("GET", "/models/gpt-4o", None, 404, {"param": "model", "code": "model_not_found"}),
        (
            "POST",
            COMPLETIONS,
            {"model": "gpt-4o", "messages": QUESTION},
            404,
            {"param": "model", "code": "model_not_found"},
        ),
        ("POST", COMPLETIONS, {"messages": QUESTION}, 400, {"param": None, "code": None}),
        ("POST", COMPLETIONS, {"model": offline.MODEL, "messages": []}, 400, {"param": "messages", "code": None}),
        (
            "POST",
            COMPLETIONS,
            {"model": offline.MODEL, "messages": [{"role": "poet", "content": "x"}]},
            400,
            {"param": "messages[0].role", "code": None},
        ),
        (
            "POST",
            COMPLETIONS,
            {"model": offline.MODEL, "messages": QUESTION, "stream_options": {"include_usage": True}},
            400,
            {"param": "stream_options", "code": None},
        ),
        (
            "POST",
            COMPLETIONS,
            {"model": offline.MODEL, "messages": QUESTION, "n": 2},
            400,
            {"param": "n", "code": None},
        ),
    ],
)
async def test_what_cannot_be_answered_has_the_shape_of_openai_errors(
    wire: Any, method: str, path: str, body: Any, status: int, error: dict[str, Any]
) -> None:
    response = await wire.request(method, path, json=body)
    assert response.status_code == status
    said = response.json()["error"]
    assert said.pop("message")
    assert said == {"type": "invalid_request_error"} | error


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"\\ud800"', b"\xff"])
async def test_a_body_that_is_no_request_is_refused(wire: Any, body: bytes) -> None:
    response = await wire.post(COMPLETIONS, content=body)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_content_in_parts(wire: Any) -> None:
    parts = [{"type": "text", "text": "What is backpressure?"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    response = await wire.post(
        COMPLETIONS, json={"model": offline.MODEL, "messages": [{"role": "user", "content": parts}]}
    )
    assert response.json()["choices"][0]["message"]["content"].startswith("Backpressure is")


async def test_the_real_client_reads_a_stream(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model=offline.MODEL,
        messages=[{"role": "user", "content": "What is backpressure?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    first, *middle, last, usage = chunks
    assert first.choices[0].delta.role == "assistant"
    assert all(chunk.choices[0].finish_reason is None for chunk in (first, *middle))
    assert last.choices[0].finish_reason == "stop"
    assert usage.choices == []
    assert usage.usage is not None
    assert usage.usage.completion_tokens == len(middle)
    assert {chunk.id for chunk in chunks} == {first.id}
    assert {chunk.model for chunk in chunks} == {"offline-model"}


async def test_the_real_client_reads_a_whole_answer_and_the_models(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "What is backpressure?"}]
    )
    assert answer.choices[0].message.content is not None
    assert answer.choices[0].message.content.startswith("Backpressure is")
    assert [model.id async for model in client.models.list()] == [offline.MODEL]
    assert (await client.models.retrieve(offline.MODEL)).owned_by == "burr-chat-widget"


async def test_the_real_client_says_that_there_is_no_other_model(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="this is the offline model, its only model is 'offline-model'"):
        await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}])


async def test_the_same_seed_gives_the_same_bytes() -> None:
    async def answers(seed: int) -> list[tuple[str, str | None]]:
        client = offline.client(seed=seed, rate=math.inf, first_token=0)
        prompts = ["Write a poem about rain", "Write a poem about rain", "What is a delta?"]
        said = [
            await client.chat.completions.create(model=offline.MODEL, messages=[{"role": "user", "content": prompt}])
            for prompt in prompts
        ]
        return [(answer.id, answer.choices[0].message.content) for answer in said]

    assert await answers(1) == await answers(1)
    ids, other = await answers(1), await answers(2)
    assert dict(ids).keys().isdisjoint(dict(other))
    assert len(dict(ids)) == 3


@given(st.text(st.characters(exclude_categories=())))
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text
    assert all(tokens.split(text))
