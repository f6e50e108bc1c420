"""What pages asked is known to the store with the turn that it began: asked again after a restart, it is answered, and not done again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from burr.core import ApplicationBuilder, State, action

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import View
from burr_chat_widget.store.kept import REQUESTS

from .conftest import MakeStore


async def ask(chat: BurrChat, request: str, text: str) -> View:
    """A page asks; what is seen when that was carried out, if it was."""
    done = chat._session.pages.handle(c.Send(client="page", request=request, text=text, inputs={}))
    if done is not None:
        done.result(60)
    return chat._session.outbox.view()


async def test_an_answer_that_was_kept_is_not_given_again(store: MakeStore) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store())
    await ask(chat, "r1", "one")
    said = transcript(chat)
    chat.close()

    again = BurrChat.open(chatbot, app_id="a", store=store())
    assert again._session.outbox.view().accepted == ["r1"]
    view = await ask(again, "r1", "one")
    assert (transcript(again), view.turns, set(view.accepted)) == (said, [], {"r1"})
    view = await ask(again, "r2", "two")
    assert [turn.request for turn in view.turns] == ["r2"]
    assert not [key for key in again.app.state if key.startswith("__BURR_CHAT")]
    again.close()


async def test_a_turn_that_failed_is_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    chat = BurrChat.open(chatbot, app_id="a", store=path)
    await ask(chat, "r1", "one")
    await ask(chat, "r2", json.dumps({"fail": "during"}))
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=path)
    view = await ask(again, "r2", "whatever")
    assert (view.turns, view.accepted) == ([], ["r1"])
    assert {(each.request, each.reason) for each in view.refused} == {("r2", "its turn failed, and is not kept.")}
    again.close()


async def test_a_turn_that_was_cut_off_is_run_again(tmp_path: Path) -> None:
    path, left = tmp_path / "chats.sqlite", tmp_path / "left.sqlite"

    @action(reads=[], writes=["asked"])
    def question(state: State, prompt: str) -> State:
        return state.update(asked=prompt)

    @action(reads=["asked"], writes=["chat_history"])
    def answer(state: State) -> State:
        shutil.copy(path, left)  # what there is when the process dies now
        said: list[dict[str, Any]] = [
            {"role": "user", "content": state["asked"]},
            {"role": "assistant", "content": "so"},
        ]
        return state.update(chat_history=[*state["chat_history"], *said])

    def build() -> ApplicationBuilder[Any]:
        made = ApplicationBuilder().with_actions(question, answer).with_state(chat_history=[])
        return made.with_transitions(("question", "answer"), ("answer", "question")).with_entrypoint("question")

    chat = BurrChat.open(build, app_id="a", store=path)
    await ask(chat, "r1", "one")
    await ask(chat, "r2", "two")
    chat.close()
    again = BurrChat.open(build, app_id="a", store=left)
    assert again._session.outbox.view().accepted == ["r1"]
    view = await ask(again, "r2", "two")
    assert [(turn.request, turn.prompt) for turn in view.turns] == [("r2", "two")]
    assert transcript(again) == [("user", "one"), ("assistant", "so"), ("user", "two"), ("assistant", "so")]
    again.close()


async def test_what_was_asked_of_a_form_that_was_wrong_is_not_taken_for_answered(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    chat = BurrChat.open(chatbot, app_id="a", store=path)
    done = chat._session.pages.handle(c.Send(client="page", request="wrong", text=None, inputs={"nothing": 1}))
    assert done is not None
    done.result(60)
    assert [each.request for each in chat._session.outbox.view().refused] == ["wrong"]
    await ask(chat, "right", "one")
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=path)
    assert again._session.outbox.view().accepted == ["right"]
    again.close()


async def test_only_the_last_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    chat = BurrChat.open(chatbot, app_id="a", store=path)
    for number in range(REQUESTS + 2):
        await ask(chat, f"r{number}", "one")
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=path)
    assert again._session.outbox.view().accepted == [f"r{number}" for number in range(2, REQUESTS + 2)]
    again.close()
