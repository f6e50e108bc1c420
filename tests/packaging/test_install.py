"""The wheel as someone meets it who only installs: import, help, demo."""

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import burr_chat_widget

from .conftest import ROOT, run


def answer(process: subprocess.Popen[str], address: str) -> bytes:
    """What the server at `address` says, as soon as it listens: JupyterLab prints where before it does."""
    while True:
        try:
            with urllib.request.urlopen(address) as reply:
                return reply.read()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"JupyterLab stopped with {process.wait(0.05)}")


def test_it_imports_without_extras(bare: Path, tmp_path: Path) -> None:
    done = run(
        bare, "-W", "error", "-c", "import burr_chat_widget as b; print(b.__version__, b.__file__)", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    version, file = done.stdout.split()
    assert version == burr_chat_widget.__version__
    assert Path(file).is_relative_to(bare.parents[1])


@pytest.mark.parametrize(("arguments", "said"), [(["--help"], "demo"), (["demo", "--help"], "burr-chat-notebooks")])
def test_help(bare: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run(bare, "-m", "burr_chat_widget", *arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert said in done.stdout


def test_the_demo_without_its_extra_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    done = run(bare, "-m", "burr_chat_widget", "demo", "--no-browser", cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install 'burr-chat-widget[demo]'" in done.stdout
    assert "Traceback" not in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_demo_opens_a_copy_of_the_notebooks(with_demo: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [with_demo, "-m", "burr_chat_widget", "demo", "--no-browser", "--port=0"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if url := re.search(r"http://127\.0\.0\.1:(\d+)/lab/tree/01_quickstart\.ipynb\?token=(\w+)", line):
                break
        else:
            pytest.fail(said)
        port, token = url.groups()
        address = f"http://127.0.0.1:{port}/api/contents/01_quickstart.ipynb?token={token}"
        served = json.loads(answer(process, address))
    finally:
        process.terminate()
        process.communicate()
    assert "01_quickstart.ipynb: copied" in said
    copy = tmp_path / "burr-chat-notebooks/01_quickstart.ipynb"
    assert copy.read_bytes() == (ROOT / "notebooks/01_quickstart.ipynb").read_bytes()
    assert served["path"] == "01_quickstart.ipynb"


def test_jupyterlab_has_the_extension_without_more_ado(with_demo: Path, tmp_path: Path) -> None:
    home = {
        "HOME": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "c"),
    }
    listed = run(with_demo.with_name("jupyter"), "labextension", "list", cwd=tmp_path, **home).stdout
    (line,) = (re.sub(r"\x1b\[[0-9;]*m", "", line) for line in listed.splitlines() if "burr-chat-widget v" in line)
    assert line.split() == [
        "burr-chat-widget",
        f"v{burr_chat_widget.__version__}",
        "enabled",
        "OK",
        "(python,",
        "burr-chat-widget)",
    ]


def test_of_the_checkouts_notebooks_copies_are_opened(tmp_path: Path) -> None:
    code = "from burr_chat_widget.__main__ import notebooks; print(notebooks())"
    told = run(sys.executable, "-c", code, cwd=tmp_path).stdout.splitlines()
    copies = tmp_path / "burr-chat-notebooks"
    assert told[-1] == str(copies)
    assert (copies / "01_quickstart.ipynb").read_bytes() == (ROOT / "notebooks" / "01_quickstart.ipynb").read_bytes()
