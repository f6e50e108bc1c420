"""The conversation in the state: which key it is, and which of its messages are told."""

from __future__ import annotations

import dataclasses
import enum
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from burr.core import State

from apps.graphs import build, does, streams
from apps.reading import collect, only, text_of, types
from burr_chat_widget.bridge import earlier_messages, infer_history, stream_turn
from burr_chat_widget.bridge.history import added_items
from burr_chat_widget.bridge.messages import HistoryMessage, read_messages
from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol import events as e

USER = {"role": "user", "content": "hi"}
BOT = {"role": "assistant", "content": "hello"}


def nothing(state: State, prompt: str) -> State:  # noqa: ARG001
    return state


def app_with(**state: Any) -> Any:
    return build(ask=does(nothing), state=state)


class Role(enum.Enum):
    """Who says something."""

    BOT = "assistant"


class Raising:
    """Its properties need something that is not there."""

    @property
    def role(self) -> str:
        raise RuntimeError

    type = content = role


@dataclasses.dataclass
class Talk:
    """A conversation inside of something."""

    said: list[Any]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (BOT, ("assistant", "hello", "text")),
        ({"role": "assistant", "content": "x = 1", "type": "code"}, ("assistant", "x = 1", "code")),
        ({"role": "assistant", "content": None, "tool_calls": []}, ("assistant", "", "text")),
        ({"role": "assistant", "content": [{"type": "text", "text": "a"}, "b"]}, ("assistant", "ab", "text")),
        (SimpleNamespace(role="model", content="m"), ("assistant", "m", "text")),
        (SimpleNamespace(type="ai", content="langchain"), ("assistant", "langchain", "text")),
        (SimpleNamespace(type="human", content="u"), ("human", "u", "text")),
        ({"type": "ai", "data": {"content": "stored", "type": "ai"}}, ("assistant", "stored", "text")),
        ({"type": "ai", "data": "no message"}, None),
        ("AI: hello", ("assistant", "hello", "text")),
        ("Human: hello", ("human", "hello", "text")),
        ("note: this", None),
        ({"speaker": "bot", "text": "hello"}, ("assistant", "hello", "text")),
        ({"sender": "user", "message": "hi"}, ("user", "hi", "text")),
        ({"from": "human", "value": "hi"}, ("human", "hi", "text")),
        ({"role": "model", "parts": [{"text": "a"}, "b"]}, ("assistant", "ab", "text")),
        (SimpleNamespace(role=Role.BOT, content="hello"), ("assistant", "hello", "text")),
        ({"role": "USER", "content": "hi"}, ("user", "hi", "text")),
        ("USER: hi", ("user", "hi", "text")),
        (("assistant", "hello"), ("assistant", "hello", "text")),
        (["human", "hi"], ("human", "hi", "text")),
        (["a question", "an answer"], None),
        (("assistant", 3), None),
        ({"from": "Paris", "text": "a letter"}, None),
        ({"role": "admin", "text": "no chat"}, None),
        ({"role": "assistant"}, None),
        ({"role": "assistant", "content": None, "refusal": "I cannot."}, ("assistant", "I cannot.", "text")),
        ({"role": "assistant", "type": "error", "content": ValueError("no")}, ("assistant", "ValueError: no", "error")),
        ({"role": "assistant", "type": "error", "content": {"code": 3}}, ("assistant", '{"code":3}', "error")),
        ({"content": "x"}, None),
        (3, None),
    ],
)
def test_messages(item: Any, message: tuple[str, str, str] | None) -> None:
    assert read_messages(item) == (message and (HistoryMessage(*message),))


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ({}, None),
        ({"chat_history": []}, "chat_history"),
        ({"messages": [], "chat_history": []}, "chat_history"),
        ({"thread": [USER], "chat_history": []}, "thread"),
        ({"chat_history": [1, 2], "transcript": []}, None),
        ({"draft_history": ["a", "b"]}, None),
        ({"other": [USER], "messages": [USER, BOT]}, "messages"),
        ({"log": [("user", "hi"), ("assistant", "hello")]}, "log"),
        ({"conversation": {"messages": [USER], "turns": 1}}, "conversation.messages"),
        ({"conversation": {"messages": []}}, "conversation.messages"),
        ({"talk": Talk([BOT])}, "talk.said"),
        ({"talk": Talk([BOT]), "chat_history": []}, "chat_history"),
        ({"index": {"messages": [BOT], **dict.fromkeys(map(str, range(100)))}}, None),
        ({"chat_history": [USER, BOT, {"chart": [1]}]}, "chat_history"),
        ({"thread": [USER, BOT, {"chart": [1]}]}, "thread"),
        ({"documents": ["User: a manual", "and more"]}, None),
        ({"documents": [{"role": "source", "content": "a"}, {"n": 1}]}, None),
        ({"values": [Raising()]}, None),
        ({"chat_history": [USER, Raising()]}, "chat_history"),
        ({"one": {"messages": []}, "two": {"messages": []}}, None),
    ],
)
def test_inference(state: dict[str, Any], key: str | None) -> None:
    assert infer_history(app_with(**state)) == key


