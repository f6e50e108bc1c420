"""Stores that several processes share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers import or_skip, postgresql, redis


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL that the tests of a module share."""
    yield from or_skip(postgresql())


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis that the tests of a module share."""
    yield from or_skip(redis())


@pytest.fixture(params=["file", "postgresql", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """One of each kind."""
    if request.param == "file":
        return str(tmp_path / "chats.sqlite")
    return request.getfixturevalue(f"{request.param}_url")
