"""Typed state: pydantic models in and out, and a post that is streamed as it grows, each item the whole of it so far."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pydantic
from burr.core import Application, ApplicationBuilder, action
from burr.core.action import streaming_action
from burr.integrations.pydantic import PydanticTypingSystem

from apps.conventions.expected import Row, Turn
from apps.conventions.speech import pieces


class Concept(pydantic.BaseModel):
    """One thing that is worth knowing."""

    term: str
    definition: str | None = None


class SocialMediaPost(pydantic.BaseModel):
    """What is posted."""

    topic: str | None = None
    hook: str | None = None
    concepts: list[Concept] = []
    youtube_url: str | None = None


class ApplicationState(pydantic.BaseModel):
    """The state."""

    transcript: str | None = None
    post: SocialMediaPost | None = None


@action.pydantic(reads=[], writes=["transcript"])
def get_youtube_transcript(state: ApplicationState, youtube_url: str) -> ApplicationState:
    """Fetches what is said in the video."""
    state.transcript = f"{youtube_url}: rivers flow"
    return state


@streaming_action.pydantic(
    reads=["transcript"],
    writes=["post"],
    state_input_type=ApplicationState,
    state_output_type=ApplicationState,
    stream_type=SocialMediaPost,
)
async def generate_post(
    state: ApplicationState, language: str = "English"
) -> AsyncGenerator[tuple[SocialMediaPost, ApplicationState | None], None]:
    """Writes the post."""
    post = SocialMediaPost()
    for word in pieces(f"Rivers, in {language}"):
        post = post.model_copy(update={"topic": (post.topic or "") + word})
        yield post, None
    for word in pieces("Did you know?"):
        post = post.model_copy(update={"hook": (post.hook or "") + word})
        yield post, None
    for term in ("delta", "source"):
        post = post.model_copy(update={"concepts": [*post.concepts, Concept(term=term)]})
        yield post, None
        post.concepts[-1].definition = f"what a {term} is"
        yield post, None
    post = post.model_copy(update={"youtube_url": (state.transcript or "").partition(": ")[0]})
    state.post = post
    yield post, state


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(get_youtube_transcript, generate_post)
        .with_transitions(("get_youtube_transcript", "generate_post"), ("generate_post", "get_youtube_transcript"))
        .with_typing(PydanticTypingSystem(ApplicationState))
        .with_state(ApplicationState())
        .with_entrypoint("get_youtube_transcript")
        .build()
    )


def _post(url: str) -> dict[str, Any]:
    concepts = [{"term": term, "definition": f"what a {term} is"} for term in ("delta", "source")]
    return {"topic": "Rivers, in English", "hook": "Did you know?", "concepts": concepts, "youtube_url": url}


ROWS = {
    "typed state": Row(
        application,
        prompt="youtube_url",
        history=None,
        delta="data",
        turns=[
            Turn(
                url,
                ["get_youtube_transcript", "generate_post"],
                [("user", url), ("data", _post(url))],
                {"transcript": f"{url}: rivers flow", "post": SocialMediaPost(**_post(url))},
            )
            for url in ("https://video.example/1", "https://video.example/2")
        ],
    ),
}