class Noted(dict[str, Any]):
    """A message that is noted when it is read."""

    read: ClassVar[set[int]] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(self["n"])
        return super().get(key, default)


def test_of_a_long_conversation_some_messages_are_read() -> None:
    Noted.read.clear()
    assert infer_history(app_with(log=[Noted(n=n, **USER) for n in range(10_000)], rows=[1, 2])) == "log"
    assert sorted(Noted.read) == [*range(50), *range(9950, 10_000)]


def test_ambiguous() -> None:
    app = app_with(one=[USER], two=[BOT])
    with pytest.raises(ConventionError, match=r"'one', 'two'.*") as caught:
        infer_history(app)
    assert "history='one'" in (caught.value.remedy or "")
    assert infer_history(app, "two") == "two"
    with pytest.raises(ConventionError, match="history='three' is no state key"):
        infer_history(app, "three")


async def test_ambiguous_turn() -> None:
    app = app_with(one=[USER], two=[BOT])
    events = await collect(stream_turn(app, {"prompt": "x"}))
    (warning,) = [event.text for event in events if isinstance(event, e.Notice) and event.level == "warning"]
    assert "each of the state keys 'one', 'two'" in warning
    assert types(events)[-1] == "turn-completed"
    events = await collect(stream_turn(app_with(one=[USER], two=[BOT]), {"prompt": "x"}, history="one"))
    assert types(events)[-1] == "turn-completed"
    assert "warning" not in [event.level for event in events if isinstance(event, e.Notice)]


async def test_what_becomes_ambiguous_in_a_turn_undoes_nothing_and_is_said_once() -> None:
    def answer(state: State, prompt: str) -> State:
        said = {"role": "assistant", "content": f"you said {prompt}"}
        return state.append(one=said).append(two=said)

    def warnings(events: list[Any]) -> list[str]:
        return [event.text for event in events if isinstance(event, e.Notice) and event.level == "warning"]

    keys = ["one", "two"]
    app = build(("answer", "answer"), answer=does(answer, reads=keys, writes=keys), state={"one": [], "two": []})
    events = await collect(stream_turn(app, {"prompt": "a"}))
    assert types(events)[-1] == "turn-completed"
    (warning,) = warnings(events)
    assert "each of the state keys 'one', 'two' looks like the conversation" in warning
    assert "history='one'" in warning
    again = await collect(stream_turn(app, {"prompt": "b"}))
    assert (types(again)[-1], warnings(again)) == ("turn-completed", [])
    assert [len(app.state[key]) for key in keys] == [2, 2]
    # Where it can be told again and then cannot, it is said again.
    app.update_state(app.state.update(one=[], two=[]))
    assert len(warnings(await collect(stream_turn(app, {"prompt": "c"})))) == 1


