"""Real kernels: each ipykernel that `make test` set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.kernel import Kernel, KernelPage, start_kernel

NEWEST = "python3"
"""ipykernel 7.4, of the tests' own environment."""

KERNELS = [NEWEST, "ipykernel-7.3", "ipykernel-7.0", "ipykernel-6.31", "ipykernel-6.29"]
"""From 7 on with subshells; 6.29 and 6.31 without."""

SETUP = """
import asyncio, time
from burr_chat_widget import BurrChat
from apps import borrowed, scripted
"""


@pytest.fixture(scope="session", params=KERNELS)
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    with start_kernel(request.param) as kernel:
        kernel.run(SETUP)
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Iterator[Kernel]:
    """A kernel that ran `SETUP`, with JupyterLab's default routing; shared by tests that each make chats of their own."""
    shared_kernel.routing = "perCommTarget" if shared_kernel.has_subshells else "disabled"
    with shared_kernel.heard_alone():
        yield shared_kernel


@pytest.fixture
def page(kernel: Kernel) -> KernelPage:
    """A page that shows `chat`, a scripted application's."""
    kernel.run("chat = BurrChat(scripted.application())")
    return KernelPage.show(kernel)
