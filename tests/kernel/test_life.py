"""Chats that are closed, run again, or cut off by the kernel's end: nothing hangs, nothing leaks, nothing prints errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.kernel import Kernel, KernelPage, start_kernel
from support.scripts import script, words

KERNELS = ["python3", "ipykernel-6.31"]
ENDLESS = script(deltas=1_000_000, delay=0.01)

pytestmark = pytest.mark.parametrize("shared_kernel", KERNELS, indirect=True)


def streaming(page: KernelPage) -> None:
    page.until(lambda view: view.messages and view.messages[-1].role == "assistant", "the first delta")


@pytest.mark.parametrize("runner", ["thread", "kernel"])
def test_close_while_a_turn_runs(kernel: Kernel, runner: str):
    kernel.run(f"chat = BurrChat(scripted.application(), runner={runner!r})")
    page = KernelPage.show(kernel)
    kernel.run(f"asked = asyncio.create_task(chat.send({ENDLESS!r}))")
    streaming(page)
    kernel.run("chat.close()")
    assert kernel.evaluate("(await asked).status, chat.app.state['chat_history']") == "('stopped', [])"
    kernel.run("chat.close()")
    assert kernel.errors() == ""


def test_a_closed_chat_takes_no_more_turns(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application()); chat.close()")
    kernel.run("try:\n    await chat.send('hello')\nexcept RuntimeError as error:\n    refusal = str(error)")
    assert kernel.evaluate("refusal") == "'the chat is closed'"


def test_a_closed_chat_is_displayed_as_what_it_was(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application()); graph = chat.graph; chat.close()")
    shown = [kernel.of(kernel.run(what), "execute_result")[0]["content"]["data"] for what in ("chat", "graph")]
    assert shown == [
        {"text/plain": "<BurrChat 'Chat': 0 turns, closed>"},
        {"text/plain": "<graph of <BurrChat 'Chat': 0 turns, closed>>"},
    ]


COUNTS = """
import gc, threading
from comm import get_comm_manager
from ipywidgets.widgets import widget as widgets
def counts():
    gc.collect()
    ours = sorted(t.name for t in threading.enumerate() if t.name.startswith("burr"))
    return ours, len(get_comm_manager().comms), len(widgets._instances)
"""


def test_closing_leaves_no_thread_comm_or_model(kernel: Kernel):
    kernel.run(COUNTS)
    # What earlier tests left.
    kernel.run("for chat in [w for w in widgets._instances.values() if isinstance(w, BurrChat)]: chat.close()")
    settled = "while counts()[0]: await asyncio.sleep(0.01)"
    kernel.run(settled)
    before = kernel.evaluate("counts()")
    for _ in range(20):
        kernel.run("chat = BurrChat(scripted.application())")
        comm = kernel.evaluate("chat.model_id").strip("'")
        page = KernelPage(kernel, comm)
        assert page.ask(script(deltas=3)) == words(3)
        assert kernel.evaluate("len(getattr(chat.comm, '_reply_subshell_ids', ()))") == "0"
        kernel.run("chat.graph; chat.close()")
    kernel.run(settled)
    assert kernel.evaluate("counts()") == before


def test_the_cell_that_holds_the_chat_run_again_in_mid_stream(kernel: Kernel):
    """The old chat's turn goes on in its own application; the new chat knows nothing of it."""
    pages: list[KernelPage] = []
    for _ in range(2):
        kernel.run("chat = BurrChat(scripted.application()); chats = [*globals().get('chats', []), chat]")
        pages.append(KernelPage.show(kernel))
        if len(pages) == 1:
            first = pages[0].send(script(deltas=60, delay=0.01))
            streaming(pages[0])
    assert pages[1].view is not None
    assert pages[1].view.status == "idle"
    assert pages[1].ask(script(deltas=3)) == words(3)
    pages[0].wait_for_turn(first)
    assert pages[0].view is not None
    assert pages[0].view.messages[-1].text == words(60)
    assert kernel.errors() == ""
    kernel.run("for chat in chats: chat.close()\ndel chats")


@pytest.fixture
def own_kernel(shared_kernel: Kernel, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """A kernel that the test may end."""
    with start_kernel(request.node.callspec.params["shared_kernel"]) as kernel:
        kernel.routing = "perCommTarget" if shared_kernel.has_subshells else "disabled"
        yield kernel


USES = {
    "stream": ("async def", "    while True:\n        await asyncio.sleep(0.01)"),
    "deaf": (
        "async def",
        "    while True:\n        try:\n            await asyncio.sleep(0.01)\n        except asyncio.CancelledError:\n"
        "            pass",
    ),
    "blocking": ("def", "    time.sleep(3600)"),
    "blocking-loop": ("async def", "    time.sleep(3600)"),
}


@pytest.mark.parametrize("use", USES)
def test_the_kernel_ends_with_a_turn_running(own_kernel: Kernel, use: str):
    kind, body = USES[use]
    own_kernel.run(
        "import asyncio, time\nfrom burr_chat_widget import BurrChat\nfrom apps import borrowed\n"
        f"{kind} use(prompt):\n{body}\nchat = BurrChat(borrowed.application(use))"
    )
    page = KernelPage.show(own_kernel)
    page.send("hello")
    page.until(lambda view: view.nodes["answer"].status == "running", "the action")
    own_kernel.ask_to_end()
