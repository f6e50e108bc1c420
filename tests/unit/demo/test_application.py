"""The demo's ways through its graph, run with Burr alone."""

import math
from typing import Any

import openai
import pytest
from burr.core import Application
from burr.tracking import LocalTrackingClient

from burr_chat_widget import demo, offline

TERMINALS = ["generate_code", "answer_question", "generate_poem", "prompt_for_more", "unsafe_response"]


def build(faults: offline.Fault | offline.Faults | None = None, **options: Any) -> Application[Any]:
    client = offline.client(rate=math.inf, first_token=0, faults=faults)
    return demo.application(client=client, pause=0, **options)


async def turn(app: Application[Any], prompt: str, deltas: list[str] | None = None) -> tuple[list[str], list[str]]:
    """One turn: the names of the actions that ran, and the deltas; `deltas` keeps them when the turn fails."""
    actions: list[str] = []
    deltas = [] if deltas is None else deltas
    async for action, stream in app.astream_iterate(halt_after=TERMINALS, inputs={"prompt": prompt}):
        actions.append(action.name)
        async for item in stream:
            assert set(item) == {"delta"}
            deltas.append(item["delta"])
    return actions, deltas


def user(content: str) -> dict[str, str]:
    return {"role": "user", "content": content, "type": "text"}


def assistant(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content, "type": "text"}


def state_of(app: Application[Any]) -> dict[str, Any]:
    return {key: value for key, value in app.state.get_all().items() if not key.startswith("__")}


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("What is backpressure?", "answer_question"),
        ("Write a poem about rivers", "generate_poem"),
        ("Write a function that finds primes", "generate_code"),
    ],
)
async def test_what_the_model_answers(prompt: str, mode: str) -> None:
    app = build()
    actions, deltas = await turn(app, prompt)
    assert actions == ["prompt", "check_safety", "decide_mode", mode]
    text = "".join(deltas)
    assert len(deltas) > 10
    sent = state_of(app)["modified_chat_history"]
    assert sent[-1]["content"].endswith(f":\n\n{prompt}")
    assert state_of(app) == {
        "prompt": prompt,
        "safe": True,
        "mode": mode,
        "modified_chat_history": sent,
        "response": assistant(text),
        "chat_history": [user(prompt), assistant(text)],
    }


async def test_a_prompt_that_fits_no_mode() -> None:
    app = build()
    actions, deltas = await turn(app, "Draw me a horse")
    assert actions == ["prompt", "check_safety", "decide_mode", "prompt_for_more"]
    text = "I can answer a question, write a poem or write some code. Which of these would you like?"
    assert len(deltas) == len(text.split())
    assert "".join(deltas) == text
    assert state_of(app) == {
        "prompt": "Draw me a horse",
        "safe": True,
        "mode": "unknown",
        "response": assistant(text),
        "chat_history": [user("Draw me a horse"), assistant(text)],
    }


async def test_an_unsafe_prompt_never_reaches_the_model() -> None:
    app = build(faults=offline.Fault(status=500))
    actions, deltas = await turn(app, "Something UNSAFE")
    assert actions == ["prompt", "check_safety", "unsafe_response"]
    text = "I would rather not talk about that. Please ask me something else."
    assert "".join(deltas) == text
    assert state_of(app) == {
        "prompt": "Something UNSAFE",
        "safe": False,
        "response": assistant(text),
        "chat_history": [user("Something UNSAFE"), assistant(text)],
    }


async def test_two_turns_are_one_conversation_and_leave_nothing_else_behind() -> None:
    app = build()
    _, first = await turn(app, "What is backpressure?")
    actions, second = await turn(app, "unsafe")
    assert actions == ["prompt", "check_safety", "unsafe_response"]
    state = state_of(app)
    assert "mode" not in state
    assert "modified_chat_history" not in state
    assert state["chat_history"] == [
        user("What is backpressure?"),
        assistant("".join(first)),
        user("unsafe"),
        assistant("".join(second)),
    ]
    _, third = await turn(app, "Tell me more")
    assert "".join(third).startswith("I am the offline model")
    assert [message["content"] for message in state_of(app)["modified_chat_history"]] == [
        "What is backpressure?",
        "".join(first),
        "unsafe",
        "".join(second),
        "Please answer this question:\n\nTell me more",
    ]


