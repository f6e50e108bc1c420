"""What the wheel and the sdist hold, and that one makes the other."""

import gzip
import json
import re
import shutil
import sys
import tarfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

import burr_chat_widget

from .conftest import ROOT, build, run

PACKAGE = "burr_chat_widget"
BUNDLE = {
    "static/widget.js",
    "static/widget.css",
    "static/view.js",
    "static/page.js",
    "static/page.css",
    "static/LICENSES.txt",
    "static/assets/code.js.gz",
    "static/assets/graphviz.js.gz",
    "static/assets/inspector.js.gz",
    "static/assets/math.js.gz",
    "static/assets/quiz.js.gz",
    "static/assets/timeline.js.gz",
}


EXTENSION = "share/jupyter/labextensions/burr-chat-widget"


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(wheel: Path) -> Message:
    (text,) = (data for name, data in contents(wheel).items() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(text.decode())


@pytest.fixture
def no_node(tmp_path: Path) -> dict[str, str]:
    """Variables for a process that finds no npm, nor anything else."""
    (tmp_path / "empty").mkdir()
    return {"PATH": str(tmp_path / "empty")}


def test_the_wheel_holds_the_package_its_bundle_and_the_notebooks_and_nothing_else(checkout: Path, wheel: Path) -> None:
    source = checkout / "src" / PACKAGE
    expected = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    expected |= {str(path.relative_to(checkout)) for path in (checkout / "notebooks").rglob("*") if path.is_file()}
    # The extension of JupyterLab lies where JupyterLab looks for it, once.
    expected = {name for name in expected if not name.startswith("labextension/")} | {"burr_chat_widget_server.py"}
    names = {
        name.removeprefix(f"{PACKAGE}/") for name in contents(wheel) if not re.search(r"\.(dist-info|data)/", name)
    }
    assert names == expected
    assert {*BUNDLE, "py.typed", "notebooks/01_quickstart.ipynb"} <= names
    assert not [name for name in names if re.search(r"\.tsx?$|\.map$|(^|/)(tests|node_modules|__pycache__)/", name)]


def test_the_wheel_installs_the_extension_of_jupyterlab_and_that_of_the_server(checkout: Path, wheel: Path) -> None:
    files = contents(wheel)
    data = {name.partition(".data/data/")[2]: text for name, text in files.items() if ".data/data/" in name}
    built = checkout / "src" / PACKAGE / "labextension"
    extension = {
        f"{EXTENSION}/{path.relative_to(built)}": path.read_bytes() for path in built.rglob("*") if path.is_file()
    }
    configuration = "etc/jupyter/jupyter_server_config.d/burr_chat_widget_server.json"
    assert data == {**extension, configuration: data[configuration]}
    about = json.loads(data[f"{EXTENSION}/package.json"])
    assert about["version"] == burr_chat_widget.__version__
    assert f"{EXTENSION}/{about['jupyterlab']['_build']['load']}" in data
    assert json.loads(data[f"{EXTENSION}/install.json"])["packageName"] == metadata(wheel)["Name"]


def test_the_sdist_holds_the_front_ends_sources_its_lock_and_the_bundle(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"js/build.mjs", "js/labextension.mjs", "js/src/widget.ts", "js/labextension/src/index.ts"} <= names
    assert {"package-lock.json", "hatch_build.py", "LICENSE"} <= names
    assert {f"src/{PACKAGE}/{name}" for name in (*BUNDLE, "labextension/package.json")} <= names
    assert not [name for name in names if re.search(r"(^|/)(node_modules|__pycache__|\.venv)/", name)]


def test_the_sdist_builds_the_same_wheel_without_node(
    wheel: Path, unpacked: Path, tmp_path: Path, no_node: dict[str, str]
) -> None:
    again = build("wheel", unpacked, tmp_path / "again", **no_node)
    assert again.name == wheel.name
    assert contents(again) == contents(wheel)


@pytest.mark.parametrize("missing", ["static", "labextension"])
def test_without_bundle_and_node_the_build_says_what_to_do(
    unpacked: Path, tmp_path: Path, no_node: dict[str, str], missing: str
) -> None:
    shutil.rmtree(unpacked / "src" / PACKAGE / missing)
    command = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path / "out")
    done = run(*command, cwd=unpacked, **no_node)
    assert done.returncode != 0
    assert "install Node.js 20 or newer, or set BURR_CHAT_WIDGET_SKIP_JS=1" in done.stdout
    assert run(*command, cwd=unpacked, BURR_CHAT_WIDGET_SKIP_JS="1", **no_node).returncode == 0


def test_the_bundle_keeps_to_its_size(wheel: Path) -> None:
    files = contents(wheel)
    core = [files[f"{PACKAGE}/static/{name}"] for name in ("widget.js", "widget.css")]
    assert sum(map(len, core)) <= 300_000
    assert sum(len(gzip.compress(data)) for data in core) <= 100_000
    assert len(files[f"{PACKAGE}/static/view.js"]) <= 5_000


def test_what_is_installed_with_it_is_what_was_decided(wheel: Path) -> None:
    requirements = metadata(wheel).get_all("Requires-Dist", [])
    always = {re.split(r"[<>=~! ;]", line)[0] for line in requirements if "extra ==" not in line}
    assert always == {"anywidget", "apache-burr", "markdown-it-py", "msgspec"}
    assert metadata(wheel).get_all("Provides-Extra") == ["connect", "demo", "postgres", "redis", "serve"]
    assert metadata(wheel)["Requires-Python"] == ">=3.10"


def test_the_version_has_one_place(wheel: Path, checkout: Path) -> None:
    version = burr_chat_widget.__version__
    assert metadata(wheel)["Version"] == version
    written = [
        str(path.relative_to(checkout))
        for pattern in ("*.toml", "package.json", "src/**/*.py")
        for path in checkout.glob(pattern)
        if f'"{version}"' in path.read_text()
    ]
    assert written == [f"src/{PACKAGE}/_version.py"]


@pytest.mark.parametrize("path", sorted((ROOT / "locks").iterdir()), ids=lambda path: path.name)
def test_a_lock_names_versions_and_hashes_and_no_host(path: Path) -> None:
    lock = path.read_text()
    assert "://" not in lock
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in lock.splitlines() if not line.lstrip().startswith("#")))
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry)
        assert "--hash=sha256:" in entry


def test_the_front_ends_lock_names_no_host() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
