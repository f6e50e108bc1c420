"""`python -m burr_chat_widget serve module:build`: serves an application builder with uvicorn."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import difflib
import importlib
import inspect
import json
import logging
import os
import re
import secrets
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.store import DEFAULT_STORE, Build, prepared_builder

from .application import app
from .exposure import EXPOSABLE
from .guard import Guard, is_loopback

__all__ = ["factory", "main"]

logger = logging.getLogger(__name__)

SETTINGS = "BURR_CHAT_WIDGET_SERVE"
"""The environment variable by which workers are told what to serve, as JSON."""

TOKEN = "BURR_CHAT_WIDGET_TOKEN"
"""The environment variable that holds the token, where the command line does not: others on the machine can read that."""

TRUSTED = "FORWARDED_ALLOW_IPS"
"""uvicorn's environment variable for the proxies whose headers say who the client is, and whether it came by TLS."""

NEW = True
"""In place of a token: one that is made up."""

GRACE = 10
"""Seconds that requests have to end when the server exits."""


def main(arguments: Sequence[str]) -> None:
    """Serve until the process is asked to end.

    Args:
        arguments: of the command line, after `serve`.

    Raises:
        SystemExit: if they are wrong, what they name is none, or the port cannot be used.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.token == "":
        parser.error("--token is empty: name one, or leave the value out, and one is made up")
    token: str | None = new_token() if given.token is NEW else given.token or os.environ.get(TOKEN) or None
    try:
        Guard(token=token, origins=given.allow_origin)
    except ValueError as error:
        parser.error(str(error))
    if token is None and not is_loopback(given.host):
        parser.error(
            f"--host {given.host} lets others than this machine in: add --token, or leave --host out to serve on loopback"
        )
    settings = {
        "target": given.target,
        "store": given.store,
        "expose": given.expose,
        "token": token,
        "hosts": given.allow_host,
        "origins": given.allow_origin,
        "title": given.title,
    }
    try:
        _serve(settings, given)
    except BurrChatError as error:
        sys.exit(str(error))


def new_token() -> str:
    """One that nobody can guess."""
    return secrets.token_urlsafe(24)


def factory() -> FastAPI:
    """The application that the environment names: each worker makes it for itself."""
    return _application(json.loads(os.environ[SETTINGS]))


def load_build(target: str) -> Build:
    """What `module:name` names: an application builder, or a function that returns one.

    Raises:
        SystemExit: if there is no such thing, or it cannot be made.
        NotABuilder: if it is none.
    """
    module_name, colon, path = target.partition(":")
    if not colon or not module_name or not path:
        sys.exit(f"{target!r} names nothing to serve: write module:build, such as burr_chat_widget.demo:builder")
    if re.search(r"[/\\]|^\.|\.py$", module_name):
        name = PurePath(module_name).stem
        sys.exit(f"{module_name!r} is a file's name: write {name}:{path}, in the folder of {name}.py")
    sys.path[:0] = [] if "" in sys.path or os.getcwd() in sys.path else [os.getcwd()]
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}."):
            sys.exit(
                f"there is no module {error.name!r}: run this where it can be imported, in its folder or with it installed"
            )
        traceback.print_exc()
        sys.exit(f"the module {module_name!r} cannot be imported: see above")
    for name in path.split("."):
        if not hasattr(found, name):
            near = difflib.get_close_matches(name, dir(found), n=3)
            hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
            sys.exit(f"{module_name!r} has no {name!r}{hint}")
        found = getattr(found, name)
    try:
        prepared_builder(found)
    except BurrChatError:
        raise
    except Exception:
        traceback.print_exc()
        sys.exit(f"{target!r} made no application builder: see above; it is called without arguments")
    return found


def _serve(settings: dict[str, Any], given: argparse.Namespace) -> None:
    options: dict[str, Any] = {
        "host": given.host,
        "log_level": "warning",
        "access_log": False,  # it would show the token
        # Without the variable uvicorn trusts loopback, which clients come from, too.
        "proxy_headers": bool(os.environ.get(TRUSTED)),
        "timeout_graceful_shutdown": GRACE,
    }
    if given.workers == 1:
        application = _application(settings)
        listening = _listen(given.host, given.port)
        _say(given.host, listening.getsockname()[1], settings)
        with contextlib.suppress(KeyboardInterrupt), listening:
            uvicorn.Server(uvicorn.Config(application, **options)).run(sockets=[listening])
        return
    asyncio.run(_rehearse(_application(settings)))  # what is wrong is said once, not by each worker again and again
    os.environ[SETTINGS] = json.dumps(settings)
    config = uvicorn.Config(f"{__name__}:factory", factory=True, workers=given.workers, **options)
    with contextlib.suppress(KeyboardInterrupt), _listen(given.host, given.port) as listening:
        _say(given.host, listening.getsockname()[1], settings)
        _supervise(config, listening)


def _supervise(config: uvicorn.Config, listening: socket.socket) -> None:
    """Run the workers. `uvicorn.run` does the same on a socket of its own, on which nothing listens until a worker has started."""
    listening.set_inheritable(True)
    takes_target = "target" in inspect.signature(Multiprocess).parameters  # what workers run, in older versions
    more: dict[str, Any] = {"target": uvicorn.Server(config).run} if takes_target else {}
    _Supervisor(config, sockets=[listening], **more).run()


class _Supervisor(Multiprocess):
    """Says which worker has died. uvicorn does so at a level at which it also tells of each start and end."""

    def keep_subprocess_alive(self) -> None:
        """See uvicorn."""
        before = [*self.processes]
        super().keep_subprocess_alive()
        # uvicorn 0.30.0 lets go of one that lives where two have died.
        dead = [each for each in before if each not in self.processes and each.process.exitcode is not None]
        begun = [each for each in self.processes if each not in before]
        for old, new in zip(dead, begun, strict=False):
            logger.warning(
                "worker process %s has died (exit code %s), and %s was started in its place",
                old.pid,
                old.process.exitcode,
                new.pid,
            )


async def _rehearse(application: FastAPI) -> None:
    """Let go of what the application has opened."""
    async with application.router.lifespan_context(application):
        pass


def _application(settings: dict[str, Any]) -> FastAPI:
    options = {name: value for name, value in settings.items() if name != "target" and value is not None}
    return app(load_build(settings["target"]), **options)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        sys.exit(f"port {port} on {host} cannot be used: {error.strerror or error}; name another with --port")


def _say(host: str, port: int, settings: dict[str, Any]) -> None:
    """Where the page is: on all addresses, this machine's own is shown."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    shown = f"[{shown}]" if ":" in shown else shown
    token = settings["token"]
    query = f"?token={quote(token, safe='')}" if token is not None else ""
    print(f"{settings['target']} is served at http://{shown}:{port}/{query}", flush=True)
    if host in ("0.0.0.0", "::"):
        print(
            f"It listens on all addresses of this machine, at each of them with the same port{' and token' if token else ''}."
        )
    print(f"Conversations are kept in {_without_password(settings['store'])}. Stop with Ctrl+C.", flush=True)


