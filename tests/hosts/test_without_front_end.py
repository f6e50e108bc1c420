"""What runs notebooks without a page: nbconvert and papermill; nbclient, which both of them use, is in ../kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat

from support.hosts import environment, write_notebook
from support.kernel import PATIENCE, WIDGET
from support.scripts import script, words

CELLS = [
    "%load_ext burr_chat_widget\nfrom burr_chat_widget import BurrChat\nfrom apps import scripted\napp = scripted.application()",
    "%chat app",
    f"%%chat\n{script(deltas=4)}",
    f"turn = await BurrChat.displayed().send({script(deltas=3)!r})\nturn.text",
]


def run(folder: Path, arguments: list[str]) -> None:
    """Run a module in the folder."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout


def test_papermill(tmp_path: Path):
    write_notebook(tmp_path / "in.ipynb", CELLS)
    run(tmp_path, ["papermill", "in.ipynb", "out.ipynb", "--no-progress-bar"])
    executed = nbformat.read(tmp_path / "out.ipynb", 4)
    nbformat.validate(executed)
    shown, answered, sent = (cell.outputs for cell in executed.cells[-3:])
    widget, beside = shown
    assert WIDGET in widget.data
    for count in (3, 4):  # it has grown with the turns of the cells below
        assert words(count).strip() in beside.data["text/html"]
    assert [output.data for output in answered] == [{"text/markdown": words(4), "text/plain": words(4)}]
    assert sent[0].data["text/plain"] == repr(words(3))


def test_nbconvert(tmp_path: Path):
    write_notebook(tmp_path / "in.ipynb", CELLS)
    run(tmp_path, ["nbconvert", "--execute", "--to=html", "in.ipynb", "--output=out"])
    page = (tmp_path / "out.html").read_text()
    # Where it was displayed, below the prompt and as the turn's text.
    assert page.count(words(4).strip()) == 2
    assert page.count(words(3).strip()) == 4
