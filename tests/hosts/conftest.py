"""A page for what hosts serve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from support.hosts import Watched
from support.notebook import SLOW

expect.set_options(timeout=SLOW)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """An empty page."""
    opened = Watched(browser)
    yield opened
    opened.page.close()
