"""The application that the quickstart chats with: the streaming chatbot of Burr's FastAPI example."""

from .application import SUGGESTIONS, application
from .provider import default_client, describe, model_of

__all__ = ["SUGGESTIONS", "application", "default_client", "describe", "model_of"]
