"""A file that is written as a whole, or stays as it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Put a file with these bytes there, in place of one that may be there; its permissions stay, and a link leads to the new one.

    Raises:
        OSError: if it cannot be written, such as where the disk is full. What was there is as it was.
    """
    if path.exists() and not path.is_file():  # a device or a pipe has no contents to lose; a folder refuses
        path.write_bytes(data)
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{uuid.uuid4().hex}.new")  # not too long a name, whatever the file's is
    try:
        with beside.open("xb") as file:
            if target.exists():
                target.open("ab").close()  # where it may not be written, it is not replaced either
                shutil.copymode(target, beside)
            file.write(data)
        beside.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):  # else it is in its place
            beside.unlink()
