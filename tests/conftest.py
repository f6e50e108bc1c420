"""What all tests share: no account of the developer's is used, and the project's own kernels are found."""

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]

for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
    os.environ.pop(name, None)
os.environ["JUPYTER_PATH"] = str(ROOT / ".cache/jupyter")

# A slow machine is no failure.
hypothesis.settings.register_profile(
    "project", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("project")

PROCESSES = ("browser", "kernel", "notebooks", "serve", "unit/bridge/test_ray.py")
"""Tests that drive other processes, which a shared machine may starve."""


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
