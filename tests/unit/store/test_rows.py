"""Where a conversation was left, and what was said in it, read from its rows alone."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydantic
import pytest
from burr.core import ApplicationBuilder, State, action, when
from burr.core.action import streaming_action

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import ConventionError, StoreError

from .conftest import MakeStore

PNG = b"\x89PNG\r\n\x1a\n123"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    for chat in list(BurrChat._conversations.values()):
        chat.close()


def looped(step: Any, **state: Any) -> ApplicationBuilder[Any]:
    """An application of one action."""
    builder = ApplicationBuilder().with_actions(step=step).with_transitions(("step", "step"))
    return builder.with_entrypoint("step").with_state(**state)


def remarks(chat: BurrChat) -> list[str]:
    return [m.text for m in chat._session.outbox.view().messages if m.kind == "notice"]


@action(reads=["chat_history"], writes=["chat_history"])
def describe(state: State, topic: str = "cats", tone: str = "dry") -> State:
    return state.append(chat_history={"role": "assistant", "content": f"{topic}, {tone}"})


@action(reads=["chat_history"], writes=["chat_history"])
def count(state: State, amount: int = 1) -> State:
    return state.append(chat_history={"role": "assistant", "content": str(amount)})


@action(reads=["chat_history"], writes=["chat_history"])
def gate(state: State, go: bool = True) -> State:
    return state.append(chat_history={"role": "assistant", "content": "open" if go else "shut"})


@action(reads=["chat_history"], writes=["chat_history"])
def rate(state: State, stars: int | None) -> State:
    return state.append(chat_history={"role": "assistant", "content": str(stars)})


@pytest.mark.parametrize(
    ("step", "given"),
    [(describe, {"topic": "dogs"}), (count, {"amount": 5}), (gate, {"go": False}), (rate, {"stars": None})],
)
async def test_an_application_that_requires_nothing_comes_back(step: Any, given: dict[str, Any]) -> None:
    chat = BurrChat.open(looped(step, chat_history=[]), app_id="a")
    for _ in range(2):
        assert (await chat.send(**given)).status == "completed"
    said = transcript(chat)
    assert len([text for role, text in said if role == "assistant"]) == 2
    again = BurrChat.open(looped(step, chat_history=[]), app_id="a")
    assert again.app.state["chat_history"] == chat.app.state["chat_history"]
    assert len(again.app.state["chat_history"]) == 2
    assert (await again.send(**given)).status == "completed"
    assert len(again.app.state["chat_history"]) == 3


@action(reads=["chat_history"], writes=["chat_history"])
def ask(state: State, prompt: str) -> State:
    return state.append(chat_history={"role": "user", "content": prompt})


@action(reads=["chat_history"], writes=["chat_history"])
def answer(state: State, model: str = "small") -> State:
    return state.append(chat_history={"role": "assistant", "content": model})


async def test_what_need_not_be_given_is_not_waited_for_in_the_middle_of_a_turn() -> None:
    """A turn that was cut off before an action with a default is passed over all the same."""
    builder = ApplicationBuilder().with_actions(ask, answer).with_transitions(("ask", "answer"), ("answer", "ask"))
    builder = builder.with_entrypoint("ask").with_state(chat_history=[])
    chat = BurrChat.open(builder, app_id="a")
    chat.app.step(inputs={"prompt": "never answered"})
    chat.close()
    again = BurrChat.open(builder, app_id="a")
    assert again.app.state["chat_history"] == []
    await again.send("one")
    again.app.step(inputs={"prompt": "never answered"})
    again.close()
    last = BurrChat.open(builder, app_id="a")
    assert [m["content"] for m in last.app.state["chat_history"]] == ["one", "small"]


@action(reads=["n"], writes=["n"])
def tick(state: State) -> State:
    return state.update(n=state["n"] + 1)


@action(reads=["n"], writes=["n"])
def work(state: State) -> State:
    return state.update(n=state["n"] + 10)


async def test_where_nobody_is_ever_asked_the_newest_step_counts() -> None:
    builder = ApplicationBuilder().with_actions(tick, work).with_transitions(("tick", "work"), ("work", "tick"))
    builder = builder.with_entrypoint("tick").with_state(n=0)
    chat = BurrChat.open(builder, app_id="a")
    for _ in range(3):
        chat.app.step()
    chat.close()
    again = BurrChat.open(builder, app_id="a")
    assert again.app.state["n"] == 12
    assert again.app.get_next_action().name == "work"


async def test_where_the_graph_cannot_tell_any_more_nothing_is_thrown_away() -> None:
    """The application was changed: a condition reads what was not written then."""

    def changed() -> ApplicationBuilder[Any]:
        builder = ApplicationBuilder().with_actions(ask, answer)
        builder = builder.with_transitions(("ask", "answer"), ("answer", "ask", when(mood="good")))
        return builder.with_entrypoint("ask").with_state(chat_history=[], mood="good")

    builder = ApplicationBuilder().with_actions(ask, answer).with_transitions(("ask", "answer"), ("answer", "ask"))
    chat = BurrChat.open(builder.with_entrypoint("ask").with_state(chat_history=[]), app_id="a")
    await chat.send("one")
    chat.close()
    again = BurrChat.open(changed, app_id="a")
    assert [m["content"] for m in again.app.state["chat_history"]] == ["one", "small"]


# Applications without a history.


@action(reads=[], writes=["answer"])
def echo(state: State, prompt: str) -> State:
    if prompt == "fail":
        raise ValueError("no")
    return state.update(answer=f"You said {prompt}")


async def test_answers_come_back_without_a_history(store: MakeStore) -> None:
    chat = BurrChat.open(looped(echo), app_id="a", store=store())
    for text in ("one", "one", "fail", "two"):
        await chat.send(text)
    chat.close()
    again = BurrChat.open(looped(echo), app_id="a", store=store())
    answers = [("assistant", "You said one")] * 2 + [("assistant", "You said two")]
    assert transcript(again) == answers
    assert "as far as the application's state tells" in remarks(again)[0]
    await again.send("three")
    again.rewind(again.checkpoints[-1])
    again.close()
    last = BurrChat.open(looped(echo), app_id="a", store=store())
    assert transcript(last) == [*answers, ("assistant", "You said three")]


@streaming_action(reads=[], writes=["query", "draft"])
async def write(state: State, query: str) -> Any:
    for word in ("All ", "about ", query):
        yield {"delta": word}, None
    yield {"draft": f"All about {query}"}, state.update(query=query, draft=f"All about {query}")


@action(reads=["draft"], writes=["length"])
def measure(state: State) -> State:
    return state.update(length=len(state["draft"]))


def writing() -> ApplicationBuilder[Any]:
    builder = (
        ApplicationBuilder().with_actions(write, measure).with_transitions(("write", "measure"), ("measure", "write"))
    )
    return builder.with_entrypoint("write")


async def test_prompts_come_back_where_the_state_has_them() -> None:
    """And of a turn what it showed when it ran: what was streamed, not what the last step wrote."""
    chat = BurrChat.open(writing, app_id="a")
    await chat.send("rivers")
    await chat.send("seas")
    said = transcript(chat)
    assert said == [
        ("user", "rivers"), ("assistant", "All about rivers"), ("user", "seas"), ("assistant", "All about seas"),
    ]  # fmt: skip
    again = BurrChat.open(writing, app_id="a")
    assert transcript(again) == said


async def test_what_was_gone_back_behind_does_not_come_back() -> None:
    chat = BurrChat.open(writing, app_id="a")
    await chat.send("rivers")
    end = chat.checkpoints[-1]
    await chat.send("seas")
    chat.rewind(end)
    await chat.send("lakes")
    again = BurrChat.open(writing, app_id="a")
    assert [text for _, text in transcript(again)] == ["rivers", "All about rivers", "lakes", "All about lakes"]


@action(reads=["draft"], writes=["draft"])
def polish(state: State) -> State:
    return state.update(draft=state["draft"] + ".")


@action(reads=[], writes=["draft"])
def begin(state: State, prompt: str) -> State:
    return state.update(draft=prompt)


async def test_half_a_turn_is_not_among_them() -> None:
    def build() -> ApplicationBuilder[Any]:
        builder = (
            ApplicationBuilder().with_actions(begin, polish).with_transitions(("begin", "polish"), ("polish", "begin"))
        )
        return builder.with_entrypoint("begin")

    chat = BurrChat.open(build, app_id="a")
    await chat.send("one")
    chat.app.step(inputs={"prompt": "cut off"})
    chat.close()
    again = BurrChat.open(build, app_id="a")
    await again.send("two")
    again.close()
    last = BurrChat.open(build, app_id="a")
    assert [text for _, text in transcript(last)] == ["one.", "two."]


# What does not come back as it is.


@action(reads=["chat_history"], writes=["chat_history", "photo"])
def draw(state: State, prompt: str) -> State:
    said = {"role": "user", "content": prompt}, {"role": "assistant", "content": PNG, "type": "image"}
    return state.update(chat_history=[*state["chat_history"], *said], photo={"thumbnails": [PNG]})


async def test_pictures_come_back_as_bytes(store: MakeStore) -> None:
    chat = BurrChat.open(looped(draw, chat_history=[]), app_id="a", store=store())
    await chat.send("a sun")
    said = transcript(chat)
    assert said[1][1].startswith("data:image/png;base64,")
    state = chat.app.state.get_all()
    assert remarks(chat) == []
    chat.close()
    again = BurrChat.open(looped(draw, chat_history=[]), app_id="a", store=store())
    assert transcript(again) == said
    assert again.app.state.get_all() == state


class Message:
    """As LangChain's are, but of a class that Burr does not know."""

    type = "ai"

    def __init__(self, content: str) -> None:
        self.content = content


