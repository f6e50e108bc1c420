"""The Jupyter server extension: loaded by a real server, with a real websocket to a real kernel."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tornado.websocket import websocket_connect

import burr_chat_widget_server
from support.jupyter import TOKEN, Jupyter, start_jupyter

EXTENSION = "burr_chat_widget_server"


async def kernel_answers(socket: Any) -> str:
    """Ask the kernel to run nothing; returns how that went, which comes back through all there is between."""
    header = {"msg_id": "m", "session": "s", "msg_type": "execute_request", "username": "", "version": "5.3"}
    content = {"code": "", "silent": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(message))
    while True:
        said = json.loads(await asyncio.wait_for(socket.read_message(), 60))
        if said["header"]["msg_type"] == "execute_reply":
            return said["content"]["status"]


async def nodelay_of_a_kernels_socket(jupyter: Jupyter) -> list[bool]:
    """What the server's end of a websocket to a new kernel is set to, once the kernel has answered through it."""
    # The server prints where it listens before it does.
    transport = httpx.AsyncHTTPTransport(retries=8)
    async with httpx.AsyncClient(
        base_url=jupyter.url, params={"token": TOKEN}, timeout=60, transport=transport
    ) as http:
        made = await http.post("api/kernels", json={"name": "python3"})
        kernel = f"api/kernels/{made.raise_for_status().json()['id']}"
        url = f"{jupyter.url.replace('http', 'ws', 1)}{kernel}/channels?token={TOKEN}"
        # Without a subprotocol the messages are JSON.
        socket = await websocket_connect(url)
        try:
            assert await kernel_answers(socket) == "ok"
            return [bool(value) for value in (await http.get("sockets")).raise_for_status().json()]
        finally:
            socket.close()
            while await socket.read_message() is not None:  # until it is closed
                pass
            await http.delete(kernel)


@pytest.mark.parametrize("enabled", [True, False])
async def test_small_messages_go_out_at_once_where_it_is_enabled(tmp_path: Path, enabled: bool) -> None:
    extensions = {"support.sockets": True} if enabled else {"support.sockets": True, EXTENSION: False}
    # What is not named here is as the environment's own configuration says, in which it is enabled.
    arguments = [f"--ServerApp.jpserver_extensions={name}={value}" for name, value in extensions.items()]
    with start_jupyter(tmp_path, *arguments) as jupyter:
        assert await nodelay_of_a_kernels_socket(jupyter) == [enabled]
        log = jupyter.log.read_text()
    assert (f"{EXTENSION} | extension was successfully loaded" in log) is enabled


def test_a_server_without_such_websockets_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    server = SimpleNamespace(web_app=SimpleNamespace(settings={"cookie_secret": b"s"}))
    with caplog.at_level("INFO"):
        burr_chat_widget_server._load_jupyter_server_extension(server)
    assert server.web_app.settings == {"cookie_secret": b"s"}
    assert "left as they are" in caplog.text


async def test_a_websocket_that_cannot_be_set_connects_all_the_same() -> None:
    class Connection:
        websocket_handler = None  # as of a server that has others

        async def connect(self) -> str:
            return "connected"

    settings: dict[str, Any] = {"kernel_websocket_connection_class": Connection}
    burr_chat_widget_server._load_jupyter_server_extension(SimpleNamespace(web_app=SimpleNamespace(settings=settings)))
    made = settings["kernel_websocket_connection_class"]
    assert issubclass(made, Connection)
    assert await made().connect() == "connected"


def test_the_server_does_not_import_burr_for_it() -> None:
    code = f"import sys, {EXTENSION}; print([n for n in ('burr', 'anywidget', 'burr_chat_widget') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
