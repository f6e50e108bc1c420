"""A conversation whose kernel dies at any moment: opened again, it holds the turns that were completed, and goes on."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from burr.core import ApplicationBuilder, State, action
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.protocol.events import TurnEvent

scripts = st.fixed_dictionaries(
    {"deltas": st.integers(0, 3), "text": st.sampled_from(["a", "{n} ", "é𝄞\n"])},
    optional={"fail": st.sampled_from(["before", "during"]), "stop": st.integers(0, 12)},
)


@settings(max_examples=40)
@given(asked=st.lists(scripts, min_size=1, max_size=4), moment=st.integers(0, 60))
def test_it_is_taken_up_after_any_moment(asked: list[dict[str, Any]], moment: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(asked, moment, Path(folder)))


async def play(asked: list[dict[str, Any]], moment: int, folder: Path) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=folder / "live", runner="kernel")
    watch = Watch(chat, moment, folder)
    for script in asked:
        watch.stop_at = script.get("stop")
        await chat.send(json.dumps(script))
    chat.close()
    if not watch.left.exists():
        watch.leave()

    again = BurrChat.open(chatbot, app_id="a", store=watch.left, runner="kernel")
    history = again.app.state["chat_history"]
    assert history in (watch.before, watch.after), (
        "the turns that were completed, and nothing of the one that was running"
    )
    assert [text for _, text in transcript(again)] == [m["content"] for m in history if m["content"]]
    highest = again.app.sequence_id
    turn = await again.send("next")
    assert (turn.status, turn.actions) == ("completed", ["prompt", "prepare", "answer"])
    assert again.app.sequence_id == (2 if highest is None else highest + 3)
    assert again.app.state["chat_history"][:-2] == history
    again.close()


@action(reads=[], writes=["draft"])
def begin(state: State, prompt: str) -> State:
    return state.update(draft=prompt)


@action(reads=["draft"], writes=["draft"])
def polish(state: State) -> State:
    if state["draft"] == "fail":
        raise ValueError("no")
    return state.update(draft=state["draft"] + ".")


def writer() -> ApplicationBuilder[Any]:
    """It keeps no history."""
    builder = ApplicationBuilder().with_actions(begin, polish)
    return builder.with_transitions(("begin", "polish"), ("polish", "begin")).with_entrypoint("begin")


moves = st.one_of(
    st.sampled_from(["answered", "fail"]).map(lambda text: ("send", text)),
    st.integers(0, 3).map(lambda turns: ("rewind", turns)),
    st.sampled_from([("reopen", None), ("crash", None)]),
)


@settings(max_examples=60)
@given(moves=st.lists(moves, max_size=10))
def test_answers_come_back_without_a_history(moves: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(answer(moves, Path(folder) / "live"))


async def answer(moves: list[tuple[str, Any]], store: Path) -> None:
    def opened() -> BurrChat:
        return BurrChat.open(writer, app_id="a", store=store, runner="kernel")

    chat = opened()
    expected: list[str] = []
    for number, (move, what) in enumerate(moves):
        if move == "send":
            # Each its own: where two turns leave the same, the rows do not tell which one was gone back to.
            turn = await chat.send(what if what == "fail" else f"{what} {number}")
            assert turn.text == ("" if what == "fail" else f"answered {number}.")
            expected += [turn.text] if turn.text else []
        elif move == "rewind":
            ends = [checkpoint for checkpoint in chat.checkpoints if checkpoint.action == "polish"]
            if len(ends) > what:
                chat.rewind(ends[-1 - what])
                expected = expected[: len(expected) - what]
        else:
            if move == "crash":
                chat.app.step(inputs={"prompt": "never polished"})
            chat.close()
            chat = opened()
            assert [text for _, text in transcript(chat)] == expected
    chat.close()
    last = opened()
    assert [text for _, text in transcript(last)] == expected
    last.close()


class Watch:
    """Copies the store when so many events have been told, as if the kernel had died then; and stops turns.

    Attributes:
        left: the copy.
        before, after: the histories at the ends of the turns before and after that moment.
    """

    def __init__(self, chat: BurrChat, moment: int, folder: Path) -> None:
        self.chat = chat
        self.moment = moment
        self.folder = folder
        self.left = folder / "left"
        self.before: list[Any] = []
        self.after: list[Any] = []
        self.stop_at: int | None = None
        outbox: Any = chat._session.outbox
        self._put, outbox.put = outbox.put, self.put

    def put(self, event: TurnEvent) -> None:
        """Every event comes by here on its way to the pages."""
        self._put(event)
        self.moment -= 1
        if self.moment == 0:
            self.leave()
        if self.stop_at is not None:
            self.stop_at -= 1
            if self.stop_at < 0:
                self.stop_at = None
                self.chat.stop()

    def leave(self) -> None:
        """The kernel is gone."""
        shutil.copy(self.folder / "live", self.left)
        self.before = self.completed()
        history = list(self.chat.app.state["chat_history"])
        answered = bool(history) and history[-1]["role"] == "assistant"  # its end is saved before it is told
        self.after = history if answered else self.before

    def completed(self) -> list[Any]:
        """What the completed turns have left."""
        history: list[Any] = []
        for turn in self.chat.turns:
            if turn.status == "completed":
                history.append({"role": "user", "content": turn.prompt})
                history.append({"role": "assistant", "content": turn.text})
        return history
