"""A real JupyterLab and Notebook, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support.browser import RESULTS
from support.jupyter import Jupyter, start_jupyter
from support.notebook import SLOW, Notebook

__all__ = ["RESULTS"]

expect.set_options(timeout=SLOW)


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
