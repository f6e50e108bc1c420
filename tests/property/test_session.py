"""For a session: whatever is asked of it and whenever, the next prompt is answered, the
application's state holds the finished turns and nothing else, and a page shows what was said.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps import scripted
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.session import ChatSession
from support.page import Page

scripts = st.fixed_dictionaries(
    {"deltas": st.integers(0, 5), "text": st.sampled_from(["a", "{n} ", "é𝄞\n"]), "delay": st.just(1e-9)},
    optional={"fail": st.sampled_from(["before", "during"])},
)
wishes = st.one_of(
    st.tuples(st.just("send"), scripts),
    st.tuples(st.just("retry"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("let it run"), st.integers(1, 40)),
    st.tuples(st.just("finish"), st.none()),
    st.tuples(st.just("reload"), st.none()),
)


class Scene:
    """A session on this loop, and a page that reads what is due whenever it looks."""

    def __init__(self) -> None:
        self.session = ChatSession(scripted.application(), runner="kernel")
        self.page = Page(self.session.outbox)
        self.requests = 0

    async def let_run(self, ticks: int) -> None:
        for _ in range(ticks):
            await asyncio.sleep(0)
        self.look()

    def look(self) -> None:
        for message in self.session.outbox.take():
            self.page.receive(message)
        self.page.ack()

    async def finish(self) -> None:
        await self.let_run(5)  # a command takes some ticks until its turn begins
        while self.session.running:
            await self.let_run(1)

    def command(self, kind: type[Any], **fields: Any) -> None:
        self.session.pages.handle(kind(client="page", **fields))

    def send(self, script: dict[str, Any]) -> None:
        self.requests += 1
        self.command(c.Send, request=f"r{self.requests}", text=json.dumps(script))

    async def wish(self, what: str, argument: Any) -> None:
        match what:
            case "send":
                self.send(argument)
            case "retry" if self.session.turns:
                self.requests += 1
                self.command(c.Retry, request=f"r{self.requests}", turn=self.session.turns[-1].key)
            case "stop" if self.session.turns:
                self.command(c.Stop, turn=self.session.turns[-1].key)
            case "let it run":
                await self.let_run(argument)
            case "finish":
                await self.finish()
            case "reload":
                self.page = Page(self.session.outbox, f"{self.page.name}'")
            case _:
                pass


def expected(script: dict[str, Any]) -> str:
    return "".join(script["text"].replace("{n}", str(n)) for n in range(script["deltas"]))


@settings(max_examples=60)
@given(asked=st.lists(wishes, max_size=12))
def test_whatever_is_asked_the_next_prompt_is_answered(asked):
    asyncio.run(play(asked))


async def play(asked: list[tuple[str, Any]]) -> None:
    scene = Scene()
    for what, argument in asked:
        await scene.wish(what, argument)
    await scene.finish()
    last = {"deltas": 3, "text": "{n}, ", "delay": 1e-9}
    scene.send(last)
    await scene.finish()

    turns = scene.session.turns
    assert (turns[-1].status, turns[-1].text) == ("completed", "0, 1, 2, ")
    replaced = {t.replaces for t in turns}
    kept = [t for t in turns if t.key not in replaced]
    history: list[dict[str, str]] = []
    for turn in kept:
        assert turn.prompt is not None
        script = json.loads(turn.prompt)
        assert expected(script).startswith(turn.text)
        if turn.status == "completed":
            assert turn.text == expected(script)
            history.append({"role": "user", "content": turn.prompt})
            history.append({"role": "assistant", "content": turn.text})
    assert scene.session.app.state["chat_history"] == history

    page = scene.page = Page(scene.session.outbox, "last")
    for _ in range(1000):  # frames keep their distance in time
        scene.look()
        if page.view is not None and page.view.status == "idle" and len(page.view.turns) == len(kept):
            break
        await asyncio.sleep(0.002)
    assert page.view is not None
    assert [t.key for t in page.view.turns] == [t.key for t in kept]
    for turn in kept:
        messages = [m for m in page.view.messages if m.turn == turn.key]
        assert messages[0].text == turn.prompt
        assert "".join(m.text for m in messages[1:] if m.kind == "text") == turn.text
        assert all(m.status != "streaming" for m in messages)
