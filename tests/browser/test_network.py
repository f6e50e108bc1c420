"""A whole session of the demo talks to the Jupyter server and to nobody else, and the widget raises nothing on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Notebook


@pytest.mark.parametrize(
    "notebook",
    [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")],
    indirect=True,
)
def test_no_request_leaves_the_loopback(notebook: Notebook):
    errors: list[str] = []
    # The host has errors of its own; the bundle runs from a blob.
    notebook.page.on("pageerror", lambda error: errors.append(str(error)) if "blob:" in (error.stack or "") else None)
    chat = notebook.show_chat("demo.application()", suggestions=["Write a poem about rain"])
    chat.root.get_by_role("button", name="Write a poem about rain").click()
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    chat.ask("Write a Python generator that groups a stream into batches")
    chat.ask("What is a delta?")
    notebook.run("chat.graph")
    notebook.graph().node("decide_mode").focus()
    held = notebook.show_chat("held.application()")
    held.send("shown |never shown")
    held.expect_answer("shown ", status="streaming")
    held.stop_button.click()
    held.wait_until("idle")
    math = notebook.show_chat("faulty.application()")
    notebook.execute(
        "faulty.WAYS['math'] = lambda: iter([{'delta': '$x^2$ ![picture](https://elsewhere.invalid/1.png)'}])"
    )
    math.ask("math")
    expect(math.answer_text.locator("math")).to_be_visible(timeout=SLOW)
    notebook.reload()
    expect(notebook.chat().answer_text.locator("math")).to_be_visible(timeout=SLOW)
    notebook.save()
    assert len(notebook.requests) > 10
    assert notebook.foreign_requests() == []
    assert errors == []
