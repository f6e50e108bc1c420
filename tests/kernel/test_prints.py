"""What an action prints, logs or displays goes under the cell that shows the chat, however the turn was begun."""

from __future__ import annotations

import pytest

from burr_chat_widget.saved import MARK
from support.kernel import WIDGET, Kernel, KernelPage

newest = pytest.mark.parametrize("shared_kernel", ["python3"], indirect=True)
both = pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True)

pytestmark = [
    pytest.mark.parametrize("runner", ["thread", "kernel"]),
    pytest.mark.parametrize("kind", ["def", "async def"]),
]


@pytest.fixture
def kernel(kernel: Kernel, runner: str, kind: str) -> Kernel:
    """`chat`'s action speaks by every means that there is."""
    kernel.run(f"""
import logging, sys
from IPython.display import HTML, display
log = logging.getLogger("actions")
log.handlers = [logging.StreamHandler()]
log.propagate = False
{kind} use(prompt):
    print("print", prompt)
    print("stderr", prompt, file=sys.stderr)
    log.warning("log %s", prompt)
    display(HTML(f"display {{prompt}}"))
    return "said"
chat = BurrChat(borrowed.application(use), runner={runner!r})
""")
    return kernel


def outputs(kernel: Kernel, cell: str) -> tuple[str, str, list[str]]:
    """What has landed under a cell: standard output, standard error, and what was displayed."""
    kernel.run("sys.stdout.flush(); sys.stderr.flush()")
    out, err = (
        "".join(m["content"]["text"] for m in kernel.of(cell, "stream", name=name)) for name in ("stdout", "stderr")
    )
    shown = [m["content"]["data"] for m in kernel.of(cell, "display_data")]
    own = [data for data in shown if WIDGET in data or MARK in data["text/html"]]  # the chat, and what is saved of it
    return out, err, [data["text/html"] for data in shown if data not in own]


def said(*prompts: str) -> tuple[str, str, list[str]]:
    return (
        "".join(f"print {p}\n" for p in prompts),
        "".join(f"stderr {p}\nlog {p}\n" for p in prompts),
        [f"display {p}" for p in prompts],
    )


NOTHING = said()


@both
def test_before_it_is_shown_under_the_cell_that_asks(kernel: Kernel):
    cell = kernel.run("turn = await chat.send('early')")
    assert outputs(kernel, cell) == said("early")


@both
def test_under_the_cell_that_shows_it_whoever_asks(kernel: Kernel):
    page = KernelPage.show(kernel)
    page.ask("page")
    other = kernel.run("turn = await chat.send('cell')")
    page.ask("page again")
    assert outputs(kernel, page.cell) == said("page", "cell", "page again")
    assert outputs(kernel, other) == NOTHING


@both
def test_shown_again_under_the_newest(kernel: Kernel):
    page = KernelPage.show(kernel)
    page.ask("first")
    again = KernelPage.show(kernel, "again")
    page.ask("from the old view")
    again.ask("from the new view")
    assert outputs(kernel, page.cell) == said("first")
    assert outputs(kernel, again.cell) == said("from the old view", "from the new view")


@newest
def test_beside_a_cell_that_prints(kernel: Kernel):
    """On ipykernel 6, which has one shell, commands wait for the cell."""
    page = KernelPage.show(kernel)
    with kernel.busy("await asyncio.sleep") as cell:
        page.ask("beside")
    assert outputs(kernel, page.cell) == said("beside")
    assert outputs(kernel, cell) == ("busy\n", "", [])


@both
def test_cells_print_where_they_did(kernel: Kernel):
    KernelPage.show(kernel).ask("once")
    cell = kernel.run("print('mine'); display(HTML('mine too'))")
    assert outputs(kernel, cell) == ("mine\n", "", ["mine too"])
