"""Structured outputs: an outline and a number of topics are asked for; the chat's history is written, and there it ends."""

from __future__ import annotations

from typing import Any

import pydantic
from burr.core import Application, ApplicationBuilder, State, action, default, expr


class Topic(pydantic.BaseModel):
    """One lesson."""

    title: str
    minutes: int


@action(reads=[], writes=["outline", "num_required_topics", "topics", "chat_history"])
def setup(state: State, outline: str, num_required_topics: int) -> tuple[dict[str, Any], State]:
    """What the course is about, and how many lessons it has."""
    item = {"role": "user", "content": f"{num_required_topics} lessons on: {outline}"}
    return {"chat_history": item}, state.update(
        outline=outline, num_required_topics=num_required_topics, topics=[]
    ).append(chat_history=item)


@action(reads=["outline", "topics"], writes=["topics"])
def create_topic(state: State) -> tuple[dict[str, Any], State]:
    """Makes one lesson."""
    topic = Topic(title=f"{state['outline']}, part {len(state['topics']) + 1}", minutes=20)
    return {"topic": topic}, state.append(topics=topic)


@action(reads=["topics"], writes=["chat_history"])
def terminal(state: State) -> tuple[dict[str, Any], State]:
    """Says which lessons there are."""
    content = "\n".join(f"- {topic.title} ({topic.minutes} minutes)" for topic in state["topics"])
    item = {"role": "assistant", "content": content}
    return {"chat_history": item}, state.append(chat_history=item)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(setup, create_topic, terminal)
        .with_transitions(
            ("setup", "create_topic"),
            ("create_topic", "create_topic", expr("len(topics) < num_required_topics")),
            ("create_topic", "terminal", default),
        )
        .with_state(chat_history=[])
        .with_entrypoint("setup")
        .build()
    )
