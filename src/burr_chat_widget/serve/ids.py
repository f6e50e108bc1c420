"""What a conversation may be called in an address: no path, no file's name, nothing that a store joins its keys with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

__all__ = ["AppId", "ProjectId"]

_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$"

ProjectId = Annotated[str, Path(pattern=_PATTERN, description="What it belongs to, such as a user.")]
AppId = Annotated[str, Path(pattern=_PATTERN, description="The conversation's name.")]
