"""Every notebook that ships is executed on a real kernel; `EXPECTED` says what its cells must give."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import Execute

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.name: path for path in sorted(FOLDER.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts}


@dataclass(frozen=True)
class Expected:
    """What a notebook's cells must give.

    Attributes:
        checks: statements that run after the cell of that id, in the same kernel.
        printed: texts that the cell of that id prints.
        widgets: ids of the cells that display a widget, no others do.
    """

    checks: dict[str, str]
    printed: dict[str, list[str]]
    widgets: set[str]


EXPECTED = {
    "01_quickstart.ipynb": Expected(
        checks={
            "application": "assert app.graph.entrypoint.name == 'prompt'",
            "display": "assert chat.app is app and chat.turns == []",
            "send": """
assert chat.turns == [turn]
assert (turn.status, turn.error) == ("completed", None)
assert turn.actions == ["prompt", "check_safety", "decide_mode", "generate_poem"]
assert "".join(delta.text for delta in turn.deltas) == turn.text
assert "sea" in turn.text and turn.text.count("\\n") > 4
assert [delta.time for delta in turn.deltas] == sorted(delta.time for delta in turn.deltas)
""",
            "graph": "assert chat.graph.chat is chat and chat.graph is chat.graph",
            "state": """
assert [message["role"] for message in chat.app.state["chat_history"]] == ["user", "assistant"]
assert chat.app.state["chat_history"][1]["content"] == turn.text
""",
            "own": """
echoed = await echo_chat.send("Is there anybody out there?")
assert (echoed.status, echoed.actions) == ("completed", ["echo"])
assert echoed.text == "**Is** **there** **anybody** **out** **there?** "
assert echo_app.state["count"] == 1
""",
            "bridge": """
from burr_chat_widget.protocol.events import TurnCompleted, TurnStarted
assert isinstance(events[0], TurnStarted) and isinstance(events[-1], TurnCompleted)
assert [event.action for event in events if isinstance(event, StepStarted)][-1] == "answer_question"
assert len([event for event in events if isinstance(event, TextDelta)]) > 20
""",
            "events": "assert [e.monotonic for e in events] == sorted(e.monotonic for e in events)",
        },
        printed={
            "send": ["completed by way of prompt -> check_safety -> decide_mode -> generate_poem", "deltas, the first"],
            "state": ["user: 'Write a poem about the sea'", "mode: generate_poem"],
            "bridge": ["[decide_mode]", "[answer_question]"],
            "events": ["TurnStarted", "StateChanged", "TransitionTaken", "StepFinished", "TurnCompleted"],
        },
        widgets={"display", "graph", "own"},
    )
}


def test_every_notebook_is_expected():
    assert EXPECTED.keys() == NOTEBOOKS.keys()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name: str, execute: Execute):
    expected = EXPECTED[name]
    outputs = execute(read(name), expected.checks)
    for id_, texts in expected.printed.items():
        printed = "".join(output.text for output in outputs[id_] if output.output_type == "stream")
        assert [text for text in texts if text not in printed] == [], printed
    assert {id_ for id_, of_cell in outputs.items() if any(map(is_widget, of_cell))} == expected.widgets


def is_widget(output: Any) -> bool:
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def test_notebooks_are_committed_as_a_newcomer_should_find_them():
    # Not the files in the folder: JupyterLab may have saved outputs into those.
    names = git("ls-files", "-z", "--", "notebooks/*.ipynb").rstrip("\0").split("\0")
    assert {Path(name).name for name in names} == EXPECTED.keys()
    for name in names:
        notebook: Any = nbformat.reads(git("show", f":{name}"), as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        ran = [c.id for c in notebook.cells if c.cell_type == "code" and (c.outputs or c.execution_count is not None)]
        assert ran == [], f"{name} has outputs: clear them before you commit it"


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS[name], as_version=nbformat.NO_CONVERT)


def git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=FOLDER.parent, text=True)
