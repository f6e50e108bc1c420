"""The application that the quickstart chats with: the streaming chatbot of Burr's FastAPI example."""

from .application import SUGGESTIONS, application, builder
from .provider import default_client, describe, model_of

__all__ = ["SUGGESTIONS", "application", "builder", "default_client", "describe", "model_of"]
