"""Conversations with an application over HTTP: a router of FastAPI, an application with a chat page, and what is behind them."""

from .application import app, router
from .conversation import Served
from .conversations import Conversations
from .exposure import EXPOSABLE, Exposure
from .limits import ServeLimits
from .turns import ServedTurn

__all__ = ["EXPOSABLE", "Conversations", "Exposure", "ServeLimits", "Served", "ServedTurn", "app", "router"]
