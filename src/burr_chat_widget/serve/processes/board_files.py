"""The board of a SQLite file: files beside its locks. The database itself has one writer at a time, whom this keeps from nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from .board import CHUNK, KEEP, WISHED, Lost

__all__ = ["FileBoard"]

SWEEP = 60.0
"""Seconds between two looks at what is old, at least."""


class FileBoard:
    """See `Board`. A wish is an empty file, a log a file of its bytes. They may be read by whoever may read the database.

    Args:
        database: the SQLite file.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        folder = database.with_name(f"{database.name}.turns")
        self._wishes = folder / "wishes"
        self._logs = folder / "told"
        self._swept = float("-inf")

    async def wish(self, wish: str) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._write, self._wishes / wish, 0, b"")

    async def wishes(self) -> set[str]:
        """See `Board`."""
        return await asyncio.to_thread(self._names, self._wishes)

    async def take_down(self, wishes: set[str]) -> None:
        """See `Board`."""
        await asyncio.to_thread(lambda: [_remove(self._wishes / wish) for wish in wishes])

    async def write(self, log: str, at: int, data: bytes) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._write, self._logs / log, at, data)

    async def read(self, log: str, at: int) -> bytes:
        """See `Board`."""
        return await asyncio.to_thread(self._read, self._logs / log, at)

    async def close(self) -> None:
        """See `Board`."""
        await asyncio.to_thread(self._sweep)

    def _write(self, path: Path, at: int, data: bytes) -> None:
        self._sweep()
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # as good as new
            os.utime(path)
        file = os.open(path, os.O_WRONLY | os.O_CREAT, self._mode())
        try:
            if os.fstat(file).st_size < at:
                raise Lost(path.name)
            os.lseek(file, at, os.SEEK_SET)
            while data:
                data = data[os.write(file, data) :]
        finally:
            os.close(file)

    def _mode(self) -> int:
        try:
            return self._database.stat().st_mode & 0o666
        except FileNotFoundError:  # nothing was saved yet
            return 0o600

    @staticmethod
    def _read(path: Path, at: int) -> bytes:
        try:
            with path.open("rb") as file:
                file.seek(at)
                return file.read(CHUNK)
        except FileNotFoundError:
            return b""

    @staticmethod
    def _names(folder: Path) -> set[str]:
        try:
            return {*os.listdir(folder)}
        except FileNotFoundError:
            return set()

    def _sweep(self) -> None:
        """Remove what is old, now and then."""
        if time.monotonic() - self._swept < SWEEP:
            return
        self._swept = time.monotonic()
        for folder, age in ((self._wishes, WISHED), (self._logs, KEEP)):
            for name in self._names(folder):
                with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
                    if time.time() - (folder / name).stat().st_mtime > age:
                        _remove(folder / name)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
