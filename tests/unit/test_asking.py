"""Turns that are not one prompt: forms, people in the middle of a run, ends; from Python and as a page asks for them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from burr.core import State

from apps import asking, email_assistant, faulty
from apps.graphs import build, does
from burr_chat_widget.errors import ApplicationEnded, ConventionError, InvalidInput, MissingInput
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import Composer, View
from burr_chat_widget.session import ChatSession, Turn
from support.page import Page


class Chat:
    """A session on this loop, asked from Python and from a page."""

    def __init__(self, app: Any, **options: Any) -> None:
        self.session = ChatSession(app, runner="kernel", **options)
        self.page = Page(self.session.outbox)
        self._requests = 0

    async def send(self, text: str | None = None, /, **inputs: Any) -> Turn:
        return await asyncio.wrap_future(self.session.begin(text, inputs).future)

    async def fill_in(self, text: str | None = None, /, **inputs: Any) -> View:
        """What the page shows when the command has been carried out or refused."""
        self._requests += 1
        request = f"r{self._requests}"
        self.session.pages.handle(c.Send(client="page", request=request, text=text, inputs=inputs))
        return await self.until(
            lambda view: (
                view.status == "idle"
                and (any(refused.request == request for refused in view.refused)
                     or any(t.request == request and t.status != "running" for t in view.turns))
            )
        )  # fmt: skip

    async def until(self, condition: Any) -> View:
        while True:
            view = self.look()
            if view is not None and condition(view):
                return view
            await asyncio.sleep(0.001)

    def look(self) -> View | None:
        for message in self.session.outbox.take():
            self.page.receive(message)
        self.page.ack()
        return self.page.view

    @property
    def composer(self) -> Composer:
        return self.session.composer

    def names(self) -> list[str]:
        return [f.name for f in self.composer.fields]

    async def transcript(self) -> list[tuple[str, str]]:
        turns = len(self.session.turns)
        view = await self.until(lambda view: len(view.turns) == turns and view.status == "idle")
        return [(m.role, m.text) for m in view.messages]


async def test_the_email_assistant_from_python() -> None:
    chat = Chat(email_assistant.application())
    assert (chat.composer.action, chat.composer.input, chat.names()) == (
        "receive",
        None,
        ["email_to_respond", "response_instructions"],
    )
    assert chat.composer.ask == "Takes the email to answer, and what to say in the answer."

    turn = await chat.send(email_to_respond="Lunch?", response_instructions="Yes")
    assert (turn.status, turn.actions) == ("completed", ["receive", "find_questions"])
    (field,) = chat.composer.fields
    assert (chat.composer.action, field.name, field.labels) == (
        "clarify",
        "clarification_inputs",
        email_assistant.QUESTIONS,
    )

    turn = await chat.send(clarification_inputs=["warm", "Ada"])
    assert turn.actions == ["clarify", "draft"]
    assert turn.text == "Re: Lunch? / Yes / warm / Ada"
    assert (chat.composer.input, chat.composer.fields) == ("feedback", [])
    assert chat.composer.ask == 'What should be changed? Say "fine" when nothing is.'

    turn = await chat.send("shorter")
    assert (turn.actions, turn.text) == (["give_feedback", "draft"], "Re: Lunch? / Yes / warm / Ada / (shorter)")
    turn = await chat.send("fine")
    assert turn.actions == ["give_feedback", "finish"]
    assert chat.composer.ended
    transcript = await chat.transcript()
    assert transcript[0] == ("user", "email_to_respond: Lunch?\nresponse_instructions: Yes")
    assert all(question in transcript[1][1] for question in email_assistant.QUESTIONS)
    assert transcript[2:] == [
        ("user", "Which tone should it have? warm\nWho signs it? Ada"),
        ("assistant", "Re: Lunch? / Yes / warm / Ada"),
        ("user", "shorter"),
        ("assistant", "Re: Lunch? / Yes / warm / Ada / (shorter)"),
        ("user", "fine"),
        ("assistant", "Ready: Re: Lunch? / Yes / warm / Ada / (shorter)"),
    ]


async def test_an_application_that_has_ended_can_be_started_again() -> None:
    chat = Chat(asking.counter())
    assert (chat.composer.input, chat.composer.fields, chat.composer.ask) == (None, [], "Counts one further.")
    turn = await chat.send()
    assert (turn.actions, turn.text) == (["count", "count", "count", "tell"], "counted to 3")
    with pytest.raises(ApplicationEnded) as raised:
        await chat.send()
    assert "reset_to_entrypoint" in str(raised.value.remedy)
    view = await chat.until(lambda view: view.composer.ended)
    assert not view.composer.enabled
    assert "'count' would begin again" in str(view.composer.hint)

    chat.session.pages.handle(c.Restart(client="page", request="again"))
    view = await chat.until(lambda view: not view.composer.ended)
    assert (view.composer.action, view.nodes["count"].status) == ("count", "next")
    turn = await chat.send()
    assert (turn.actions, turn.text) == (["count", "tell"], "counted to 4")


async def test_a_restart_in_the_middle_of_a_turn_is_refused() -> None:
    chat = Chat(asking.awaited())
    future = chat.session.begin("tidy up", {}).future
    await chat.until(lambda view: view.nodes["wait_for_approval"].status == "running")
    chat.session.pages.handle(c.Restart(client="page", request="again"))
    view = await chat.until(lambda view: bool(view.refused))
    assert "A turn is running" in view.refused[-1].reason
    asking.approve(True)
    assert (await asyncio.wrap_future(future)).text == "approved"


async def test_an_action_that_waits_can_be_stopped() -> None:
    chat = Chat(asking.awaited())
    future = chat.session.begin("tidy up", {}).future
    await chat.until(lambda view: view.nodes["wait_for_approval"].status == "running")
    chat.session.stop()
    turn = await asyncio.wrap_future(future)
    assert (turn.status, chat.composer.action) == ("stopped", "plan")
    asking.approve(False)
    assert (await chat.send("tidy up")).text == "refused"


FILLED = {
    "item": "tea",
    "amount": "2",
    "size": "large",
    "gift": True,
    "address": {"street": "Hill", "number": "7", "notes": ["ring", "twice"]},
}


async def test_a_form_is_converted() -> None:
    chat = Chat(asking.typed())
    assert [(f.name, f.kind, f.required, f.default) for f in chat.composer.fields] == [
        ("item", "text", True, None),
        ("amount", "integer", True, None),
        ("size", "choice", True, None),
        ("gift", "boolean", True, None),
        ("address", "object", True, None),
        ("price", "number", False, 2.5),
        ("milk", "choice", False, "none"),
        ("extras", "json", False, None),
    ]
    assert chat.composer.fields[0].description == "what to drink"
    view = await chat.fill_in(**FILLED, milk="oat", extras='{"sugar": 1}')
    assert chat.session.app.state["order"] == ["tea", 2, "LARGE", True, 7, ["ring", "twice"], 2.5, "oat"]
    assert view.messages[0].text.splitlines() == [
        "item: tea",
        "amount: 2",
        "size: large",
        "gift: yes",
        "address.street: Hill",
        "address.number: 7",
        "address.notes: ring, twice",
        "milk: oat",
        'extras: {"sugar":1}',
    ]
    assert view.composer.action == "order"
    assert view.composer.fields == chat.composer.fields


async def test_what_is_wrong_is_said_at_the_fields_and_nothing_runs() -> None:
    chat = Chat(asking.typed())
    view = await chat.fill_in(
        item=" ", amount="two", size="huge", address={"street": "Hill", "number": "x"}, price="", extras="{"
    )
    assert view.refused[-1].fields == {
        "item": "Fill this in.",
        "gift": "Fill this in.",
        "amount": "This is not a whole number.",
        "size": "Choose one of: small, large.",
        "address.number": "This is not a whole number.",
        "extras": "This is not JSON: Input data was truncated.",
    }
    view = await chat.fill_in(
        **{**FILLED, "amount": "two", "size": "huge", "address": {"street": "Hill", "number": "x"}}
    )
    assert view.refused[-1].fields == {
        "amount": "This is not a whole number.",
        "size": "Choose one of: small, large.",
        "address.number": "This is not a whole number.",
    }
    assert chat.session.turns == []
    assert chat.session.app.sequence_id is None


async def test_python_is_told_which_input_is_wrong() -> None:
    chat = Chat(asking.typed())
    given: dict[str, Any] = {**FILLED, "size": asking.Size.SMALL, "address": asking.Address("Hill", 7)}
    with pytest.raises(
        InvalidInput, match="action 'order' cannot take this: amount: This is not a whole number"
    ) as raised:
        await chat.send(**{**given, "amount": "x"})
    assert raised.value.fields == {"amount": "This is not a whole number."}
    with pytest.raises(MissingInput, match="needs the inputs 'amount', 'gift'"):
        await chat.send(item="tea", size="small", address=given["address"])
    with pytest.raises(InvalidInput, match="no action takes an input 'amout'; the inputs are 'item', 'amount'"):
        await chat.send(**given, amout=3)
    assert chat.session.turns == []
    turn = await chat.send("tea", **{k: v for k, v in given.items() if k != "item"})
    assert turn.status == "completed"
    assert chat.session.app.state["order"][:3] == ["tea", 2, "SMALL"]


async def test_a_text_where_several_could_take_it() -> None:
    chat = Chat(email_assistant.application())
    with pytest.raises(ConventionError) as raised:
        await chat.send("hello")
    assert "'email_to_respond', 'response_instructions'" in str(raised.value)
    assert "prompt='email_to_respond'" in str(raised.value.remedy)
    turn = await chat.send("hello", response_instructions="formal")
    assert turn.actions == ["receive", "find_questions", "draft"]
    named = Chat(email_assistant.application(), prompt="response_instructions")
    await named.send("formal", email_to_respond="hello")
    assert named.session.app.state["instructions"] == "formal"


async def test_a_text_where_none_is_taken() -> None:
    with pytest.raises(ConventionError, match="action 'count' comes next and takes no text"):
        await Chat(asking.counter()).send("hello")


async def test_options_stand_beside_the_text() -> None:
    chat = Chat(asking.with_options())
    assert (chat.composer.input, chat.names(), chat.composer.ask) == ("prompt", ["shout", "times"], None)
    assert (await chat.send("hi", times=2)).text == "You said hi hi"
    view = await chat.fill_in("hi", shout=True, times="3")
    assert [m.text for m in view.messages][-2:] == ["hi", "You said HI HI HI"]
    view = await chat.fill_in("hi", times="many")
    assert view.refused[-1].fields == {"times": "This is not a whole number."}


async def test_a_turn_without_the_prompt_that_may_be_left_out_ends_where_it_is_asked_for_again() -> None:
    def listen(state: State, message: str = "") -> State:
        return state.append(chat_history={"role": "assistant", "content": f"heard {message!r}"})

    chat = Chat(build(("listen", "listen"), listen=does(listen, writes=["chat_history"]), state={"chat_history": []}))
    assert chat.composer.input == "message"
    assert [(await chat.send()).text, (await chat.send("a")).text] == ["heard ''", "heard 'a'"]


async def test_an_object_that_nobody_gave() -> None:
    chat = Chat(faulty.needs_more())
    assert not chat.composer.enabled
    assert chat.composer.hint == "action 'search' needs input 'index'; pass inputs={'index': ...} or .bind() it"
    with pytest.raises(MissingInput, match="'index'"):
        await chat.send("a")
    view = await chat.fill_in("a")
    assert "'index'" in view.refused[-1].reason
    turn = await chat.send("a", index=faulty.Index({"a": "found a"}))
    assert turn.status == "completed"


async def test_a_form_is_tried_again_with_the_same_answers() -> None:
    chat = Chat(asking.typed())
    view = await chat.fill_in(**FILLED)
    chat.session.pages.handle(c.Retry(client="page", request="again", turn=view.turns[-1].key))
    view = await chat.until(lambda view: any(t.request == "again" and t.status == "completed" for t in view.turns))
    assert [t.key for t in view.turns] == ["t2"]
    assert view.messages[0].text.startswith("item: tea\namount: 2")


def test_the_composer_is_data() -> None:
    composer = Chat(asking.typed()).composer
    assert msgspec.convert(msgspec.to_builtins(composer), Composer) == composer
