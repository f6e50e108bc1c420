"""A wheel and an sdist, built for real from what a fresh clone holds, and environments that the wheel is installed in."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command; both its streams come back as one text."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def build(kind: str, folder: Path, out: Path, **environment: str) -> Path:
    """Build the `wheel` or `sdist` of the project in `folder` with the locked build tools."""
    done = run(
        sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", out, folder, cwd=folder, **environment
    )
    assert done.returncode == 0, done.stdout
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a fresh clone has it: nothing that git ignores, so no bundle."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel; building it has made the bundle in `checkout`."""
    return build("wheel", checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(checkout: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, with the bundle that the wheel has too."""
    assert wheel.exists()
    return build("sdist", checkout, tmp_path_factory.mktemp("sdist"))


@pytest.fixture
def unpacked(sdist: Path, tmp_path: Path) -> Path:
    """What the sdist holds."""
    with tarfile.open(sdist) as archive:
        if sys.version_info >= (3, 12):
            archive.extractall(tmp_path / "unpacked", filter="data")
        else:
            archive.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    return folder


@pytest.fixture(scope="session")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes an environment with the wheel, and with an extra where one is named; gives its Python back."""

    def install(extra: str) -> Path:
        environment = tmp_path_factory.mktemp("environment")
        uv = find_uv_bin()
        requirement = f"burr-chat-widget{f'[{extra}]' if extra else ''} @ {wheel.as_uri()}"
        for command in (
            [uv, "venv", "--python", sys.executable, environment],
            [uv, "pip", "install", "--python", environment, "--constraint", ROOT / "locks/test.txt", requirement],
        ):
            done = run(*command, cwd=environment)
            assert done.returncode == 0, done.stdout
        return environment / "bin/python"

    return install


@pytest.fixture(scope="session")
def bare(install: Callable[[str], Path]) -> Path:
    """A Python that has the wheel without extras."""
    return install("")


@pytest.fixture(scope="session")
def with_demo(install: Callable[[str], Path]) -> Path:
    """A Python that has the wheel with what its demo needs."""
    return install("demo")
