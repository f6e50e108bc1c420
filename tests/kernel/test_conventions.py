"""Every application in the shapes of Burr's examples, driven to the end of its turns in a real kernel, from a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.conventions.rows import ROWS
from burr_chat_widget.protocol.view import Message
from support.kernel import PATIENCE, Kernel, KernelPage

pytestmark = pytest.mark.parametrize("shared_kernel", ["python3"], indirect=True)


def shown(message: Message) -> tuple[Any, ...]:
    """A message as `rows` writes it."""
    kind = "user" if message.role == "user" else message.kind
    text = json.loads(message.text) if kind == "data" else message.text
    return (kind, text) if message.result is None else (kind, text, message.result)


@pytest.mark.parametrize("name", ROWS)
def test_its_turns(kernel: Kernel, name: str):
    kernel.run(f"from apps.conventions.rows import ROWS\nrow = ROWS[{name!r}]")
    kernel.run("chat = BurrChat(row.make(), inputs=row.inputs)")
    page = KernelPage.show(kernel)
    view = page.view
    assert view is not None
    for number, turn in enumerate(ROWS[name].turns):
        text, inputs = (turn.given, {}) if not isinstance(turn.given, dict) else (None, turn.given)
        before, request = len(view.messages), f"turn {number}"
        page.command("send", request=request, text=text, inputs=inputs)
        page.wait_for_turn(request)
        assert kernel.evaluate("chat.turns[-1].status, chat.turns[-1].actions") == repr(("completed", turn.actions))
        page.until(
            lambda view, ends=turn.ends: view.status == "idle" and view.composer.ended == ends, "what comes next"
        )
        assert [shown(message) for message in view.messages[before:]] == turn.shown
        assert {(message.status, *message.notices) for message in view.messages} == {("done",)}
        assert kernel.evaluate(f"{{key: chat.app.state[key] for key in {list(turn.state)}}}") == repr(turn.state)
        if turn.ends:
            page.command("restart", request=f"again {number}")
            page.until(lambda view: not view.composer.ended, "a new beginning")


def test_a_store_that_nobody_gave(kernel: Kernel):
    kernel.run("from apps.conventions import rag_strings\nchat = BurrChat(rag_strings.application_unbound())")
    page = KernelPage.show(kernel)
    assert page.view is not None
    told = "action 'ai_converse' needs input 'vector_store'; pass inputs={'vector_store': ...} or .bind() it"
    assert (page.view.composer.enabled, page.view.composer.hint) == (False, told)
    page.command("send", request="asked", text="The Seine?")
    (refused,) = page.until(lambda view: view.refused, "the refusal")
    assert refused.reason == told
    assert kernel.evaluate("chat.turns, chat.app.sequence_id") == "([], None)"


def test_an_action_that_calls_input(kernel: Kernel):
    """From a page there is nobody to ask, which is told; from a cell the person is asked under the cell."""
    kernel.run("from apps.conventions import adventure\nchat = BurrChat(adventure.application())")
    page = KernelPage.show(kernel)
    page.ask(None)
    assert page.view is not None
    error = page.view.messages[-1].error
    assert error is not None
    assert (error.kind, error.message, error.action) == ("EOFError", "EOF when reading a line", "ask_riddle")
    assert str(error.remedy).startswith("The action calls input(), which nobody can answer here: give it a parameter")

    cell = kernel.start("turn = await chat.send()")
    question = kernel.client.get_stdin_msg(timeout=PATIENCE)
    assert question["content"]["prompt"] == "What runs and has no legs? "
    kernel.client.input("a river")
    kernel.finish(cell)
    assert kernel.evaluate("turn.status, turn.actions, turn.text") == str(
        ("completed", ["ask_riddle", "win"], "a river is right!")
    )

    # The next turn begins the adventure again, and takes a wrong answer on its way.
    cell = kernel.start("chat.app.reset_to_entrypoint()\nturn = await chat.send()")
    for answer in ("a dog", "the river"):
        assert kernel.client.get_stdin_msg(timeout=PATIENCE)["content"]["prompt"] == "What runs and has no legs? "
        kernel.client.input(answer)
    kernel.finish(cell)
    assert kernel.evaluate("turn.status, turn.actions, turn.text, chat.app.state['answer']") == str(
        ("completed", ["ask_riddle", "ask_riddle", "win"], "the river is right!", "the river")
    )
