"""Structured outputs: an outline and a number of topics are asked for; the chat's history is written, and there it ends."""

from __future__ import annotations

from typing import Any

import pydantic
from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


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


ROWS = {
    "structured course": Row(
        application,
        prompt=None,
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                {"outline": "Rivers", "num_required_topics": "2"},
                ["setup", "create_topic", "create_topic", "terminal"],
                [
                    ("user", "outline: Rivers\nnum_required_topics: 2"),
                    ("text", "- Rivers, part 1 (20 minutes)\n- Rivers, part 2 (20 minutes)"),
                ],
                {"num_required_topics": 2},
                ends=True,
            ),
            Turn(
                {"outline": "Lakes", "num_required_topics": 1},
                ["setup", "create_topic", "terminal"],
                [("user", "outline: Lakes\nnum_required_topics: 1"), ("text", "- Lakes, part 1 (20 minutes)")],
                {"topics": [Topic(title="Lakes, part 1", minutes=20)]},
                ends=True,
            ),
        ],
        fields={"outline": "text", "num_required_topics": "integer"},
    ),
}