async def test_a_conversation_inside_of_a_value() -> None:
    def answer(state: State, prompt: str) -> State:
        said = [{"role": "user", "content": prompt}, {"role": "assistant", "content": f"you said {prompt}"}]
        return state.update(talk=Talk([*state["talk"].said, *said]))

    app = build(("answer", "answer"), answer=does(answer, reads=["talk"], writes=["talk"]), state={"talk": Talk([])})
    for prompt in ("a", "b"):
        events = await collect(stream_turn(app, {"prompt": prompt}, history="talk.said"))
        assert only(events, e.MessageAdded).text == f"you said {prompt}"
    assert infer_history(app) == "talk.said"
    assert [m.text for m in earlier_messages(app)][:4] == ["a", "you said a", "b", "you said b"]


def test_what_follows_the_persons_last_word_is_new_though_it_was_said_before() -> None:
    def state(*said: dict[str, Any]) -> State:
        return State({"h": list(said)})

    other = {"role": "user", "content": "bye"}
    assert [item.item for item in added_items(state(USER, BOT), state(other, BOT), "h")] == [other, BOT]
    summary = {"role": "system", "content": "in short"}
    assert [item.item for item in added_items(state(USER, BOT), state(summary, BOT), "h")] == [summary]


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        ("ab", "abc", "c"),
        ("abc", "bcd", "d"),
        ("aa", "aaa", "a"),
        ("", "ab", "ab"),
        ("abc", "xbd", "xd"),
        ("abc", "", ""),
        ("abc", "abc", ""),
        ("cba", "dcba", "d"),
        ("cba", "edcba", "de"),
    ],
)
def test_what_was_added(old: str, new: str, added: str) -> None:
    def state(letters: str) -> State:
        return State({"h": [{"role": "assistant", "content": c} for c in letters]})

    items = added_items(state(old), state(new), "h")
    assert "".join(m.text for item in items for m in item.messages) == added


def speaking(*said: dict[str, Any], streamed: str = "", result: dict[str, Any] | None = None, **state: Any) -> Any:
    """One action that streams that text and adds those messages."""

    async def speak(state: State, prompt: str) -> Any:  # noqa: ARG001
        if streamed:
            yield {"delta": streamed}
        for message in said:
            state = state.append(chat_history=message)
        yield result or {}, state

    return build(speak=streams(speak, reads=[], writes=[]), state=state)


async def told(app: Any, **options: Any) -> list[tuple[str, str, str]]:
    events = await collect(stream_turn(app, {"prompt": "hi"}, **options))
    assert types(events)[-1] == "turn-completed"
    return [(x.role, x.kind, x.text) for x in events if isinstance(x, e.MessageAdded)]


async def test_the_prompt_is_not_repeated() -> None:
    assert await told(speaking(USER, BOT, chat_history=[])) == [("assistant", "text", "hello")]


async def test_kinds_and_roles() -> None:
    app = speaking(
        {"role": "assistant", "content": "http://x/y.png", "type": "image"},
        {"role": "critic", "content": "hm"},
        {"role": "tool", "content": "{}"},
        {"role": "system", "content": "be good"},
        {"role": "assistant", "content": "", "tool_calls": [1]},
        chat_history=[],
    )
    assert await told(app) == [
        ("assistant", "image", "http://x/y.png"),
        ("critic", "text", "hm"),
        ("tool", "tool-result", "{}"),
    ]


async def test_what_was_streamed_is_not_told_again() -> None:
    assert await told(speaking({"role": "assistant", "content": " hello\n"}, streamed="hello", chat_history=[])) == []


async def test_another_text_in_the_history() -> None:
    app = speaking(BOT, {"role": "assistant", "content": "u", "type": "image"}, streamed="hel...", chat_history=[])
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert text_of(events) == "hello"
    assert [x.kind for x in events if isinstance(x, e.MessageAdded)] == ["image"]
    assert types(events).index("text-replaced") < types(events).index("state-changed")


async def test_recorded_by_a_later_action() -> None:
    """The text streamed in one step and put into the history in another is one message."""

    async def speak(state: State, prompt: str) -> Any:  # noqa: ARG001
        yield {"delta": "hello"}
        yield {}, state.update(answer="hello")

    def record(state: State) -> State:
        return state.append(chat_history={"role": "assistant", "content": state["answer"]})

    app = build(
        ("speak", "record"),
        speak=streams(speak, writes=["answer"]),
        record=does(record, reads=["answer"], writes=["chat_history"]),
        state={"chat_history": []},
    )
    assert await told(app) == []


