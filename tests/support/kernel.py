"""A real kernel, and this process as its page: cells are run and comm messages exchanged over the kernel's own sockets."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import KernelMessage
from burr_chat_widget.protocol.view import View

DEAF = ("ipykernel-7.0", "ipykernel-7.3")
"""They may miss a request that comes while they send a reply, until somebody connects (ipython/ipykernel#1554)."""

PATIENCE = 120.0
"""Seconds that a kernel may take on a slow machine. Nothing is asserted about how long it took."""


WIDGET = "application/vnd.jupyter.widget-view+json"
"""The type of the output that a widget's view is made of."""

Routing = Literal["perCommTarget", "perComm", "disabled"]
"""JupyterLab's setting `commsOverSubshells`: one subshell for all widgets' messages, one for each widget's, or none."""


class KernelError(Exception):
    """A cell raised."""


class Kernel:
    """A kernel and everything it published: `published` is in the order in which it came."""

    def __init__(self, client: BlockingKernelClient, *, deaf: bool = False) -> None:
        self.client = client
        self.deaf = deaf
        self.published: list[dict[str, Any]] = []
        self.patience = PATIENCE
        """Seconds that what is waited for may take."""
        self.routing: Routing = "disabled"
        self._subshells: dict[str, str] = {}
        self._listeners: list[Callable[[dict[str, Any]], None]] = []

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call `listener` with each message that is published from now on."""
        self._listeners.append(listener)

    @contextlib.contextmanager
    def heard_alone(self) -> Iterator[None]:
        """Forget what was published before, and afterwards who listened."""
        self.published.clear()
        self._listeners.clear()
        yield
        self._listeners.clear()

    def poll(self, timeout: float = 0.05) -> None:
        """Take what has been published, waiting at most `timeout` for the first message."""
        with contextlib.suppress(queue.Empty):
            while True:
                message = self.client.get_iopub_msg(timeout=timeout)
                timeout = 0.0
                self.published.append(message)
                for listener in self._listeners:
                    listener(message)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Poll until `condition()` is true; returns its value."""
        end = time.monotonic() + self.patience
        knock = time.monotonic() + 1
        with contextlib.ExitStack() as sockets:
            while not (value := condition()):
                if time.monotonic() > end:
                    raise AssertionError(f"waited {self.patience} s for {what}")
                if self.deaf and time.monotonic() > knock:
                    sockets.callback(self.client.connect_shell().close)
                    knock = time.monotonic() + 1
                self.poll()
        return value

    def start(self, source: str) -> str:
        """Run a cell and do not wait for it; returns the request's msg_id."""
        return self.client.execute(source)

    @contextlib.contextmanager
    def busy(self, pause: str = "time.sleep") -> Iterator[str]:
        """A cell runs until the block is left; it blocks the kernel's loop, or leaves it with `pause="await asyncio.sleep"`."""
        with tempfile.TemporaryDirectory() as folder:
            leave = Path(folder, "leave")
            request = self.start(
                "import asyncio, pathlib, time\nprint('busy', flush=True)\n"
                f"while not pathlib.Path({str(leave)!r}).exists(): {pause}(0.01)"
            )
            self.until(lambda: self.printed(request), "the cell to run")
            try:
                yield request
            finally:
                leave.touch()
                self.until(lambda: self.of(request, "status", execution_state="idle"), "the cell to finish")

    def is_running(self, request: str) -> bool:
        """Whether a request has not been carried out, as far as it has been published."""
        self.poll()
        return not self.of(request, "status", execution_state="idle")

    def finish(self, request: str) -> None:
        """Wait until a request has been carried out; raises what its cell raised."""
        self.until(lambda: self.of(request, "status", execution_state="idle"), "the cell to finish")
        for error in self.of(request, "error"):
            raise KernelError("\n".join(error["content"]["traceback"]))

    def run(self, source: str) -> str:
        """Run a cell to its end; returns the request's msg_id."""
        request = self.start(source)
        self.finish(request)
        return request

    def of(self, request: str, kind: str, **content: Any) -> list[dict[str, Any]]:
        """What was published on behalf of a request."""
        return [
            m
            for m in self.published
            if m["parent_header"].get("msg_id") == request
            and m["msg_type"] == kind
            and content.items() <= m["content"].items()
        ]

    def shown_model(self, request: str) -> str:
        """The comm of the widget that a cell displayed."""

        def views() -> list[dict[str, Any]]:
            shown = self.of(request, "display_data") + self.of(request, "execute_result")
            return [m["content"]["data"][WIDGET] for m in shown if WIDGET in m["content"]["data"]]

        (view,) = self.until(views, "the widget")
        return view["model_id"]

    def printed(self, request: str) -> str:
        """What a cell printed, later prints included."""
        return "".join(m["content"]["text"] for m in self.of(request, "stream"))

    def errors(self) -> str:
        """What has been printed to standard error, wherever it lands."""
        self.run("import sys; sys.stderr.flush()")
        return "".join(
            m["content"]["text"]
            for m in self.published
            if m["msg_type"] == "stream" and m["content"]["name"] == "stderr"
        )

    def evaluate(self, expression: str) -> str:
        """The repr of an expression's value."""
        return self.printed(self.run(f"print(repr(({expression})))")).strip()

    @functools.cached_property
    def has_subshells(self) -> bool:
        """Whether it is ipykernel 7 or newer."""
        # By a cell, which a kernel that is deaf hears too.
        return (
            self.evaluate("'kernel subshells' in get_ipython().kernel.kernel_info.get('supported_features', [])")
            == "True"
        )

    def subshell(self, comm: str) -> str | None:
        """The subshell that takes a comm's messages, made when it is first needed, as JupyterLab does; None is the main shell."""
        if self.routing == "disabled":
            return None
        owner = comm if self.routing == "perComm" else "all"
        if owner not in self._subshells:
            self._subshells[owner] = self._control("create_subshell_request")["subshell_id"]
        return self._subshells[owner]

    def delete_subshells(self) -> None:
        """What JupyterLab does when the widgets that they were for are gone."""
        for subshell in self._subshells.values():
            self._control("delete_subshell_request", subshell_id=subshell)
        self._subshells.clear()

    def _control(self, request: str, **content: Any) -> dict[str, Any]:
        self.client.control_channel.send(self.client.session.msg(request, content))
        reply = self.client.get_control_msg(timeout=PATIENCE)["content"]
        assert reply["status"] == "ok", reply
        return reply

    def ask_to_end(self) -> None:
        """Ask the kernel to end, as a restart does, and wait until its process has; it is not killed."""
        process = self.client.parent.provisioner.process
        self.client.control_channel.send(self.client.session.msg("shutdown_request", {"restart": True}))
        process.wait(PATIENCE)

    def interrupt(self) -> None:
        """What the interrupt button does."""
        self.client.parent.interrupt_kernel()

    def send_comm(self, comm: str, data: dict[str, Any]) -> str:
        """Send a comm message, as a page does; returns its msg_id."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if (subshell := self.subshell(comm)) is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]


class KernelPage:
    """A page that shows one chat of a kernel."""

    def __init__(self, kernel: Kernel, comm: str, name: str = "page") -> None:
        self.kernel = kernel
        self.comm = comm
        self.name = name
        self.view: View | None = None
        self.seq = -1
        self.frames: list[dict[str, Any]] = []
        kernel.listen(self._receive)
        self.command("hello")
        kernel.until(lambda: self.view is not None, "a snapshot")

    @classmethod
    def show(cls, kernel: Kernel, name: str = "page", expression: str = "chat") -> KernelPage:
        """Display the chat in a cell and open a page on it."""
        cell = kernel.run(expression)
        page = cls(kernel, kernel.shown_model(cell), name)
        page.cell = cell
        return page

    cell: str = ""
    """The request that displayed the chat."""

    def command(self, type_: str, **fields: Any) -> str:
        """Send one of the page's commands."""
        content = {"type": type_, "client": self.name, **fields}
        return self.kernel.send_comm(self.comm, {"method": "custom", "content": content})

    @staticmethod
    def new_request() -> str:
        """A name that no other page ever uses, as stores remember it."""
        return uuid.uuid4().hex

    def send(self, text: str | None) -> str:
        """Send a prompt; returns the request's name."""
        request = self.new_request()
        self.command("send", request=request, text=text)
        return request

    def stop(self) -> None:
        """Press Stop."""
        assert self.view is not None
        self.command("stop", turn=self.view.turns[-1].key)

    def until(self, condition: Callable[[View], Any], what: str) -> Any:
        """Wait for something to be seen."""
        return self.kernel.until(lambda: self.view is not None and condition(self.view), what)

    def wait_for_turn(self, request: str) -> None:
        """Wait until the turn that a request began has ended."""
        self.until(
            lambda view: any(t.request == request and t.status != "running" for t in view.turns), "the turn's end"
        )

    def ask(self, text: str | None) -> str:
        """Send a prompt, wait for the turn's end, return the last message's text."""
        self.wait_for_turn(self.send(text))
        assert self.view is not None
        return self.view.messages[-1].text

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Take frames and acknowledge none, until the block is left."""
        self._acks = False
        yield
        self._acks = True
        self.command("ack", seq=self.seq)

    _acks = True

    def _receive(self, message: dict[str, Any]) -> None:
        if message["msg_type"] != "comm_msg" or message["content"]["comm_id"] != self.comm:
            return
        content = message["content"]["data"].get("content")
        if not isinstance(content, dict):
            return
        if content["type"] == "snapshot" and content["client"] == self.name:
            self.view = msgspec.convert(content["view"], View)
            self.seq = content["seq"]
            self.command("ack", seq=self.seq)
        elif content["type"] == "frame" and self.view is not None:
            self.frames.append(message)
            assert content["seq"] == self.seq + 1, "a frame was lost on the kernel's own socket"
            self.seq = content["seq"]
            frame = msgspec.convert(content, KernelMessage)
            for event in frame.events:
                fold(self.view, event)
            if not self._acks:
                return
            if self.seq % 8 == 0 or any(e["type"].startswith("turn-") for e in content["events"]):
                self.command("ack", seq=self.seq)


@contextlib.contextmanager
def start_kernel(name: str = "python3") -> Iterator[Kernel]:
    """Start a kernel by the name of its kernelspec."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=PATIENCE, env=environment)
    client.parent = manager
    try:
        yield Kernel(client, deaf=name in DEAF)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
