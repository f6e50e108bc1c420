"""Conversations that stay: which store they are in, how one is taken up again, and how it is kept."""

from .conversation import Build, Conversation, prepared_builder
from .places import DEFAULT_STORE, Place, Store, open_place
from .sqlite import free_of_threads

__all__ = [
    "DEFAULT_STORE",
    "Build",
    "Conversation",
    "Place",
    "Store",
    "free_of_threads",
    "open_place",
    "prepared_builder",
]
