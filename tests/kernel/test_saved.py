"""What a notebook's file keeps of a chat, in every ipykernel that is supported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from support.kernel import PATIENCE, Kernel, KernelPage
from support.scripts import script, words

STATIC = {"text/html", "text/markdown", "text/plain"}


def saved(kernel: Kernel, cell: str) -> dict[str, str]:
    """The output beside the widget's, as it is now."""
    widget, beside = kernel.of(cell, "display_data")
    assert "application/vnd.jupyter.widget-view+json" in widget["content"]["data"]
    name = beside["content"]["transient"]["display_id"]
    shown = [beside, *(m for m in kernel.published if m["msg_type"] == "update_display_data")]
    return [m for m in shown if m["content"]["transient"]["display_id"] == name][-1]["content"]["data"]


def test_it_is_brought_up_to_date_after_each_turn_without_a_cell(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    page = KernelPage.show(kernel)
    assert saved(kernel, page.cell).keys() == STATIC
    assert "You" not in saved(kernel, page.cell)["text/markdown"]
    for count in (2, 3):
        page.ask(script(deltas=count))
        kernel.until(lambda n=count: words(n).strip() in saved(kernel, page.cell)["text/markdown"], "the saved answer")
        assert words(count).strip() in saved(kernel, page.cell)["text/html"]
    assert kernel.evaluate("chat.to_markdown()") == repr(saved(kernel, page.cell)["text/markdown"])


def test_every_cell_that_displays_it_has_its_own(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    cells = [kernel.run("chat"), kernel.run("display(chat)")]
    kernel.run(f"turn = await chat.send({script(deltas=2)!r})")
    for cell in cells:
        kernel.until(lambda cell=cell: words(2).strip() in saved(kernel, cell)["text/markdown"], "the saved answer")


def test_what_goes_wrong_with_it_hurts_nobody(kernel: Kernel):
    kernel.run(BREAK)
    assert kernel.evaluate(f"(await chat.send({script(deltas=2)!r})).status") == "'completed'"
    kernel.run("while not told: await asyncio.sleep(0.01)")
    assert "could not be brought up to date" in kernel.evaluate("told")
    kernel.run("saved_output.to_html = kept")
    assert kernel.evaluate(f"(await chat.send({script(deltas=2)!r})).status") == "'completed'"


BREAK = """
import logging
from burr_chat_widget.widget import saved_output
told = []
class Handler(logging.Handler):
    def emit(self, record): told.append(record.getMessage())
saved_output.logger.addHandler(Handler())
chat = BurrChat(scripted.application())
display(chat)
kept, saved_output.to_html = saved_output.to_html, None
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that nbclient has run: without a front end."""
    cells = [
        "from burr_chat_widget import BurrChat\nfrom apps import scripted\nchat = BurrChat(scripted.application())\nchat",
        f"turn = await chat.send({script(deltas=3)!r})",
        f"%load_ext burr_chat_widget\ntext = {script(deltas=4)!r}",
        f"%%chat\n{script(deltas=4)}",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    NotebookClient(notebook, timeout=int(PATIENCE), kernel_name="python3").execute(env=environment)
    nbformat.validate(notebook)
    path = tmp_path_factory.mktemp("saved") / "conversation.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_notebook_without_a_front_end_has_the_whole_conversation(executed: Path):
    widget, beside = nbformat.read(executed, 4).cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert beside.data.keys() == STATIC
    assert words(3).strip() in beside.data["text/html"]


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_nbconvert_shows_it(executed: Path, kind: str):
    command = [sys.executable, "-m", "nbconvert", "--to", kind, "--stdout", str(executed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert words(3).strip() in done.stdout
