"""Conversations that stay: which store they are in, how one is taken up again, and how it is kept."""

from .conversation import Build, Conversation, prepared_builder
from .kept import Became
from .places import DEFAULT_STORE, Place, Store, file_of, open_place
from .pool import shared_place
from .servers import postgresql_connection, redis_connection
from .sqlite import free_of_threads

__all__ = [
    "DEFAULT_STORE",
    "Became",
    "Build",
    "Conversation",
    "Place",
    "Store",
    "file_of",
    "free_of_threads",
    "open_place",
    "postgresql_connection",
    "prepared_builder",
    "redis_connection",
    "shared_place",
]