def _without_password(store: str | None) -> str:
    if store is None:
        return DEFAULT_STORE
    scheme, found, rest = store.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else store


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m burr_chat_widget serve",
        description="Serve an application builder: a page to chat on, and its turns as server-sent events.",
        epilog="Example: python -m burr_chat_widget serve burr_chat_widget.demo:builder --port 8000",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("target", metavar="module:build", help="a function that returns an application builder, or a builder")
    add(
        "--host",
        default="127.0.0.1",
        help="the address to listen on; any but loopback needs --token (default: %(default)s)",
    )
    add("--port", type=_port, default=8000, help="0 for any that is free (default: %(default)s)")
    add(
        "--token",
        nargs="?",
        const=NEW,
        help=f"what clients must show; without a value a new one is made up; {TOKEN} in the environment does the same",
    )
    add("--store", help=f"a SQLite file, postgresql://... or redis://... (default: {DEFAULT_STORE})")
    add("--workers", type=_positive, default=1, metavar="N", help="processes that serve (default: %(default)s)")
    add("--title", help="the heading of the page")
    add(
        "--expose",
        action="append",
        default=[],
        choices=sorted(EXPOSABLE),
        help="what clients see or may do besides; may be repeated",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which it may be asked besides loopback",
    )
    add("--allow-origin", action="append", default=[], metavar="ORIGIN", help="an origin whose pages may ask")
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is from 0 to 65535")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number
