"""A Jupyter server of our own, with JupyterLab and Notebook, on a free loopback port."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from uuid import uuid4

TOKEN = "a-token-for-the-tests"


@dataclass
class Jupyter:
    """Where it listens and where its notebooks are."""

    url: str
    folder: Path
    log: Path

    def path(self, app: str, notebook: str) -> str:
        """The address of a notebook in `lab` or `notebook`."""
        # A workspace of its own: another one would open the notebooks of other tests beside this one.
        place = {"lab": f"lab/workspaces/{uuid4().hex}/tree", "notebook": "notebooks"}[app]
        return f"{self.url}{place}/{notebook}?token={TOKEN}"


@contextlib.contextmanager
def start_jupyter(folder: Path, *arguments: str) -> Iterator[Jupyter]:
    """Start a server on `folder`, with settings of its own and none of the developer's."""
    home = folder / "home"
    notebooks = folder / "notebooks"
    home.mkdir(exist_ok=True)
    notebooks.mkdir()
    log = folder / "server.log"
    settings = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={notebooks}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *arguments,
    ]
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    found: Queue[str] = Queue()
    reader = threading.Thread(target=_read, args=(server, log, found), daemon=True)
    reader.start()
    try:
        url = found.get(timeout=120)
        if not url:
            raise RuntimeError(f"the Jupyter server did not start:\n{log.read_text()}")
        yield Jupyter(url, notebooks, log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        reader.join(20)


def _read(server: subprocess.Popen[str], log: Path, found: Queue[str]) -> None:
    assert server.stdout is not None
    with log.open("w") as file, server.stdout:
        for line in server.stdout:
            file.write(line)
            file.flush()
            if match := re.search(r"(http://127\.0\.0\.1:\d+/)", line):
                found.put(match[1])
    found.put("")
