"""Forms, people in mid-run and ends in a real kernel, with this process as its page."""

from __future__ import annotations

import pytest

from support.kernel import Kernel, KernelPage


@pytest.fixture
def page(kernel: Kernel) -> KernelPage:
    kernel.run("from apps import email_assistant\nchat = BurrChat(email_assistant.application())")
    return KernelPage.show(kernel)


def answer(page: KernelPage, text: str | None = None, /, **inputs: object) -> None:
    """Fill in what is asked for and wait until the turn has ended."""
    request = page.new_request()
    page.command("send", request=request, text=text, inputs=inputs)
    page.wait_for_turn(request)


def test_a_person_is_asked_in_the_middle_and_the_run_goes_on(page: KernelPage):
    view = page.view
    assert view is not None
    assert [field.name for field in view.composer.fields] == ["email_to_respond", "response_instructions"]
    answer(page, email_to_respond="Lunch?", response_instructions="Say yes")
    page.until(lambda view: view.composer.action == "clarify", "the questions")
    assert view.composer.fields[0].labels == ["Which tone should it have?", "Who signs it?"]
    answer(page, clarification_inputs=["warm", "Ada"])
    page.until(lambda view: view.composer.input == "feedback", "the next question")
    answer(page, "fine")
    page.until(lambda view: view.composer.ended, "the end")
    assert view.messages[-1].text == "Ready: Re: Lunch? / Say yes / warm / Ada"
    page.command("restart", request="again")
    page.until(lambda view: view.composer.action == "receive", "a new beginning")
    assert view.nodes["receive"].status == "next"
    page.kernel.run("turn = await chat.send(email_to_respond='Dinner?', response_instructions='formal no')")
    assert page.kernel.evaluate("turn.actions, turn.text") == str(
        (["receive", "find_questions", "draft"], "Re: Dinner? / formal no")
    )


def test_what_is_wrong_is_told_by_field_and_nothing_runs(page: KernelPage):
    page.command("send", request="r", text=None, inputs={"email_to_respond": " "})
    refused = page.until(lambda view: view.refused, "the refusal")
    assert refused[-1].fields == {"email_to_respond": "Fill this in.", "response_instructions": "Fill this in."}
    assert page.kernel.evaluate("chat.turns, chat.app.sequence_id") == "([], None)"
