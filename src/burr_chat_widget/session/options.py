"""What a chat was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from burr_chat_widget.bridge import DeltaOption, Redaction, Render
from burr_chat_widget.transport.loops import Runner

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """See `burr_chat_widget.BurrChat`; `inputs` are the constants. The turns' names begin with `turns`, and are counted."""

    prompt: str | None
    history: str | None
    delta: DeltaOption
    render: Render | None
    inputs: Mapping[str, Any]
    suggestions: Sequence[str]
    title: str
    runner: Runner
    redaction: Redaction
    coalesce: bool = True
    turns: str = "t"
