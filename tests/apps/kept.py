"""Builders of chat applications whose conversations are kept, and conversations as tests look at them."""

from __future__ import annotations

from typing import Any

from burr.core import ApplicationBuilder, State, action

from burr_chat_widget import BurrChat

from . import scripted


def chatbot() -> ApplicationBuilder[Any]:
    """The scripted application, before it is built."""
    return (
        ApplicationBuilder()
        .with_actions(scripted.prompt, scripted.prepare, scripted.answer)
        .with_transitions(("prompt", "prepare"), ("prepare", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )


@action(reads=[], writes=["draft", "chat_history"])
def write(state: State, topic: str) -> State:
    """Write a draft, for a person to say what they think of it."""
    draft = f"All about {topic}."
    said = [{"role": "user", "content": topic}, {"role": "assistant", "content": draft}]
    return state.update(draft=draft, chat_history=[*state.get("chat_history", []), *said])


@action(reads=["draft", "chat_history"], writes=["chat_history", "final"])
def revise(state: State, feedback: str) -> State:
    """Needs what a person says about the draft."""
    final = f"{state['draft']} ({feedback})"
    said = [{"role": "user", "content": feedback}, {"role": "assistant", "content": final}]
    return state.update(final=final, chat_history=[*state["chat_history"], *said])


def writer() -> ApplicationBuilder[Any]:
    """Asks twice: what about, and what the person thinks of the draft; then it has ended."""
    return (
        ApplicationBuilder()
        .with_actions(write, revise)
        .with_transitions(("write", "revise"))
        .with_state(chat_history=[])
        .with_entrypoint("write")
    )


def transcript(chat: BurrChat) -> list[tuple[str, str]]:
    """Who said what, as a page sees it that comes now; remarks of the widget apart."""
    messages = chat._session.outbox.view().messages
    return [(m.role, m.text) for m in messages if m.kind != "notice" and m.text]