async def test_the_suggestions_show_the_four_ways() -> None:
    app = build()
    ends = [(await turn(app, prompt))[0][-1] for prompt in demo.SUGGESTIONS]
    assert ends == ["answer_question", "generate_poem", "generate_code", "unsafe_response"]


async def test_an_error_of_the_provider_before_the_stream() -> None:
    faults = offline.Faults(every=offline.Fault(status=429))
    app = build(faults)
    with pytest.raises(openai.RateLimitError):
        await turn(app, "What is a delta?")
    # The first request decides the mode, the second one streams the answer.
    app = build(offline.Faults(at={1: offline.Fault(status=401)}))
    with pytest.raises(openai.AuthenticationError):
        await turn(app, "What is a delta?")


async def test_a_connection_lost_in_mid_stream_is_raised_and_leaves_the_state() -> None:
    app = build(offline.Faults(at={1: offline.Fault(drop_after=3)}))
    deltas: list[str] = []
    with pytest.raises(Exception, match=r"peer closed|Connection error"):
        await turn(app, "What is a delta?", deltas)
    assert len(deltas) == 3
    assert state_of(app) == {
        "prompt": "What is a delta?",
        "safe": True,
        "mode": "answer_question",
        "chat_history": [user("What is a delta?")],
    }


def test_the_graph_is_readable() -> None:
    graph = build().graph
    actions = {action.name: action for action in graph.actions}
    assert list(actions) == [
        "prompt",
        "check_safety",
        "decide_mode",
        "generate_code",
        "answer_question",
        "generate_poem",
        "prompt_for_more",
        "unsafe_response",
    ]
    assert all(action.fn.__doc__ for action in actions.values())  # type: ignore[attr-defined]
    # Whatever is not bound is an input: only the prompt comes from outside.
    assert {name: action.inputs for name, action in actions.items() if action.inputs[0]} == {"prompt": (["prompt"], [])}
    assert [(edge.from_.name, edge.to.name, edge.condition.name) for edge in graph.transitions] == [
        ("prompt", "check_safety", "default"),
        ("check_safety", "decide_mode", "safe=True"),
        ("check_safety", "unsafe_response", "default"),
        ("decide_mode", "generate_code", "mode=generate_code"),
        ("decide_mode", "answer_question", "mode=answer_question"),
        ("decide_mode", "generate_poem", "mode=generate_poem"),
        ("decide_mode", "prompt_for_more", "default"),
        *[(terminal, "prompt", "default") for terminal in TERMINALS],
    ]
    assert graph.entrypoint.name == "prompt"


async def test_every_action_declares_what_it_writes() -> None:
    app = build()
    for prompt in [*demo.SUGGESTIONS, "Draw me a horse"]:
        before = state_of(app)
        async for action, stream in app.astream_iterate(halt_after=TERMINALS, inputs={"prompt": prompt}):
            async for _ in stream:
                pass
            after = state_of(app)
            changed = {key for key, value in after.items() if key not in before or before[key] != value}
            assert changed <= set(action.writes), action.name
            before = after


async def test_id_and_tracker(tmp_path: Any) -> None:
    tracker = LocalTrackingClient("demo", storage_dir=str(tmp_path))
    app = build(app_id="mine", tracker=tracker)
    assert app.uid == "mine"
    await turn(app, "What is a delta?")
    assert (tmp_path / "demo" / "mine" / "log.jsonl").read_text().count('"end_entry"') == 4
    assert build().uid != build().uid
