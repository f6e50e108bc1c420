"""Voila: a notebook as a page, without its cells."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import expect

from support.hosts import CELLS, Watched, converse, started, write_notebook
from support.notebook import SLOW
from support.ports import free_port

START = 4 * SLOW
"""Milliseconds in which a kernel starts and has run the cells: the page is there only then."""


def test_a_conversation(watched: Watched, tmp_path: Path):
    write_notebook(tmp_path / "chat.ipynb", CELLS)
    port = free_port()
    command = [sys.executable, "-m", "voila", "chat.ipynb", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    with started(command, tmp_path, port) as url:
        watched.page.goto(url, timeout=START)
        converse(watched.page)
        # What the notebook's file would keep of the chat and its two views stands beside them, unseen.
        expect(watched.page.locator(".bcw-saved")).to_have_count(3)
        expect(watched.page.locator(".bcw-saved").filter(visible=True)).to_have_count(0)
        # Voila's own template asks for a font; nothing else is fetched.
        assert all("fontawesome" in url for url in watched.foreign)
