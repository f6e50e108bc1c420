"""Real kernels: each kernelspec that `make test` set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.kernel import Kernel, start_kernel

KERNELS = ["python3", "ipykernel6"]
"""ipykernel 7.4, with subshells, and 6.31, without."""

SETUP = """
import asyncio, time
from burr_chat_widget import BurrChat
from apps import scripted
"""


@pytest.fixture(scope="module", params=KERNELS)
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    with start_kernel(request.param) as kernel:
        kernel.run(SETUP)
        if request.param == "python3":
            kernel.use_subshell()
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    """A kernel that ran `SETUP`; shared by a module's tests, each of which makes chats of its own."""
    shared_kernel.published.clear()
    return shared_kernel
