"""The Chromium that `make test` found or installed."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

RESULTS = Path("test-results")
"""Where pictures go: of what failed, and of what a person should look at."""

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Start it: the one that CHROMIUM names, Playwright's own without."""
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    return playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=flags)
