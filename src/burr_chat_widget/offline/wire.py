"""The wire format of chat completions: what a request may be, what chunks, completions and errors look like.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec

DONE = b"data: [DONE]\n\n"

PADDING = "é€🙂"


class Part(msgspec.Struct):
    """One part of a message's content; only text is understood."""

    type: str
    text: str | None = None


class CalledFunction(msgspec.Struct):
    """What a call of a tool calls, and its arguments as JSON."""

    name: str
    arguments: str


class ToolCall(msgspec.Struct):
    """A call of a tool, as the assistant's message has it."""

    id: str
    function: CalledFunction | None = None


class Message(msgspec.Struct):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """The content as text, without what is not text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class Function(msgspec.Struct):
    """A function that may be called; its parameters as a JSON schema."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(msgspec.Struct):
    """A tool that may be called; only functions are understood."""

    type: str
    function: Function | None = None


class NamedFunction(msgspec.Struct):
    """The name of a function."""

    name: str


class ToolChoice(msgspec.Struct):
    """The function that must be called."""

    function: NamedFunction


class StreamOptions(msgspec.Struct):
    """Options that only a streamed request has."""

    include_usage: bool = False


class ChatRequest(msgspec.Struct):
    """The body of a request for a completion. Fields that are not named here are accepted and change nothing."""

    model: str
    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    n: Literal[1] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that the answer may have."""
        return self.max_completion_tokens or self.max_tokens


class RequestError(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        """Take what the error's body says."""
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code

    def body(self) -> bytes:
        """The body of the response, in the shape of OpenAI's errors."""
        return error_body(self.status, str(self), param=self.param, code=self.code)


def parse_request(body: bytes) -> ChatRequest:
    """Read the body of a request for a completion.

    Raises:
        RequestError: status 400; the message names the place in the body.
    """
    try:
        request = msgspec.json.decode(body, type=ChatRequest)
    except msgspec.ValidationError as error:
        path = str(error).partition(" - at `$.")[2]
        raise RequestError(400, str(error), param=path.rstrip("`") or None) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(400, f"We could not parse the JSON body of your request: {error}") from error
    if request.stream_options is not None and not request.stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise RequestError(400, message, param="stream_options")
    _check_calls(request.messages)
    return request


def _check_calls(messages: Sequence[Message]) -> None:
    """Refuse what providers refuse: a call of a tool without its result, a result without its call."""
    called: list[str] = []
    for place, message in enumerate([*messages, None]):
        if message is not None and message.role == "tool":
            if message.tool_call_id not in called:
                what = f"the tool message with tool_call_id {message.tool_call_id!r} answers no call before it"
                raise RequestError(400, f"Invalid messages: {what}.", param=f"messages[{place}]")
            called.remove(message.tool_call_id)
            continue
        if called:
            what = f"the calls {', '.join(called)} must be followed by a tool message each, with their tool_call_id"
            raise RequestError(400, f"Invalid messages: {what}.", param=f"messages[{place - 1}]")
        called = [call.id for call in (message and message.tool_calls) or ()]


@dataclass(frozen=True)
class Completion:
    """One answer on the wire, whole or in chunks.

    Attributes:
        include_usage: whether its events tell of usage.
        awkward: whether its events are in UTF-8, none of them all ASCII, with line ends of two bytes.
    """

    id: str
    created: int
    model: str
    include_usage: bool = False
    awkward: bool = False

    def chunk(self, delta: Mapping[str, Any], *, finish_reason: str | None = None) -> bytes:
        """A server-sent event that carries one delta."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish_reason}
        return self._event([choice], None)

    def usage_chunk(self, usage: Mapping[str, int]) -> bytes:
        """The event after the last delta, when the request asked for usage."""
        return self._event([], usage)

    def whole(self, said: Mapping[str, Any], *, finish_reason: str, usage: Mapping[str, int]) -> bytes:
        """The body of an answer that is not streamed; `said`: its content or its calls of tools."""
        message = {"role": "assistant", "content": None, **said, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
        return encode(self._head("chat.completion") | {"choices": [choice], "usage": dict(usage)})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": "offline",
        }

    def _event(self, choices: Sequence[Mapping[str, Any]], usage: Mapping[str, int] | None) -> bytes:
        payload: dict[str, Any] = self._head("chat.completion.chunk") | {"choices": list(choices)}
        if self.include_usage:
            payload["usage"] = usage
        if self.awkward:
            # Providers pad their events so, in ASCII.
            return self.end(b"data: " + encode(payload | {"obfuscation": PADDING}, ascii_only=False))
        return self.end(b"data: " + encode(payload))

    def error(self, message: str) -> bytes:
        """The event by which a provider says that it failed, after its response began well."""
        return self.end(b"data: " + error_body(500, message))

    def done(self) -> bytes:
        """The last event."""
        return self.end(DONE.rstrip())

    def end(self, line: bytes) -> bytes:
        """An event that is one line."""
        return line + (b"\r\n\r\n" if self.awkward else b"\n\n")


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """The usage part of an answer."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def model_card(model: str) -> dict[str, Any]:
    """A model as `/models` lists it."""
    return {"id": model, "object": "model", "created": 0, "owned_by": "burr-chat-widget"}


def error_body(status: int, message: str, *, param: str | None = None, code: str | None = None) -> bytes:
    """The body of an error response."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = "requests"
    return encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def encode(value: Any, *, ascii_only: bool = True) -> bytes:
    """JSON as bytes; escaped to ASCII, so that any text can be sent, lone surrogates included, or else in UTF-8 where that can be."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return encode(value)
