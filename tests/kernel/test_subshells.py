"""Commands by way of subshells, in each way that JupyterLab knows, and what becomes of them without."""

from __future__ import annotations

import pytest

from support.kernel import Kernel, KernelPage, Routing
from support.scripts import script, words

SUBSHELLS = [
    (kernel, routing)
    for kernel in ("python3", "ipykernel-7.3", "ipykernel-7.0")
    for routing in ("perCommTarget", "perComm")
]
NONE = [
    (kernel, "disabled") for kernel in ("python3", "ipykernel-7.3", "ipykernel-7.0", "ipykernel-6.31", "ipykernel-6.29")
]
"""Of ipykernel 6 there is no other way."""

by_subshells = pytest.mark.parametrize(("shared_kernel", "routed"), SUBSHELLS, indirect=True)
every_way = pytest.mark.parametrize(("shared_kernel", "routed"), SUBSHELLS + NONE, indirect=True)


@pytest.fixture
def routed(request: pytest.FixtureRequest, kernel: Kernel) -> Routing:
    # `page`, too, comes after this one: pages speak by the routing that is set when they open.
    kernel.routing = request.param
    return kernel.routing


@every_way
def test_stop_and_a_new_prompt_beside_a_cell_that_blocks(routed: Routing, page: KernelPage):
    kernel = page.kernel
    first = page.send(script(deltas=1_000_000, delay=0.01))
    page.until(lambda view: view.messages and view.messages[-1].role == "assistant", "the first delta")
    assert page.view is not None
    with kernel.busy() as cell:
        said = len(page.view.messages[-1].text)
        page.stop()
        if routed == "disabled":
            # The kernel's one shell is in the cell: the command waits for it, the stream does not.
            page.until(lambda view: len(view.messages[-1].text) > said + 200, "the stream to go on")
            assert page.view.turns[-1].status == "running"
        else:
            page.wait_for_turn(first)
            page.wait_for_turn(page.send(script(deltas=2)))
        assert kernel.is_running(cell)
    page.wait_for_turn(first)
    assert page.view.turns[0].status == "stopped"
    assert page.ask(script(deltas=3)) == words(3)


@by_subshells
@pytest.mark.usefixtures("routed")
def test_the_first_message_of_all_beside_a_cell_that_blocks(kernel: Kernel):
    """As with Run All: the page opens while the next cell runs, and the comm was opened by the main thread."""
    kernel.run("chat = BurrChat(scripted.application())")
    shown = kernel.start("chat")
    with kernel.busy() as cell:
        page = KernelPage(kernel, kernel.shown_model(shown))
        assert page.ask(script(deltas=2)) == words(2)
        assert kernel.is_running(cell)


@by_subshells
@pytest.mark.usefixtures("routed")
def test_a_stream_outlives_the_subshell_that_began_it(page: KernelPage):
    request = page.send(script(deltas=60, delay=0.01))
    page.until(lambda view: view.messages and view.messages[-1].role == "assistant", "the first delta")
    page.kernel.delete_subshells()
    page.wait_for_turn(request)
    assert page.view is not None
    assert page.view.messages[-1].text == words(60)
    assert page.ask(script(deltas=2)) == words(2)


@every_way
@pytest.mark.usefixtures("routed")
def test_every_chat_has_its_own_way(kernel: Kernel):
    """Chats do not wait for each other, whichever shells their messages come by."""
    kernel.run("first, second = (BurrChat(scripted.application()) for _ in range(2))")
    pages = [KernelPage.show(kernel, name, name) for name in ("first", "second")]
    slow = pages[0].send(script(deltas=1_000_000, delay=0.01))
    pages[0].until(lambda view: view.status == "running", "the first chat's turn")
    assert pages[1].ask(script(deltas=5)) == words(5)
    pages[0].stop()
    pages[0].wait_for_turn(slow)
