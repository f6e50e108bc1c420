"""What in a streamed item is the text: one `DeltaReader` for each step. What else is in it: `parts`.

Where the text is found: a `str` is text; in a dict (and in an object's attributes) the first of `KEYS` that holds text, dicts
and objects among them searched in turn; else a dict's only text, unless it is a tag such as its `type` or says how far it is; else
its only dict.

How the texts of a step make a whole:

- *incremental*, always: strings, what is found under `delta`, `token` or `chunk`, and objects whose class is called
  `...Chunk` or `...Delta`. The whole is the concatenation.
- *snapshots*: other objects. The first is shown; of one that extends the last, the rest; any other replaces the text. Where the
  second already extends nothing, they are pieces: incremental.
- *undecided*: dicts with another key (`content`, `response`, ...). Taken for cumulative as long as each text extends the one
  before. When the second extension fails after only one, the stream was incremental after all ("ha", "haha", "!"): the text is
  replaced by the concatenation. When one fails later, it is a snapshot that was rewritten. If the stream ends with a doubt,
  the action's own result settles it (`settle`).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any, NamedTuple, TypeAlias, cast

from .option import INCREMENTAL_KEYS, DeltaOption, Mode, read_option
from .parts import Part, PartReader, extends, is_blank, look
from .printable import clean
from .progress import ASIDE, SORTS
from .reading import field
from .redaction import CREDENTIALS, Redaction
from .values import is_mapping

__all__ = ["DeltaReader", "Piece", "Replaced", "find_text"]

KEYS = (*INCREMENTAL_KEYS, "content", "text", "response", "answer", "output", "final_output", "message")

TAGS = (*SORTS, "role", "id", "object", "model", "finish_reason", "stop_reason")
"""Keys of what is no text, though there be no other."""
BLANKS = 100
"""So many items that hold nothing are kept, to be shown where nothing else comes."""


class Replaced(NamedTuple):
    """The whole text so far is this."""

    text: str


Piece: TypeAlias = str | Replaced | Part
"""What an item may add: text, another whole text, or something to another part of the answer."""


def find_text(item: object, redaction: Redaction = CREDENTIALS, *, result: bool = False) -> tuple[str, Mode] | None:
    """The text in `item` and how it is to be read, None when there is none.

    What `redaction` hides is no text. A streamed `token` is one all the same; in a `result` it is not.
    """
    return _find(item, "undecided", 5, redaction, result)


def _find(item: object, mode: Mode, depth: int, redaction: Redaction, result: bool) -> tuple[str, Mode] | None:
    if isinstance(item, str):
        return item, mode
    if depth == 0 or item is None or isinstance(item, bytes | bytearray | int | float | list | tuple | set | frozenset):
        return None
    if isinstance(item, Mapping):
        fields = cast("Mapping[Any, Any]", item)
        found = _find_by_name({k: fields[k] for k in KEYS if k in fields}, mode, depth, redaction, result)
        if found:
            return found
        fields = {key: value for key, value in fields.items() if not redaction.hides(key, value)}
        texts = {key: value for key, value in fields.items() if isinstance(value, str)}
        others = [text for key, text in texts.items() if key not in TAGS and (result or key not in ASIDE)]
        if len(texts) == len(others) == 1:
            return others[0], mode
        sort = next((texts[key] for key in SORTS if key in texts), "")
        if len(others) == 1 and any(word in sort for word in INCREMENTAL_KEYS):  # {"event": "token", "data": "..."}
            return others[0], "incremental"
        dicts: list[object] = [value for value in fields.values() if isinstance(value, Mapping)]
        return _find(dicts[0], mode, depth - 1, redaction, result) if not others and len(dicts) == 1 else None
    if mode == "undecided":
        mode = "incremental" if type(item).__name__.endswith(("Chunk", "Delta")) else "snapshots"
    named = {k: v for k in KEYS if (v := field(item, k)) is not None}
    return _find_by_name(named, mode, depth, redaction, result)


def _find_by_name(
    fields: dict[str, Any], mode: Mode, depth: int, redaction: Redaction, result: bool
) -> tuple[str, Mode] | None:
    for key, value in fields.items():
        if callable(value):  # a method that happens to be called `text`
            continue
        if result and redaction.hides(key, value):
            continue
        found = _find(value, "incremental" if key in INCREMENTAL_KEYS else mode, depth - 1, redaction, result)
        if found:
            return found
    return None


class DeltaReader:
    """Reads the items of one step, in order; what `read` and `finish` return, in order, is what to show.

    Attributes:
        parts: what else was streamed.
        streamed: whether any text was found.
        blanks: the first item that held nothing, and those that said nothing but of what sort they are.
        lone_surrogates: whether a half of a surrogate pair had to be replaced.
    """

    def __init__(self, delta: DeltaOption = None, redaction: Redaction = CREDENTIALS) -> None:
        self._option = read_option(delta)
        self._redaction = redaction
        self.parts = PartReader(redaction)
        self._raw = StringIO()  # the texts as they were found
        self._shown = StringIO()  # what was returned: the text on the page
        self._mode: Mode | None = None
        self._last = ""
        self._extensions = 0
        self._half = ""
        self._guessed: Mapping[str, Any] | None = (
            None  # all there was: its only text was taken, by no name that is known
        )
        self.blanks: list[object] = []
        self.streamed = False
        self.lone_surrogates = False

    @property
    def text(self) -> str:
        """The text that has been shown."""
        return self._shown.getvalue()

    def read(self, item: Any) -> str | list[Piece]:
        """What this item adds: text (empty when there is nothing to show), or several things in their order.

        Raises:
            ConventionError: if `delta=` found something that is no text, or no call of a tool.
        """
        if self._option is not None:
            return self._read_by_option(item)
        kind: type[Any] = item.__class__
        if kind is dict:
            text = item.get("delta")
            if type(text) is str and (self._mode is None or self._mode == "incremental") and "type" not in item:
                self._mode = "incremental"
                return self._add(text)
        elif kind is str:
            return self._add(item)
        if is_blank(item):
            says = is_mapping(item) and any(isinstance(value, str) for value in item.values())
            if not self.blanks or (says and len(self.blanks) < BLANKS):
                self.blanks.append(item)
            return ""
        special = look(item)
        if special is not None:
            parts = self.parts
            pieces: list[Piece] = [*parts.thought(special.reasoning)]
            if special.text is None:
                found = find_text(item, self._redaction)
                pieces += self._text_piece(found[0], incremental=found[1] == "incremental") if found else []
            elif special.text:
                pieces += self._text_piece(special.text, incremental=True)
            for call in special.calls:
                pieces += parts.called(call)
            if special.data is not None:
                pieces += parts.show(special.data)
            if special.progress is not None:
                pieces += parts.progress(special.progress)
            if special.aside is not None:
                pieces += parts.aside(*special.aside)
            return pieces
        return self._read_any(item)

    def _read_any(self, item: object) -> str | list[Piece]:
        found = find_text(item, self._redaction)
        guessed, self._guessed = self._guessed, None
        if found is None:
            if guessed is None or not is_mapping(item) or not extends(item, guessed):
                return [*self.parts.line(item)]
            self.parts.grows_from(guessed)
            return [self.replace(""), *self.parts.line(item)]
        if is_mapping(item) and not any(key in item for key in KEYS) and (guessed is not None or not self.streamed):
            self._guessed = item
        return self._read_text(item, *found)

    def _read_by_option(self, item: Any) -> str | list[Piece]:
        option = self._option
        assert option is not None
        pieces: list[Piece] = []
        if option.reasoning is not None:
            pieces += self.parts.thought(option.reasoning(item) or "")
        found = option.text(item) if option.text is not None else None
        if found is not None:
            read = self._read_text(item, *found)
            if not pieces and option.tool is None:
                return read
            pieces += [read] if isinstance(read, str) else read
        if option.tool is not None:
            for call in option.tool(item):
                pieces += self.parts.called(call)
        return pieces or ""

    def _text_piece(self, text: str, *, incremental: bool) -> list[Piece]:
        read = self._read_text(None, text, "incremental" if incremental else "undecided")
        return [read] if isinstance(read, str) else read

    def _read_text(self, item: object, text: str, mode: Mode) -> str | list[Piece]:
        if isinstance(item, str) or mode == "incremental":
            return self._add(text)
        if self._mode is None:
            self._mode = mode
        if self._mode == "incremental":
            return self._add(text)
        read = self._read_whole(text)
        return read if isinstance(read, str) else [read]

    def _read_whole(self, text: str) -> str | Replaced:
        """A text that may hold the ones before it."""
        last, self._last = self._last, text
        if not last:
            return self._add(text)
        if text == last and not self._extensions:
            # the same token twice is two tokens; a snapshot sent again cannot be told until there was an extension
            if self._mode == "undecided":
                self._mode = "incremental"
                return self._add(text)
            self._raw.write(text)
            return ""
        if text.startswith(last):
            self._extensions += text != last
            self._raw.write(text)
            return self._emit(text[len(last) :])
        if self._extensions <= (self._mode == "undecided"):
            self._mode = "incremental"
            self._raw.write(text)
            whole = self._raw.getvalue()
            return self._emit(text) if whole == self.text + text else self.replace(whole)
        self._raw = StringIO()
        self._raw.write(text)
        self._extensions = 2  # snapshots for certain
        return self.replace(text)

    def _add(self, text: str) -> str:
        self._raw.write(text)
        return self._emit(text)

    def _emit(self, text: str) -> str:
        """`text` as it can be encoded: halves of surrogate pairs are joined across deltas."""
        if text and (self._half or not text.isascii()):
            text = self._half + text
            self._half = ""
            if "\ud800" <= text[-1] <= "\udbff":
                self._half, text = text[-1], text[:-1]
            text = self._encodable(text)
        if text:
            self._shown.write(text)
            self.streamed = True
            self.parts.spoke()
        return text

    def _encodable(self, text: str) -> str:
        cleaned = clean(text)
        if cleaned is not text and cleaned.count("\ufffd") > text.count("\ufffd"):
            self.lone_surrogates = True
        return cleaned

    def replace(self, text: str) -> Replaced:
        """Show `text` in place of everything so far."""
        self._half = ""
        text = self._encodable(text)
        self._shown = StringIO()
        self._shown.write(text)
        self.streamed = True
        return Replaced(text)

    def finish(self) -> str:
        """The stream has ended: the text that was held back, if any."""
        half, self._half = self._half, ""
        if not half:
            return ""
        self.lone_surrogates = True
        self._shown.write("\ufffd")
        self.streamed = True
        return "\ufffd"

    def settle(self, result: object) -> Replaced | None:
        """Compare with the action's own result, when it is in doubt whether the stream was cumulative."""
        if self._mode != "undecided" or not self._extensions:
            return None
        found = find_text(result, self._redaction, result=True)
        whole = self._raw.getvalue()
        if found and found[0].strip() == whole.strip() != self.text.strip():
            return self.replace(whole)
        return None
