"""marimo, which has a comm of its own, no IPython and a shadow root around each widget."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from support.hosts import Watched, converse, started
from support.ports import free_port

SETUP = """
    import marimo as mo
    from burr_chat_widget import BurrChat
    from apps import held
    chat = BurrChat(held.application()OPTIONS)
"""


def write(path: Path, cells: list[str]) -> None:
    """A marimo notebook with these cells, of which the first one defines `chat` and `mo`."""
    functions = [f"@app.cell\ndef _():\n{textwrap.indent(textwrap.dedent(cells[0]), '    ')}\n    return chat, mo\n"]
    functions += [f"@app.cell\ndef _(chat, mo):\n    {cell}\n    return\n" for cell in cells[1:]]
    path.write_text("import marimo\n\napp = marimo.App()\n\n" + "\n\n".join(functions))


@pytest.mark.parametrize(
    ("mode", "shown", "options"),
    [
        pytest.param("run", "chat", "", id="app"),
        pytest.param("edit", "mo.ui.anywidget(chat)", ", runner='kernel'", id="notebook"),
    ],
)
def test_a_conversation(mode: str, shown: str, options: str, watched: Watched, tmp_path: Path):
    write(tmp_path / "app.py", [SETUP.replace("OPTIONS", options), shown, "chat.graph", "chat.inspector"])
    (tmp_path / ".marimo.toml").write_text(
        "[runtime]\nauto_instantiate = true\n"
    )  # in its notebook the cells run without being asked
    port = free_port()
    command = [sys.executable, "-m", "marimo", mode, "app.py", "--headless", "--no-token", "--port", str(port)]
    with started(command, tmp_path, port) as url:
        watched.page.goto(url)
        converse(watched.page)
        assert watched.foreign == []
