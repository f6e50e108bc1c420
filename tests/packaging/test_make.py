"""The README's first command, in this checkout."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from burr_chat_widget.__main__ import COPIES

from .conftest import ROOT
from .test_install import answer


def test_make_demo_opens_the_quickstart(tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["make", "demo", "ARGS=--no-browser --port=0"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if url := re.search(r"(http://127\.0\.0\.1:\d+)/lab/tree/01_quickstart\.ipynb\?token=(\w+)", line):
                break
        else:
            pytest.fail(said)
        page = answer(process, f"{url[1]}/lab/tree/01_quickstart.ipynb?token={url[2]}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()
    assert b"jupyter-config-data" in page
    # It works on copies, and what is done to them is nothing for git.
    assert f"Notebooks in {ROOT / COPIES}:" in said
    assert f"/{COPIES}/" in (ROOT / ".gitignore").read_text().splitlines()
