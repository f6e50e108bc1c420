"""What is expected of each application of this package: what is inferred, and two or more turns with what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from burr.core import Application

from apps import email_assistant
from apps.conventions import (
    adaptive_crag,
    counter,
    deep_researcher,
    multi_agent,
    multi_modal,
    openai_agent,
    parallel_models,
    rag_graph,
    rag_lancedb,
    rag_strings,
    simple_chatbot,
    streaming_chatbot,
    streaming_overview,
    structured_course,
    tool_calling,
    tracing,
    typed_state,
)

__all__ = ["ROWS", "Row", "Turn"]

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGNwSPtPEmIY1TCqYfhqAAD/GPYQdm5KEAAAAABJRU5ErkJggg=="


@dataclass(frozen=True)
class Turn:
    """One turn.

    Attributes:
        given: the text that is typed, what a form is filled in with, None where Run is pressed.
        actions: which actions run.
        shown: kind and text of each message that it adds, `user` for the person's; of data its value, of calls the result too.
        state: some of the state at the end.
        ends: the application has ended, and is started again before the next turn.
    """

    given: str | dict[str, Any] | None
    actions: list[str]
    shown: list[tuple[Any, ...]]
    state: dict[str, Any]
    ends: bool = False


@dataclass(frozen=True)
class Row:
    """One application.

    Attributes:
        make: makes the application.
        prompt: the input that the composer is for, None for a form, or for Run.
        fields: the other inputs that are asked for, with their kinds.
        history: the state key of the conversation.
        delta: what is streamed in the first turn: text piece by piece, one value that grows, or nothing.
        inputs: what is given besides.
        turns: what happens.
    """

    make: Callable[[], Application[Any]]
    prompt: str | None
    history: str | None
    delta: Literal["text", "data"] | None
    turns: list[Turn]
    fields: dict[str, str] = field(default_factory=dict[str, str])
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])


def _typed(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text, "type": "text"}


def _said(text: str) -> dict[str, Any]:
    return {"content": text, "type": "text", "role": "assistant"}


def _post(url: str) -> dict[str, Any]:
    concepts = [{"term": term, "definition": f"what a {term} is"} for term in ("delta", "source")]
    return {"topic": "Rivers, in English", "hook": "Did you know?", "concepts": concepts, "youtube_url": url}


POEM, ANSWER = "A poem on a poem: it flows, it flows on.", "An answer on a question: it flows, it flows on."
DRAFT = "Re: Lunch? / Say yes / warm / Ada"
ROUND = ["web_research", "summarize_sources", "reflect_on_summary"]
SUMMARY = "## Summary\n\nPage 1 says more. Page 2 says more.\n\n### Sources\n* Page 1\n* Page 2"
ROUTE = ["researcher", "call_tool", "chart_generator", "researcher", "terminal"]
TALK = [
    ("tool-call", '{"query":"How long is the Seine?"}', "length: 775 km"),
    ("text", "A chart with one bar."),
    ("text", "FINAL ANSWER: the Seine is 775 km long."),
]

ROWS: dict[str, Row] = {
    "streaming chatbot": Row(
        streaming_chatbot.application,
        "prompt",
        "chat_history",
        "text",
        [
            Turn(
                "a question",
                ["prompt", "check_safety", "decide_mode", "answer_question"],
                [("user", "a question"), ("text", "An answer to a question (small)")],
                {"chat_history": [_typed("a question"), _said("An answer to a question (small)")], "safe": True},
            ),
            Turn(
                "something unsafe",
                ["prompt", "check_safety", "unsafe_response"],
                [("user", "something unsafe"), ("text", streaming_chatbot.UNSAFE)],
                {"response": _said(streaming_chatbot.UNSAFE), "safe": False},
            ),
        ],
    ),
    "streaming overview": Row(
        streaming_overview.application,
        "prompt",
        "chat_history",
        "text",
        [
            Turn(
                "a poem",
                ["prompt", "decide_mode", "generate_poem"],
                [("user", "a poem"), ("text", POEM)],
                {"chat_history": [_typed("a poem"), _said(POEM)]},
            ),
            Turn(
                "an image",
                ["prompt", "decide_mode", "generate_image"],
                [("user", "an image"), ("image", "https://images.example/3.png")],
                {"response": {**_said("https://images.example/3.png"), "type": "image"}},
            ),
        ],
    ),
    "streaming overview, async": Row(
        streaming_overview.application_async,
        "prompt",
        "chat_history",
        "text",
        [
            Turn(
                "a question",
                ["prompt", "decide_mode", "answer_question"],
                [("user", "a question"), ("text", ANSWER)],
                {"chat_history": [_typed("a question"), _said(ANSWER)]},
            ),
            Turn(
                "hm",
                ["prompt", "decide_mode", "prompt_for_more"],
                [("user", "hm"), ("text", "What should I do?")],
                {"mode": "unknown", "response": _said("What should I do?")},
            ),
        ],
    ),
    "multi-modal": Row(
        multi_modal.application,
        "prompt",
        "chat_history",
        None,
        [
            Turn(
                text,
                ["prompt", "check_safety", "decide_mode", mode, "response"],
                [("user", text), (kind, shown)],
                {"mode": mode, "safe": True},
            )
            for text, mode, kind, shown in (
                ("a question", "answer_question", "text", "It **rises** in the hills."),
                ("some code", "generate_code", "code", multi_modal.CODE),
                ("an image", "generate_image", "image", PIXEL),
                ("please fail", "fail", "error", "The model is not there."),
            )
        ],
    ),
    "tracing": Row(
        tracing.application,
        "prompt",
        "chat_history",
        None,
        [
            Turn(
                text,
                ["prompt", "ask_model", "response"],
                [("user", text), ("text", f"small says: {text}, traced")],
                {"answer": f"small says: {text}, traced"},
            )
            for text in ("one", "two")
        ],
    ),
    "simple chatbot": Row(
        simple_chatbot.application,
        "prompt",
        "chat_history",
        None,
        [
            Turn(
                "hello",
                ["human_input", "check_safety", "ai_response"],
                [("user", "hello"), ("text", "1 messages so far.")],
                {"response": {"content": "1 messages so far.", "role": "assistant"}},
            ),
            Turn(
                "something unsafe",
                ["human_input", "check_safety", "unsafe_response"],
                [("user", "something unsafe"), ("text", "That is not to be answered here.")],
                {"safe": False},
            ),
        ],
    ),
    "retrieval with strings": Row(
        rag_strings.application,
        "user_question",
        "chat_history",
        None,
        [
            Turn(
                "The Seine?",
                ["human_converse", "ai_converse"],
                [("user", "The Seine?"), ("text", "It flows through Paris.")],
                {"chat_history": ["Human: The Seine?", "AI: It flows through Paris."]},
            ),
            Turn(
                "exit",
                ["human_converse", "terminal"],
                [
                    ("user", "exit"),
                    (
                        "notice",
                        "The turn ended without an answer: no text was streamed and no message recorded; the application has ended.",
                    ),
                ],
                {"question": "exit"},
                ends=True,
            ),
        ],
    ),
    "retrieval with strings, store given": Row(
        rag_strings.application_unbound,
        "user_question",
        "chat_history",
        None,
        [
            Turn(
                text,
                ["human_converse", "ai_converse"],
                [("user", text), ("text", answer)],
                {"question": text},
            )
            for text, answer in (
                ("The Seine?", "It flows through Paris."),
                ("The Thames?", "It flows through London."),
            )
        ],
        inputs={"vector_store": rag_strings.STORE},
    ),
    "retrieval from a graph": Row(
        rag_graph.application,
        "user_question",
        "chat_history",
        None,
        [
            Turn(
                "A river in Paris",
                ["human_converse", "create_cypher_query", "answer"],
                [
                    ("user", "A river in Paris"),
                    ("tool-call", '{"query": "MATCH Paris"}', '["Seine"]'),
                    ("text", 'I found ["Seine"].'),
                ],
                {"question": "A river in Paris"},
            ),
            Turn(
                "hello",
                ["human_converse", "create_cypher_query"],
                [("user", "hello"), ("text", "Ask me about rivers.")],
                {"tool_calls": []},
            ),
        ],
        inputs=rag_graph.inputs(),
    ),
    "corrective retrieval": Row(
        adaptive_crag.application,
        "query",
        "chat_history",
        None,
        [
            Turn(
                "How long is the river of Paris?",
                ["router", "retrieve", "rewrite_query", "retrieve", "ask_assistant"],
                [("user", "How long is the river of Paris?"), ("text", "The Seine is 775 km long.")],
                {"query": "How long is the Seine?", "attempts": 0},
            ),
            Turn(
                "hello",
                ["router", "ask_assistant"],
                [("user", "hello"), ("text", "I have nothing on: hello")],
                {"attempts": 2, "docs": []},
            ),
        ],
        fields={"attempts": "integer"},
    ),
    "retrieval in a ring": Row(
        rag_lancedb.application,
        "user_query",
        "chat_history",
        None,
        [
            Turn(
                text,
                ["process_user_query", "search_relevant_chunks", "bot_turn"],
                [("user", text), ("text", answer)],
                {"user_query": text, "relevant_chunks": chunks},
            )
            for text, answer, chunks in (
                ("Where is the Seine?", rag_lancedb.CHUNKS[0], rag_lancedb.CHUNKS[:1]),
                ("hello", "I do not know.", []),
            )
        ],
    ),
    "agent behind a server": Row(
        openai_agent.application,
        "user_input",
        None,
        None,
        [
            Turn(
                text,
                ["process_input", "dummy_bot"],
                [("user", text), ("text", f"You wrote {len(text)} characters.")],
                {"user_input": text, "content": f"You wrote {len(text)} characters."},
            )
            for text in ("abc", "abcd")
        ],
    ),
    "tools as actions": Row(
        tool_calling.application,
        "query",
        None,
        None,
        [
            Turn(
                text,
                ["process_input", "select_tool", tool, "format_results"],
                [("user", text), ("text", answer)],
                {"tool": tool, "final_output": answer},
            )
            for text, tool, answer in (
                ("the weather in Paris", "query_weather", "It is clear in Paris."),
                ("Rome", "fallback", "No tool knows Rome."),
            )
        ],
    ),
    "research in rounds": Row(
        deep_researcher.application,
        "research_topic",
        None,
        None,
        [
            Turn(
                topic,
                ["generate_query", *ROUND, *ROUND, "finalize_summary"],
                [("user", topic), ("text", SUMMARY)],
                {"running_summary": SUMMARY, "loop_count": 2, "research_topic": topic},
                ends=True,
            )
            for topic in ("rivers", "lakes")
        ],
    ),
    "email assistant": Row(
        email_assistant.application,
        None,
        None,
        None,
        [
            Turn(
                {"email_to_respond": "Lunch?", "response_instructions": "Say yes"},
                ["receive", "find_questions"],
                [
                    ("user", "email_to_respond: Lunch?\nresponse_instructions: Say yes"),
                    ("data", email_assistant.QUESTIONS),
                ],
                {"clarification_questions": email_assistant.QUESTIONS},
            ),
            Turn(
                {"clarification_inputs": ["warm", "Ada"]},
                ["clarify", "draft"],
                [("user", f"{email_assistant.QUESTIONS[0]} warm\n{email_assistant.QUESTIONS[1]} Ada"), ("text", DRAFT)],
                {"drafts": [DRAFT]},
            ),
            Turn(
                "shorter",
                ["give_feedback", "draft"],
                [("user", "shorter"), ("text", f"{DRAFT} / (shorter)")],
                {"drafts": [DRAFT, f"{DRAFT} / (shorter)"]},
            ),
            Turn(
                "fine",
                ["give_feedback", "finish"],
                [("user", "fine"), ("text", f"Ready: {DRAFT} / (shorter)")],
                {"final_draft": f"Ready: {DRAFT} / (shorter)"},
                ends=True,
            ),
        ],
        fields={"email_to_respond": "text", "response_instructions": "text"},
    ),
    "typed state": Row(
        typed_state.application,
        "youtube_url",
        None,
        "data",
        [
            Turn(
                url,
                ["get_youtube_transcript", "generate_post"],
                [("user", url), ("data", _post(url))],
                {"transcript": f"{url}: rivers flow", "post": typed_state.SocialMediaPost(**_post(url))},
            )
            for url in ("https://video.example/1", "https://video.example/2")
        ],
    ),
    "structured course": Row(
        structured_course.application,
        None,
        "chat_history",
        None,
        [
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
                {"topics": [structured_course.Topic(title="Lakes, part 1", minutes=20)]},
                ends=True,
            ),
        ],
        fields={"outline": "text", "num_required_topics": "integer"},
    ),
    "several agents": Row(
        multi_agent.application,
        None,
        "messages",
        None,
        [Turn(None, ROUTE, TALK, {"sender": "researcher", "next_hop": "complete"}, ends=True) for _ in range(2)],
    ),
    "models in parallel": Row(
        parallel_models.application,
        None,
        None,
        None,
        [
            Turn(
                {"prompt": "hi", "models": ["large", "small"]},
                ["take_prompt", "query_models", "join_outputs"],
                [("user", "prompt: hi\nmodels: large, small"), ("text", "large says hi\n\nsmall says hi")],
                {"all_outputs": ["large says hi", "small says hi"]},
            ),
            Turn(
                {"prompt": "hi", "models": ["tiny"]},
                ["take_prompt", "query_models", "join_outputs"],
                [("user", "prompt: hi\nmodels: tiny"), ("text", "tiny says hi")],
                {"joined": "tiny says hi"},
            ),
        ],
        fields={"prompt": "text", "models": "list"},
    ),
    "counter": Row(
        counter.application,
        None,
        None,
        None,
        [
            Turn(None, ["counter", "counter", "counter", "result"], [("data", 3)], {"counter": 3}, ends=True),
            Turn(None, ["counter", "result"], [("data", 4)], {"counter": 4}, ends=True),
        ],
    ),
    "counter of classes": Row(
        counter.application_of_classes,
        None,
        None,
        None,
        [
            Turn({"increment_by": "4"}, ["counter"], [("user", "increment_by: 4"), ("data", 4)], {"counter": 4}),
            Turn(
                {"increment_by": 7},
                ["counter", "result"],
                [("user", "increment_by: 7"), ("data", 11)],
                {"counter": 11},
                ends=True,
            ),
        ],
        fields={"increment_by": "integer"},
    ),
}
"""By a name for people. The adventure, which calls `input()`, has tests of its own."""
