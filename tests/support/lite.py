"""A JupyterLite site of our own: static files, in which nothing is fetched from elsewhere."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.hosts import write_notebook

ROOT = Path(__file__).parents[2]
PYODIDE = ROOT / "node_modules/pyodide"
WHEELS = ROOT / ".cache/pyodide"
JUPYTER = ROOT / ".venv-jupyterlite/bin/jupyter"

CORE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"]
"""What Pyodide is made of, its packages apart."""


def build_site(folder: Path, cells: list[str]) -> Path:
    """Build a site with a notebook, `chat.ipynb`, in whose Python this project is installed; returns its folder."""
    pyodide = folder / "lite/static/pyodide"
    pyodide.mkdir(parents=True)
    for name in CORE:
        shutil.copy(PYODIDE / name, pyodide / name)
    wheels = [*WHEELS.glob("*.whl"), _own_wheel(folder / "wheel")]
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text())
    lock["packages"] = packages = {}
    for wheel in wheels:
        shutil.copy(wheel, pyodide / wheel.name)
        distribution, version, *_ = wheel.name.split("-")
        name = distribution.replace("_", "-")
        packages[name] = {
            "name": name,
            "version": version,
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": [],
            "depends": [],  # all are loaded
        }
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock))
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": sorted(packages)}}
    settings = {"litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel}}
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (folder / "lite/jupyter-lite.json").write_text(json.dumps(config))
    (folder / "lite/files").mkdir()
    write_notebook(folder / "lite/files/chat.ipynb", cells, kernel="python")
    _run([JUPYTER, "lite", "build", "--contents", "files", "--output-dir", folder / "site"], folder / "lite")
    return folder / "site"


def _own_wheel(folder: Path) -> Path:
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _run(command: list[str | Path], folder: Path) -> None:
    # PYTHONPATH has the tests' packages in it, and the site's builder is another Python.
    environment = {**os.environ, "PYTHONPATH": "", "BURR_CHAT_WIDGET_SKIP_JS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve a folder's files; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
