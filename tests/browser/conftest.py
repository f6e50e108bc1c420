"""A real JupyterLab and Notebook, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from support.browser import launch
from support.jupyter import Jupyter, start_jupyter
from support.notebook import Notebook


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = launch(playwright)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    with start_jupyter(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def notebook(browser: Browser, jupyter: Jupyter, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """An empty notebook in JupyterLab; parametrize indirectly with {"app": "notebook", "kernel": "ipykernel6", ...}.

    A failing test leaves a screenshot in test-results/.
    """
    options = getattr(request, "param", {})
    opened = Notebook.create(browser, jupyter, name=f"{request.node.name[:40]}-{tmp_path.name}", **options)
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        folder = Path("test-results")
        folder.mkdir(exist_ok=True)
        opened.page.screenshot(path=folder / f"{request.node.name}.png".replace("/", "_"))
    opened.close()
