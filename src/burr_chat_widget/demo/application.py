"""The demo's state machine: which action follows which."""

# Burr types its decorators, `when` and its builder only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burr.core import Application, ApplicationBuilder, default, when

from . import actions, blocking
from .provider import default_client, model_of

if TYPE_CHECKING:
    from burr.tracking.base import SyncTrackingClient
    from openai import AsyncOpenAI, OpenAI

SUGGESTIONS = (
    "How does one word get from a yield to this page?",
    "Write a poem about the sea",
    "Write a Python generator that groups a stream into batches",
    "Tell me something unsafe",
)
"""Prompts that show the four ways through the graph: an answer, a poem, code, and a refusal."""

_MORE = "I can answer a question, write a poem or write some code. Which of these would you like?"
_UNSAFE = "I would rather not talk about that. Please ask me something else."


def application(
    client: AsyncOpenAI | OpenAI | None = None,
    app_id: str | None = None,
    tracker: SyncTrackingClient | None = None,
    *,
    model: str | None = None,
    pause: float = 0.1,
    streaming: bool = True,
    sync: bool = False,
) -> Application[Any]:
    """The chatbot: check the prompt, let the model choose a mode, stream the answer.

        app = demo.application()
        action, stream = await app.astream_result(halt_after=["answer_question"], inputs={"prompt": "What is a delta?"})

    Args:
        client: an `openai.AsyncOpenAI` client, or anything with its `chat.completions.create`; with `sync` an `openai.OpenAI`. Left
            out, the environment decides: `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL`, or else the offline model.
        app_id: the application's id; a new one by default.
        tracker: any Burr tracker, such as a `LocalTrackingClient`.
        model: the name of the model; by default `OPENAI_MODEL`, or the offline model's name.
        pause: seconds before each word of the sentences that no model makes.
        streaming: False asks the model for whole answers instead of streams: what there is to see then comes at once.
        sync: whether the actions that ask the model block while they wait, instead of being coroutines.

    Raises:
        TypeError: the client blocks and the actions are coroutines, or the other way round.
        ImportError: no client is given and `openai` is not installed.
    """
    made = builder(client, model=model, pause=pause, streaming=streaming, sync=sync)
    if app_id is not None:
        made = made.with_identifiers(app_id=app_id)
    if tracker is not None:
        made = made.with_tracker(tracker)
    return made.build()


def builder(
    client: AsyncOpenAI | OpenAI | None = None,
    *,
    model: str | None = None,
    pause: float = 0.1,
    streaming: bool = True,
    sync: bool = False,
) -> ApplicationBuilder[Any]:
    """The same before it is built: for conversations that stay, `BurrChat.open(demo.builder, ...)`, and to serve it.

    Args and errors: see `application`.
    """
    client = default_client(sync=sync) if client is None else client
    _check_kind(client, sync)
    ask: Any = blocking if sync else actions
    respond = ask.respond if streaming else ask.respond_at_once
    llm: dict[str, Any] = {"client": client, "model": model or model_of(client)}
    return (
        ApplicationBuilder()
        .with_actions(
            prompt=actions.prompt,
            check_safety=actions.check_safety,
            decide_mode=ask.decide_mode.bind(**llm),
            generate_code=respond.bind(
                **llm, prepend_prompt="Please write code for this, and explain it in a sentence:"
            ),
            answer_question=respond.bind(**llm, prepend_prompt="Please answer this question:"),
            generate_poem=respond.bind(**llm, prepend_prompt="Please write a short poem for this:"),
            prompt_for_more=actions.say.bind(words=_MORE, pause=pause),
            unsafe_response=actions.say.bind(words=_UNSAFE, pause=pause),
        )
        .with_transitions(
            ("prompt", "check_safety"),
            ("check_safety", "decide_mode", when(safe=True)),
            ("check_safety", "unsafe_response", default),
            ("decide_mode", "generate_code", when(mode="generate_code")),
            ("decide_mode", "answer_question", when(mode="answer_question")),
            ("decide_mode", "generate_poem", when(mode="generate_poem")),
            ("decide_mode", "prompt_for_more", default),
            (
                ["generate_code", "answer_question", "generate_poem", "prompt_for_more", "unsafe_response"],
                "prompt",
            ),
        )
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )


def _check_kind(client: object, sync: bool) -> None:
    """What openai's clients can be entered with tells them apart; others are taken as they are."""
    blocks, waits = hasattr(client, "__enter__"), hasattr(client, "__aenter__")
    if sync and waits and not blocks:
        raise TypeError("sync=True needs a client that blocks: openai.OpenAI(...) or offline.blocking_client()")
    if not sync and blocks and not waits:
        raise TypeError("the actions are coroutines: pass openai.AsyncOpenAI(...) or offline.client(), or sync=True")
