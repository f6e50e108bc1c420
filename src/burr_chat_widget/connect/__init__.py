"""A conversation that a server has, as a chat of this process: what `BurrChat.connect` is made of."""

from .address import Address, address_of
from .session import RemoteSession

__all__ = ["Address", "RemoteSession", "address_of"]
