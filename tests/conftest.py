"""What all tests share: no account of the developer's is used, and the project's own kernels are found."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.browser import RESULTS, launch

ROOT = Path(__file__).parents[1]

for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
    os.environ.pop(name, None)
os.environ["JUPYTER_PATH"] = str(ROOT / ".cache/jupyter")

# A slow machine is no failure. The examples are the same in each run, so that a failure is the last change's; `make fuzz` tries
# others each time.
hypothesis.settings.register_profile(
    "project",
    deadline=None,
    print_blob=True,
    derandomize="FUZZ" not in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("project")

PROCESSES = (
    "browser",
    "hosts",
    "kernel",
    "notebooks",
    "packaging",
    "serve",
    "unit/bridge/test_ray.py",
    "unit/connect",
    "unit/serve",
)
"""Tests that drive other processes or sockets, which a shared machine may starve."""

SHARED = ("shared_notebook", "shared_kernel")
"""What tests share, and one that fails may leave blocked."""

_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that `make test` found or installed. From here on an event loop runs: tests that are coroutines come before."""
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Leave a picture of every page of a test that fails."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
    if call.when == "call" and report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(page := getattr(value, "page", None), Page):
                RESULTS.mkdir(exist_ok=True)
                page.screenshot(path=RESULTS / f"{re.sub(r'[^A-Za-z0-9-]+', '-', item.name)}-{name}.png")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item):
    """After a failure, what tests share is made anew: for the next try, and for the next test."""
    result = yield
    if item.stash.get(_failed, False) and isinstance(item, pytest.Function):
        del item.stash[_failed]
        for name in SHARED:
            for fixture in reversed(item._fixtureinfo.name2fixturedefs.get(name, ())):
                fixture.finish(item._request)  # does nothing where it is not there
    return result


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Those are tried once more when they fail, and named in the summary: one that needs it twice in a row has a defect."""
    for item in items if config.pluginmanager.has_plugin("rerunfailures") else []:
        if item.path.relative_to(ROOT / "tests").as_posix().startswith(PROCESSES):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were tried again."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"tried again: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
