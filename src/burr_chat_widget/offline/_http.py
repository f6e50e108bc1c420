"""The HTTP library that the installed `openai` client is built on.

It was httpx until openai moved to httpx2, httpx's successor with the same interface. A transport has to come from the
library of the client that it serves.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

try:
    import openai
except ImportError as error:
    raise ImportError(
        "the offline model answers through the openai client, which is not installed: "
        "pip install 'burr-chat-widget[demo]'",
        name="openai",
    ) from error

if TYPE_CHECKING:
    import httpx2 as http
else:
    _roots = (base.__module__.partition(".")[0] for base in openai.DefaultAsyncHttpxClient.__mro__)
    http = importlib.import_module(next(root for root in _roots if root.startswith("httpx")))

__all__ = ["http", "openai"]
