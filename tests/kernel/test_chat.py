"""A chat in every ipykernel that is supported, with this process as its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.kernel import Kernel, KernelPage
from support.scripts import script, waiting_app, words

ENDLESS = script(deltas=1_000_000, delay=0.01)


def test_a_prompt_is_answered_and_the_graph_lights_up(page: KernelPage):
    assert page.view is not None
    assert page.view.nodes["prompt"].status == "next"
    page.ask(script(deltas=200))
    messages = [(m.role, m.status, m.text) for m in page.view.messages]
    assert messages == [("user", "done", script(deltas=200)), ("assistant", "done", words(200))]
    assert {name: (n.status, n.visits) for name, n in page.view.nodes.items()} == {
        "prompt": ("next", 1),
        "prepare": ("done", 1),
        "answer": ("done", 1),
    }
    assert page.view.taken == [1, 1, 1]


def test_python_and_the_page_share_one_conversation(page: KernelPage):
    page.kernel.run(f"turn = await chat.send({script(deltas=3)!r})")
    assert page.kernel.evaluate("turn.status, turn.actions, turn.text") == str(
        ("completed", ["prompt", "prepare", "answer"], words(3))
    )
    assert page.view is not None
    page.until(lambda view: view.turns and view.turns[-1].status == "completed", "the turn's end")
    assert page.view.messages[-1].text == words(3)
    page.ask(script(deltas=2))
    assert page.kernel.evaluate("[t.text for t in chat.turns], len(chat.app.state['chat_history'])") == str(
        ([words(3), words(2)], 4)
    )


@pytest.mark.parametrize("pause", ["time.sleep", "await asyncio.sleep"])
def test_a_stream_goes_on_while_a_cell_runs(kernel: Kernel, tmp_path: Path, pause: str):
    kernel.run(f"{waiting_app(tmp_path)}\nchat = BurrChat(app)")
    page = KernelPage.show(kernel)
    request = page.send(f"begun @cell {words(40).strip()}")
    page.until(lambda view: view.messages and view.messages[-1].text == "begun ", "the first delta")
    with kernel.busy(pause) as cell:
        (tmp_path / "cell").touch()
        page.wait_for_turn(request)
        assert kernel.is_running(cell)
    assert page.view is not None
    assert page.view.messages[-1].text == f"begun {words(40)}"


def test_a_second_page_and_a_reloaded_one_see_everything_in_mid_stream(page: KernelPage):
    request = page.send(ENDLESS)
    page.until(lambda view: view.messages and view.messages[-1].role == "assistant", "the first delta")
    second = KernelPage(page.kernel, page.comm, "second")
    assert second.view is not None
    assert second.view.status == "running"
    page.stop()
    page.wait_for_turn(request)
    second.wait_for_turn(request)
    assert second.view == page.view
    late = KernelPage(page.kernel, page.comm, "late")
    assert late.view == page.view


def test_a_prompt_while_a_turn_runs_is_refused_with_the_reason(page: KernelPage):
    first = page.send(ENDLESS)
    page.until(lambda view: view.status == "running", "the turn")
    refused = page.send("too early")
    page.until(lambda view: view.refused, "the refusal")
    assert page.view is not None
    assert page.view.refused[-1].request == refused
    assert page.view.refused[-1].reason == "A turn is running: wait for it to end, or stop it first."
    page.stop()
    page.wait_for_turn(first)
    assert page.ask(script(deltas=2)) == words(2)


@pytest.mark.parametrize("when", ["before", "during"])
def test_after_an_error_the_next_prompt_is_answered(page: KernelPage, when: str):
    page.ask(script(deltas=2, fail=when))
    assert page.view is not None
    failed = page.view.messages[-1]
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.kind == "RuntimeError"
    assert "failed" in failed.error.message
    assert page.ask(script(deltas=2)) == words(2)
    assert page.kernel.evaluate("len(chat.app.state['chat_history'])") == "2"


def test_an_answer_is_tried_again_beside_the_one_before(page: KernelPage):
    page.ask(script(deltas=1, text="first"))
    page.ask(script(deltas=1, text="second"))
    assert page.view is not None
    page.command("retry", request="again", turn=page.view.turns[-1].key)
    page.wait_for_turn("again")
    assert [m.text for m in page.view.messages if m.role == "assistant"] == ["first", "second"]
    assert len(page.view.turns[-1].siblings) == 2
    assert page.kernel.evaluate("len(chat.turns), len(chat.app.state['chat_history'])") == "(2, 4)"
