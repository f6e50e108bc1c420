"""A model that needs no network, behind the real `openai.AsyncOpenAI` client.

`client()` gives an ordinary client whose HTTP transport answers from this package: the wire format of chat completions,
believable timing, faults on request, and answers out of passages, poems and code samples that ship with the package. Tools
are called where a prompt has their words and what they need. It is not a language model and says so.
"""

from .blocking import BlockingTransport, blocking_client
from .faults import Fault, Faults
from .pace import Tempo
from .pieces import BrokenPiece, naive_deltas, split_awkwardly
from .server import MODEL, Dropped, OfflineServer, Reply
from .transport import BASE_URL, OfflineTransport, client

__all__ = [
    "BASE_URL",
    "MODEL",
    "BlockingTransport",
    "BrokenPiece",
    "Dropped",
    "Fault",
    "Faults",
    "OfflineServer",
    "OfflineTransport",
    "Reply",
    "Tempo",
    "blocking_client",
    "client",
    "naive_deltas",
    "split_awkwardly",
]
