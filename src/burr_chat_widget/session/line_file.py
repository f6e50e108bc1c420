"""A file of lines, each of which is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import uuid
from pathlib import Path

from burr_chat_widget.errors import RecordingError

__all__ = ["LineFile"]


class LineFile:
    """Takes lines, each handed to the system at once: a process that is killed loses none that was written.

    Args:
        path: where it is made.
        overwrite: whether it may take the place of a file that is there. Whoever still writes to that one writes to no name. It is
            put aside until `keep`, or back by `discard`.

    Raises:
        RecordingError: if there is a file already, or none can be made.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._path = path
        self._aside: Path | None = None
        try:
            if overwrite:
                self._put_aside()
            self._file: io.RawIOBase = path.open("xb", buffering=0)
        except FileExistsError:
            self._put_back()
            raise RecordingError(
                "there is such a file already", path=path, remedy="pass overwrite=True, or another name"
            ) from None
        except OSError as error:
            self._put_back()
            raise RecordingError(f"it cannot be made: {error.strerror}", path=path) from error
        self._whole = 0

    def keep(self) -> None:
        """It has begun well: the file in whose place it is goes away."""
        if self._aside is not None:
            with contextlib.suppress(OSError):
                self._aside.unlink()
            self._aside = None

    def discard(self) -> None:
        """It has not begun: everything is as it was before."""
        self.close()
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._put_back()

    def _put_aside(self) -> None:
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        aside = self._path.with_name(f".{uuid.uuid4().hex}.aside")  # not too long a name, whatever the file's is
        with contextlib.suppress(FileNotFoundError):
            self._path.rename(aside)
            self._aside = aside

    def _put_back(self) -> None:
        if self._aside is not None:
            with contextlib.suppress(OSError):
                self._aside.rename(self._path)
            self._aside = None

    @property
    def closed(self) -> bool:
        """Whether it takes no more lines."""
        return self._file.closed

    def write(self, line: bytes) -> None:
        """Append a line. Where that is not possible, what there is of it is taken away again.

        Raises:
            OSError: if the disk is full, or the like.
        """
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(self._whole)
            raise
        self._whole += len(line)

    def close(self) -> None:
        """Take no more lines."""
        with contextlib.suppress(OSError):
            self._file.close()
