"""A file of lines, each of which is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from burr_chat_widget.errors import RecordingError

__all__ = ["LineFile"]


class LineFile:
    """Takes lines, each handed to the system at once: a process that is killed loses none that was written.

    Args:
        path: where it is made.
        overwrite: whether it may take the place of a file that is there. Whoever still writes to that one writes to no name.

    Raises:
        RecordingError: if there is a file already, or none can be made.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        try:
            if overwrite:
                path.unlink(missing_ok=True)
            self._file: io.RawIOBase = path.open("xb", buffering=0)
        except FileExistsError:
            raise RecordingError(
                "there is such a file already", path=path, remedy="pass overwrite=True, or another name"
            ) from None
        except OSError as error:
            raise RecordingError(f"it cannot be made: {error.strerror}", path=path) from error
        self._whole = 0

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
