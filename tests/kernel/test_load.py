"""More than a page can take, through a real kernel: every byte arrives, in few frames, and the kernel is idle afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from support.kernel import PATIENCE, Kernel, KernelPage
from support.scripts import script

newest = pytest.mark.parametrize("shared_kernel", ["python3"], indirect=True)
oldest = pytest.mark.parametrize("shared_kernel", ["ipykernel-6.31"], indirect=True)
both = pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True)

MILLION = 1_000_000


@pytest.fixture(autouse=True)
def patience(kernel: Kernel) -> Iterator[None]:
    """A million deltas, or a cell of five hundred turns, may take longer on a machine with other things to do."""
    kernel.patience = 4 * PATIENCE
    yield
    kernel.patience = PATIENCE


def assert_idle(page: KernelPage) -> None:
    """A cell runs, and then the last word about every request is that it is done."""
    assert page.kernel.evaluate("6 * 7") == "42"
    page.kernel.until(lambda: set(states(page.kernel).values()) == {"idle"}, "every request to be done")


def states(kernel: Kernel) -> dict[str, str]:
    """What was said last about each request."""
    return {
        m["parent_header"]["msg_id"]: m["content"]["execution_state"]
        for m in kernel.published
        if m["msg_type"] == "status" and m["parent_header"]
    }


@both
def test_a_million_deltas_as_fast_as_they_come(page: KernelPage):
    began = time.monotonic()
    answer = page.ask(script(deltas=MILLION, text="{n} "))
    took = time.monotonic() - began
    assert answer == "".join(f"{n} " for n in range(MILLION))
    # 33 ms apart at the least; of 64 KB each at the most.
    assert len(page.frames) <= 2 + max(took / 0.033, len(answer) / 65_536)
    assert page.kernel.evaluate("len(chat.turns[-1].deltas), len(chat.app.state['chat_history'])") == f"({MILLION}, 2)"
    assert_idle(page)


@newest
def test_a_million_deltas_while_the_page_sleeps(page: KernelPage):
    """Nothing is acknowledged; what waits is put together, and comes when the page is back."""
    with page.asleep():
        page.send(script(deltas=MILLION, text="{n} "))
        page.kernel.until(
            lambda: page.kernel.evaluate("[t.status for t in chat.turns]") == "['completed']", "the turn's end"
        )
    page.until(lambda view: view.turns and view.turns[-1].status == "completed", "the rest")
    assert page.view is not None
    assert page.view.messages[-1].text == "".join(f"{n} " for n in range(MILLION))
    assert_idle(page)


@newest
def test_five_hundred_turns_of_three_deltas(page: KernelPage):
    for n in range(500):
        assert page.ask(script(deltas=3, text=f"{n}.{{n}} ")) == f"{n}.0 {n}.1 {n}.2 "
    assert page.kernel.evaluate("len(chat.turns)") == "500"
    assert_idle(page)


@oldest
def test_five_hundred_turns_of_a_cell(page: KernelPage):
    prompt = script(deltas=3, text="{n}")
    page.kernel.run(f"for _ in range(500):\n    turn = await chat.send({prompt!r})\n    assert turn.text == '012'")
    page.until(lambda view: len(view.turns) == 500 and view.status == "idle", "the last turn")
    assert page.view is not None
    assert [m.text for m in page.view.messages] == [prompt, "012"] * 500
    assert_idle(page)
