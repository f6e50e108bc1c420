"""A real PostgreSQL and a real Redis, each on a free loopback port and in a temporary folder of its own.

Where one is not installed, or does not start, the reason is an `Unavailable`, with which `or_skip` skips tests.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest

from support.ports import free_port


class Unavailable(Exception):
    """There is no such server here; says why."""


def or_skip(server: contextlib.AbstractContextManager[str]) -> Iterator[str]:
    """For a fixture: the server's URL while the tests run, or a skip that says why there is none."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(server)
        except Unavailable as reason:
            pytest.skip(str(reason))
        yield url


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL; yields its URL. It does not run as root: when we are root, it runs as the user `postgres`."""
    # Debian keeps what is for servers out of the PATH.
    folders = [os.environ.get("PATH", ""), *sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    initdb, pg_ctl = (_find(name, os.pathsep.join(folders)) for name in ("initdb", "pg_ctl"))
    with _folder("postgres") as (folder, user):
        data, log = folder / "data", folder / "log"
        _run([initdb, "--no-sync", "--auth=trust", "--username=tests", f"--pgdata={data}"], folder, user)
        port = free_port()
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        _run([pg_ctl, "start", "--wait", f"--pgdata={data}", f"--log={log}", f"--options={options}"], folder, user)
        try:
            yield f"postgresql://tests@127.0.0.1:{port}/postgres"
        finally:
            _run([pg_ctl, "stop", "--mode=immediate", f"--pgdata={data}"], folder, user)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis that writes nothing to disk; yields its URL."""
    program = _find("redis-server", os.environ.get("PATH", ""))
    with _folder("redis") as (folder, user):
        port = free_port()
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
        server = subprocess.Popen(
            command, cwd=folder, user=user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            assert server.stdout is not None
            said: list[str] = []
            for line in server.stdout:
                said.append(line)
                if "Ready to accept connections" in line:
                    break
            else:
                raise Unavailable(f"redis-server did not start: {''.join(said)[-500:]}")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.communicate()


def _find(name: str, path: str) -> str:
    found = shutil.which(name, path=path)
    if found is None:
        raise Unavailable(f"{name} is not installed")
    return found


@contextlib.contextmanager
def _folder(user: str) -> Iterator[tuple[Path, str | None]]:
    """A folder, and the user that owns it where we are root and there is such a user."""
    runs_as = None
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            runs_as = pwd.getpwnam(user).pw_name
        if runs_as is None and user == "postgres":
            raise Unavailable("PostgreSQL does not run as root, and there is no user called postgres")
    folder = Path(tempfile.mkdtemp(prefix=f"{user}-"))
    try:
        if runs_as is not None:
            shutil.chown(folder, runs_as)
        yield folder, runs_as
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], folder: Path, user: str | None) -> None:
    # Not through a pipe: the server would inherit it and keep it open.
    with (folder / "output").open("w+") as output:
        done = subprocess.run(command, cwd=folder, user=user, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {(folder / 'output').read_text()[-500:]}")
