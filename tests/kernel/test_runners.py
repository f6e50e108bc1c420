"""runner="thread" and runner="kernel": where turns run, and what that means for cells, Stop and interrupts."""

from __future__ import annotations

import pytest

from support.kernel import Kernel, KernelError, KernelPage
from support.scripts import script, words

pytestmark = [
    pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True),
    pytest.mark.parametrize("runner", ["thread", "kernel"]),
]

ENDLESS = script(deltas=1_000_000, delay=0.01)

ASLEEP = "print('asleep')\nwhile True:\n    time.sleep(0.01)"
"""A cell to be interrupted. It sleeps in short stretches: a signal that comes just before a long one does not cut it short. And
it does not flush: what it prints is sent a little later, when it is well in its loop. An interrupt that hits it while it prints
may mark ipykernel's sending thread as dead (python/cpython#90882), and one while IPython compiles may end without an error."""


@pytest.fixture
def page(kernel: Kernel, runner: str) -> KernelPage:
    kernel.run(f"chat = BurrChat(scripted.application(), runner={runner!r})")
    return KernelPage.show(kernel)


def streaming(page: KernelPage) -> None:
    page.until(lambda view: view.messages and view.messages[-1].role == "assistant", "the first delta")


def ended(page: KernelPage, status: str) -> None:
    page.until(lambda view: view.turns and view.turns[-1].status == status, f"the turn to be {status}")


def test_turns_from_the_page_and_from_a_cell(page: KernelPage):
    assert page.ask(script(deltas=200)) == words(200)
    page.kernel.run(f"turn = await chat.send({script(deltas=300)!r})")
    assert page.kernel.evaluate("turn.status, len(turn.deltas)") == "('completed', 300)"
    page.until(lambda view: view.messages[-1].text == words(300), "the cell's turn")


def test_stop_from_the_page_and_from_python(page: KernelPage):
    page.send(ENDLESS)
    streaming(page)
    page.stop()
    ended(page, "stopped")
    page.send(ENDLESS)
    page.until(lambda view: view.status == "running", "the second turn")
    page.kernel.run("chat.stop()")
    ended(page, "stopped")
    assert page.ask(script(deltas=2)) == words(2)


def test_stop_ends_a_turn_that_a_cell_awaits(page: KernelPage):
    cell = page.kernel.start(f"turn = await chat.send({ENDLESS!r}); print(turn.status)")
    streaming(page)
    if page.kernel.has_subshells:
        page.stop()
    else:
        page.kernel.interrupt()  # without subshells the page's command waits for the cell
    page.until(lambda view: view.turns[-1].status == "stopped", "the turn to stop")
    if page.kernel.has_subshells:
        page.kernel.finish(cell)
        assert page.kernel.printed(cell) == "stopped\n"
    assert page.ask(script(deltas=2)) == words(2)


def test_the_interrupt_button_stops_the_turn_that_a_cell_awaits(page: KernelPage):
    cell = page.kernel.start(f"await chat.send({ENDLESS!r})")
    streaming(page)
    page.kernel.interrupt()
    with pytest.raises(KernelError, match=r"CancelledError|KeyboardInterrupt"):
        page.kernel.finish(cell)
    ended(page, "stopped")
    assert page.ask(script(deltas=2)) == words(2)
    assert page.kernel.errors() == ""


def test_the_interrupt_button_leaves_a_pages_turn_alone(page: KernelPage, runner: str):
    request = page.send(script(deltas=40, delay=0.01))
    streaming(page)
    page.kernel.interrupt()
    page.wait_for_turn(request)
    if runner == "thread":
        # With a cell, too, which is what the button is for.
        request = page.send(script(deltas=40, delay=0.01))
        streaming(page)
        cell = page.kernel.start(ASLEEP)
        page.kernel.until(lambda: page.kernel.printed(cell), "the cell to sleep")
        page.kernel.interrupt()
        with pytest.raises(KernelError, match="KeyboardInterrupt"):
            page.kernel.finish(cell)
        page.wait_for_turn(request)
    assert page.view is not None
    assert [t.status for t in page.view.turns] == ["completed"] * len(page.view.turns)
    assert page.ask(script(deltas=2)) == words(2)


def test_an_error_leaves_the_next_prompt_answered(page: KernelPage):
    page.ask(script(deltas=2, fail="during"))
    assert page.view is not None
    assert page.view.messages[-1].status == "failed"
    assert page.ask(script(deltas=2)) == words(2)


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "SystemExit"])
@pytest.mark.parametrize("kind", ["async def", "def"])
def test_an_action_that_interrupts_stops_its_turn_and_nothing_else(kernel: Kernel, runner: str, raised: str, kind: str):
    kernel.run(f"""
{kind} use(prompt):
    if prompt == "interrupt":
        raise {raised}
    return prompt
chat = BurrChat(borrowed.application(use), runner={runner!r})
""")
    page = KernelPage.show(kernel)
    page.send("interrupt")
    ended(page, "stopped")
    assert page.ask("hello") == "hello"
    kernel.run("turn = await chat.send('interrupt')")
    assert kernel.evaluate("turn.status") == "'stopped'"
    assert page.ask("hello again") == "hello again"


def test_a_blocking_action_and_cells(kernel: Kernel, runner: str):
    """In a thread of its own it does not keep cells waiting; on the kernel's loop it does, as any cell would."""
    kernel.run(f"""
import pathlib, tempfile
gate = pathlib.Path(tempfile.mkdtemp(), "gate")
def use(prompt):
    while not gate.exists():
        time.sleep(0.01)
    return "through"
chat = BurrChat(borrowed.application(use), runner={runner!r})
""")
    page = KernelPage.show(kernel)
    gate = kernel.evaluate("str(gate)").strip("'")
    request = page.send("wait")
    page.until(lambda view: view.nodes["answer"].status == "running", "the blocking action")
    if runner == "thread":
        kernel.run("1 + 1")
        assert page.view is not None
        assert page.view.status == "running"
        kernel.run("gate.touch()")
    else:
        cell = kernel.start("1 + 1")
        assert kernel.is_running(cell)
        with open(gate, "w"):
            pass
        kernel.finish(cell)
    page.wait_for_turn(request)
    assert page.view is not None
    assert page.view.messages[-1].text == "through"
