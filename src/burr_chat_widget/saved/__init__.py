"""What is left of a chat in a saved notebook: for readers without a kernel, and without a front end of ours."""

from .harmless import harmless
from .html import MARK, to_html
from .markdown import to_markdown

__all__ = ["MARK", "harmless", "to_html", "to_markdown"]
