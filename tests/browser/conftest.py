"""A real JupyterLab and Notebook, in a real Chromium."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from support.jupyter import Jupyter, start_jupyter
from support.notebook import SLOW, Notebook

RESULTS = Path("test-results")
"""Where pictures go: of what failed, and of what a person should look at."""

expect.set_options(timeout=SLOW)

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium that `make test` found or installed; Playwright's own without a word about one."""
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    launched = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=flags)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    with start_jupyter(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def notebook(browser: Browser, jupyter: Jupyter, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """An empty notebook in JupyterLab; parametrize indirectly with {"app": "notebook", "kernel": "ipykernel-6.31", ...}."""
    options = getattr(request, "param", {})
    opened = Notebook.create(browser, jupyter, name=f"{request.node.name[:40]}-{tmp_path.name}", **options)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_notebook(browser: Browser, jupyter: Jupyter, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """As `notebook`, for all tests of a module, each of which shows chats of its own."""
    options: dict[str, Any] = getattr(request, "param", {})
    name = "-".join([request.module.__name__, *map(str, options.values())])
    opened = Notebook.create(browser, jupyter, name=name, **options)
    yield opened
    opened.close()


@pytest.fixture
def own_notebook(
    shared_notebook: Notebook, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """As `shared_notebook`, with nothing else in it, for a page that is loaded anew: it asks the kernel for all widgets at once,
    bundles included, and Jupyter gives up on those that have not come after four seconds.
    """
    name = f"{request.node.name[:40]}-{tmp_path.name}"
    opened = Notebook.create(browser, shared_notebook.jupyter, name=name, app=shared_notebook.app)
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Leave a picture of every notebook of a test that fails."""
    report = yield
    if call.when == "call" and report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, Notebook):
                RESULTS.mkdir(exist_ok=True)
                value.page.screenshot(path=RESULTS / f"{re.sub(r'[^A-Za-z0-9-]+', '-', item.name)}-{name}.png")
    return report
