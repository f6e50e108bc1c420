"""Files of users that are replaced: as a whole, or not at all."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from burr_chat_widget.session import write_whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with contents, alone in its folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "chat.html"
    path.write_bytes(b"precious")
    return path


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file takes more than a thousand bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


def test_it_takes_the_place_of_a_file(path: Path):
    path.chmod(0o640)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_a_new_one_has_the_permissions_of_any(path: Path):
    other = path.with_name("other.html")
    write_whole(other, b"new")
    assert other.read_bytes() == b"new"
    assert other.stat().st_mode == path.stat().st_mode


@pytest.mark.usefixtures("no_room")
@pytest.mark.parametrize("name", ["chat.html", "other.html"])
def test_where_there_is_no_room_all_is_as_it_was(path: Path, name: str):
    with pytest.raises(OSError, match=name):
        write_whole(path.with_name(name), b"n" * 5000)
    assert path.read_bytes() == b"precious"
    assert list(path.parent.iterdir()) == [path]


def test_one_that_may_not_be_written_is_not_replaced(path: Path):
    program = shutil.which("sleep")
    assert program is not None
    shutil.copy(program, path)
    with subprocess.Popen([path, "600"]) as running:  # which not even root may write to
        with pytest.raises(OSError, match=r"chat\.html"):
            write_whole(path, b"new")
        running.kill()
    assert path.read_bytes() == Path(program).read_bytes()
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_one(path: Path):
    link = path.parent.parent / "link.html"
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"new")
    reader.join()
    assert read == [b"new"]
    assert pipe.is_fifo()
