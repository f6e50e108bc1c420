"""The README's Python runs as it stands, cell by cell in one kernel; what the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from .conftest import Execute

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/hosts.md",
    "docs/jupyterlab.md",
    "docs/recordings.md",
    "docs/saved.md",
    "docs/serving.md",
    "docs/streaming_lab.md",
]

CHECKS = [
    "assert chat.app is app and chat.turns == []",
    """
assert (turn.status, turn.error, turn.actions) == ("completed", None, ["echo"])
assert turn.text == "Is there anybody out there? " and len(turn.deltas) == 5
assert app.state["said"] == "Is there anybody out there?"
""",
    """
assert type(event).__name__ == "TurnCompleted"
assert app.state["said"] == "Hello again"
""",
    "assert {'chat', 'burr'} <= get_ipython().magics_manager.magics['line'].keys()",
    "assert not held.done()",
    """
turn = await held
assert (turn.status, turn.text, len(turn.deltas)) == ("completed", "Say it slowly ", 3)
assert other.app.uid != chat.app.uid and chat.app.state["said"] == "Say it slowly"
assert other.app.state["said"] == "something else"
""",
    """
assert (slow.status, slow.text) == ("completed", "One word at a time ")
assert [row["text"] for row in rows if row["turn"] == slow.key] == ["One ", "word ", "at ", "a ", "time "]
""",
    """
assert [turn.text for turn in lesson.turns] == ["Keep this "]
chat.close()
lesson.close()
""",
    """
turn = await chat.send("Hello")
assert (turn.status, turn.error, turn.text) == ("completed", None, "HELLO"), turn.error
again = BurrChat.open(shouter, app_id="rivers")
assert len(again.app.state["chat_history"]) == 2
""",
]


def test_the_python_in_the_readme_runs(execute: Execute):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == len(CHECKS)
    assert len([line for line in blocks[0].splitlines() if line]) <= 12
    cells = [nbformat.v4.new_code_cell(block, id=f"block-{n}") for n, block in enumerate(blocks)]
    outputs = execute(nbformat.v4.new_notebook(cells=cells), {f"block-{n}": check for n, check in enumerate(CHECKS)})
    assert "application/vnd.jupyter.widget-view+json" in outputs["block-0"][0].data
    printed = "".join(output.text for output in outputs["block-2"])
    assert printed.split("\n")[:2] == ["TurnStarted", "StepStarted"]
    assert "Hello \nagain \n" in printed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_make_targets_that_a_document_names_are_there(name: str):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    missing = [link for pair in links for link in pair if link and not (ROOT / name).parent.joinpath(link).exists()]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make (?:-\w )?([a-z][a-z-]*)", text, re.MULTILINE))
    assert (missing, named - targets) == ([], set())