@action(reads=["chat_history"], writes=["chat_history", "seen"])
def speak(state: State, prompt: str) -> State:
    said = {"role": "user", "content": prompt}, Message(prompt.upper())
    return state.update(chat_history=[*state["chat_history"], *said], seen={prompt})


async def test_what_will_not_come_back_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    chat = BurrChat.open(looped(speak, chat_history=[], seen=set()), app_id="a")
    await chat.send("one")
    (told,) = remarks(chat)
    assert "'chat_history' will not be the same when this conversation is opened again" in told
    assert told in caplog.messages
    await chat.send("two")
    assert remarks(chat) == [told]


async def test_nothing_is_told_where_all_comes_back() -> None:
    chat = BurrChat.open(chatbot, app_id="a")
    await chat.send("one")
    assert remarks(chat) == []


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the user's, with a class."""
    module: Any = types.ModuleType("models_of_mine")

    class Post(pydantic.BaseModel):
        title: str

    Post.__module__, Post.__qualname__ = module.__name__, "Post"
    module.Post = Post
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.mark.filterwarnings("ignore:Deserializing pydantic class")
async def test_a_class_that_is_gone_is_named_with_the_remedy(models: Any) -> None:
    @action(reads=[], writes=["post"])
    def post(state: State, prompt: str) -> State:
        return state.update(post=models.Post(title=prompt))

    chat = BurrChat.open(looped(post), app_id="a")
    assert (await chat.send("one")).status == "completed"
    chat.close()
    kept, models.Post = models.Post, None
    del models.Post
    with pytest.raises(StoreError, match=r"'a' cannot be read: .*'Post'") as refused:
        BurrChat.open(looped(post), app_id="a")
    assert "define the class again" in (refused.value.remedy or "")
    models.Post = kept
    again = BurrChat.open(looped(post), app_id="a")
    assert again.app.state["post"] == kept(title="one")


# What stands in the way of opening.


async def test_a_chat_stays_when_the_next_one_cannot_be_made() -> None:
    chat = BurrChat.open(chatbot, app_id="a")
    await chat.send("one")
    chat.pause()
    sending = asyncio.ensure_future(chat.send("two"))
    while chat._session.outbox.view().status != "paused":  # noqa: ASYNC110 - it runs on a thread of its own
        await asyncio.sleep(0)
    for option in ("promt", "prompt", "breakpoints", "history"):
        with pytest.raises((TypeError, ConventionError)):
            BurrChat.open(chatbot, app_id="a", **{option: "x"})
    with pytest.raises(ValueError, match="nowhere"):
        BurrChat.open(chatbot().with_transitions(("answer", "nowhere")), app_id="a")
    assert chat.comm is not None
    await chat.resume()
    assert (await sending).status == "completed"
    again = BurrChat.open(chatbot, app_id="a")
    assert chat.comm is None
    assert [text for _, text in transcript(again)] == ["one", "one", "two", "two"]
