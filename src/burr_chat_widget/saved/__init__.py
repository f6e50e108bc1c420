"""What is left of a chat in a saved notebook: for readers without a kernel, with our own front end or without any."""

from .document import MIME, ROOM, Ask, Documents
from .excerpt import end, shorten
from .harmless import harmless
from .html import MARK, to_html, view_to_html
from .markdown import to_markdown, view_to_markdown
from .page import to_page
from .plain import plain
from .words import NAMES, title_of

__all__ = [
    "MARK",
    "MIME",
    "NAMES",
    "ROOM",
    "Ask",
    "Documents",
    "end",
    "harmless",
    "plain",
    "shorten",
    "title_of",
    "to_html",
    "to_markdown",
    "to_page",
    "view_to_html",
    "view_to_markdown",
]