async def test_history_that_appears() -> None:
    """An application whose state begins without the key."""
    assert await told(speaking(USER, BOT)) == [("assistant", "text", "hello")]


async def test_the_newest_first() -> None:
    def answer(state: State, prompt: str) -> State:
        said = [{"role": "assistant", "content": f"re {prompt}"}, {"role": "user", "content": prompt}]
        return state.update(chat_history=said + state["chat_history"])

    app = build(("answer", "answer"), answer=does(answer, writes=["chat_history"]), state={"chat_history": []})
    for prompt in ("a", "b", "c"):
        events = await collect(stream_turn(app, {"prompt": prompt}))
        assert only(events, e.MessageAdded).text == f"re {prompt}"


async def test_a_history_with_something_else_in_it() -> None:
    app = speaking(BOT, {"chart": [1]}, chat_history=[USER, {"chart": [0]}])
    assert await told(app) == [("assistant", "text", "hello"), ("assistant", "data", '{"chart":[1]}')]


class Chart:
    """Compares by identity, and is another one in each copy of the state."""

    def __init__(self, points: int) -> None:
        self.points = points


async def test_objects_of_the_users_own_are_told_once() -> None:
    def draw(state: State, prompt: str) -> State:
        return state.append(chat_history={"role": "user", "content": prompt}).append(chat_history=Chart(len(prompt)))

    app = build(("draw", "draw"), draw=does(draw, writes=["chat_history"]), state={"chat_history": []})
    for _ in range(2):
        assert await told(app, history="chat_history", render=lambda chart: f"{chart.points} points") == [
            ("assistant", "text", "2 points")
        ]


async def test_objects_whose_properties_raise() -> None:
    assert await told(speaking(BOT, chat_history=[], values=[Raising()])) == [("assistant", "text", "hello")]


async def test_no_history() -> None:
    assert await told(speaking(result={"answer": "from the result"})) == [("assistant", "text", "from the result")]
    assert await told(speaking(result={"answer": "no"}, streamed="streamed")) == []


@pytest.mark.parametrize(
    ("gained", "said"),
    [
        (["hi", "you said hi"], ("text", "you said hi")),
        (["one"], ("text", "one")),
        ([["hi", "an answer"]], ("data", '["hi","an answer"]')),
        ([1, 2], ("data", "[1,2]")),
    ],
)
async def test_no_history_and_a_list_that_goes_on(gained: list[Any], said: tuple[str, str]) -> None:
    def speak(state: State, prompt: str) -> State:  # noqa: ARG001
        return state.update(log=[*state["log"], *gained])

    app = build(("speak", "speak"), speak=does(speak, reads=["log"], writes=["log"]), state={"log": ["long ago"]})
    for _ in range(2):
        assert await told(app) == [("assistant", *said)]


@pytest.mark.parametrize("returns", ["the state", "a result too"])
@pytest.mark.parametrize("says", ["the prompt: hi", "hi"])
async def test_no_history_and_the_same_answer_again(says: str, returns: str) -> None:
    """The state is as it was; an answer may be the prompt itself."""

    def speak(state: State, prompt: str) -> Any:  # noqa: ARG001
        after = state.update(answer=says)
        return after if returns == "the state" else ({"answer": says}, after)

    app = build(("speak", "speak"), speak=does(speak, writes=["answer"]), state={"answer": ""})
    for _ in range(2):
        assert await told(app) == [("assistant", "text", says)]


async def test_nothing_said() -> None:
    events = await collect(stream_turn(speaking(), {"prompt": "hi"}))
    notice = only(events, e.Notice)
    assert (notice.level, notice.step) == ("info", None)
    assert notice.text.startswith("The turn ended without an answer: ")
    assert types(events)[-2:] == ["notice", "turn-completed"]
