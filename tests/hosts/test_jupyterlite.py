"""JupyterLite: JupyterLab without a server, whose Python, Pyodide, runs in the page: WebAssembly, without threads."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from apps import held
from support.hosts import CELLS, Watched, converse
from support.lite import JUPYTER, PYODIDE, WHEELS, build_site, serving
from support.notebook import SLOW

pytestmark = pytest.mark.skipif(
    not (PYODIDE.exists() and WHEELS.exists() and JUPYTER.exists()),
    reason="needs npm's package pyodide in node_modules, and what `make hosts` installs",
)

SETUP = f"{inspect.getsource(held)}\nfrom burr_chat_widget import BurrChat\nchat = BurrChat(application())\nchat"
"""The site has none of the tests' own modules."""

START = 4 * SLOW
"""Milliseconds in which Pyodide starts, loads every package, and imports them."""


def test_a_conversation(watched: Watched, tmp_path: Path):
    with serving(build_site(tmp_path, [SETUP, *CELLS[1:]])) as url:
        page = watched.page
        page.goto(f"{url}lab/index.html?path=chat.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        converse(page, start=START)
        assert watched.foreign == []
