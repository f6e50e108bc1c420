"""Applications that ask for more than one text: forms, people in mid-run, nothing at all; in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from apps.email_assistant import QUESTIONS
from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def form(chat: Chat, action: str) -> Locator:
    """The form of that action, once it is there."""
    found = chat.root.get_by_role("form", name=action)
    expect(found).to_be_visible(timeout=SLOW)
    return found


def expect_prompt(chat: Chat, text: str) -> None:
    """Wait until the person's last message says this."""
    expect(chat.prompt_texts.last).to_have_text(text, timeout=SLOW, use_inner_text=True)


def test_the_email_assistant_through_two_conversations(notebook: Notebook):
    chat = notebook.show_chat("email_assistant.application()")
    _conversation(chat, "Lunch on Friday?", "Say yes", signed="Ada")
    expect(chat.note).to_contain_text("The application has ended: 'receive' would begin again.")
    chat.root.get_by_role("button", name="Start again").click()
    notebook.graph().expect_node("receive", "next", 1)
    _conversation(chat, "Dinner?", "Say no", signed="Bob")
    assert notebook.evaluate("chat.app.state['final_draft']") == "Ready: Re: Dinner? / Say no / warm / Bob / (shorter)"
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["completed"] * 8


def _conversation(chat: Chat, email: str, instructions: str, signed: str) -> None:
    first = form(chat, "receive")
    expect(chat.root.get_by_text("Takes the email to answer, and what to say in the answer.")).to_be_visible()
    first.get_by_role("textbox", name="email_to_respond").fill(email)
    first.get_by_role("textbox", name="response_instructions").fill(instructions)
    chat.send_button.click()
    expect_prompt(chat, f"email_to_respond: {email}\nresponse_instructions: {instructions}")

    questions = form(chat, "clarify")
    questions.get_by_role("textbox", name=QUESTIONS[0]).fill("warm")
    chat.send_button.click()
    unanswered = questions.get_by_role("textbox", name=QUESTIONS[1])
    expect(unanswered).to_have_attribute("aria-invalid", "true", timeout=SLOW)
    expect(unanswered).to_be_focused()
    unanswered.fill(signed)
    unanswered.press("Control+Enter")
    expect_prompt(chat, f"{QUESTIONS[0]} warm\n{QUESTIONS[1]} {signed}")
    draft = f"Re: {email} / {instructions} / warm / {signed}"
    chat.expect_answer(draft)

    expect(chat.message).to_have_attribute("placeholder", "Write an answer")
    expect(chat.root.get_by_text('What should be changed? Say "fine" when nothing is.')).to_be_visible()
    chat.ask("shorter")
    chat.expect_answer(f"{draft} / (shorter)")
    chat.ask("fine")
    chat.expect_answer(f"Ready: {draft} / (shorter)")


def test_a_counter_is_run(notebook: Notebook):
    chat = notebook.show_chat("asking.counter()")
    expect(chat.message).to_have_count(0)
    expect(chat.root.get_by_text("Counts one further.")).to_be_visible()
    chat.run_button.click()
    chat.expect_answer("counted to 3")
    notebook.graph().expect_node("count", "done", 3)
    chat.root.get_by_role("button", name="Start again").click()
    chat.run_button.click()
    chat.expect_answer("counted to 4")


def test_typed_inputs_with_errors_at_their_fields(notebook: Notebook):
    chat = notebook.show_chat("asking.typed()")
    order = form(chat, "order")
    item, amount, number = (order.get_by_role("textbox", name=name) for name in ("item", "amount", "number"))
    item.fill("tea")
    amount.fill("two")
    order.get_by_role("textbox", name="street").fill("Hill")
    chat.send_button.click()
    expect(chat.note).to_contain_text("see what is said at the fields", timeout=SLOW)
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(order.get_by_role("group", name="gift")).to_contain_text("Fill this in.")
    assert notebook.evaluate("chat.turns, chat.app.sequence_id") == ([], None)

    number.fill("7")
    order.get_by_role("combobox", name="size").select_option("large")
    order.get_by_role("radio", name="Yes").check()
    chat.send_button.click()
    expect(amount).to_have_accessible_description("how many cups This is not a whole number.", timeout=SLOW)
    expect(amount).to_be_focused()
    expect(item).to_have_value("tea")
    expect(item).to_have_accessible_description("what to drink")

    amount.fill("2")
    order.get_by_role("textbox", name="notes").fill("ring\ntwice")
    order.get_by_role("combobox", name="milk").select_option("oat")
    order.get_by_role("textbox", name="extras").fill('{"sugar": 1}')
    amount.press("Enter")
    expect(chat.status).to_have_text("Complete", timeout=SLOW)
    expect(chat.prompt_texts.last).to_contain_text("address.notes: ring, twice")
    assert notebook.evaluate("chat.app.state['order']") == ["tea", 2, "LARGE", True, 7, ["ring", "twice"], 2.5, "oat"]
    expect(form(chat, "order").get_by_role("textbox", name="item")).to_have_value("")


def test_keys_typed_into_a_form_stay_there(notebook: Notebook):
    chat = notebook.show_chat("asking.typed()")
    before = notebook.contents()
    item = form(chat, "order").get_by_role("textbox", name="item")
    item.press_sequentially("abdmjk")
    item.press("Shift+Enter")
    item.press_sequentially("x")
    expect(item).to_have_value("abdmjk\nx")
    chat.root.get_by_role("radio", name="No").focus()
    for key in ("a", "b", "d", "d", "m", "Shift+Enter"):
        chat.page.keyboard.press(key)
    assert notebook.contents() == before


def test_options_stand_beside_the_message(notebook: Notebook):
    chat = notebook.show_chat("asking.with_options()")
    chat.ask("hi")
    chat.expect_answer("You said hi")
    chat.root.get_by_text("Options").click()
    chat.root.get_by_role("checkbox", name="shout").check()
    chat.root.get_by_role("textbox", name="times").fill("2")
    chat.ask("hi")
    chat.expect_answer("You said HI HI")


def test_an_approval_that_is_awaited(notebook: Notebook):
    chat = notebook.show_chat("asking.awaited()")
    chat.send("tidy up")
    expect(chat.status).to_have_text("Running wait_for_approval", timeout=SLOW)
    expect(chat.typing).to_contain_text("wait_for_approval")
    chat.stop_button.click()
    expect(chat.status).to_have_text("Stopped", timeout=SLOW)
    chat.send("tidy up again")
    expect(chat.status).to_have_text("Running wait_for_approval", timeout=SLOW)
    notebook.execute("asking.approve(True)")
    chat.expect_answer("approved")


def test_python_is_told_which_input_is_wrong(notebook: Notebook):
    notebook.show_chat("asking.with_options()")
    cell = notebook.start("await chat.send('hi', times='many')")
    notebook.wait_for_cell(cell)
    assert re.search(r"InvalidInput: .*'chat'.* times: This is not a whole number", notebook.error_of(cell))
