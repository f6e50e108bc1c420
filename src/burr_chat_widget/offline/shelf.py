"""The texts that ship with the package, and how the one that fits a question is found.

A text is a Markdown file: a `# Title`, a line `keywords: ...`, then what is said. Retrieval scores words, nothing more: a
question's words, without stop words and reduced to stems, count 3 for a keyword of the text, 2 for a word of its title
and 1 for a word of its body, each weighed by how few texts have it. A text without a keyword or title word of the
question is no candidate, so that a question about something else is not answered by chance.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


def vocabulary(text: str) -> frozenset[str]:
    """A set of words, written as one text."""
    return frozenset(text.split())


_WORD = re.compile(r"[a-z0-9_]+")
_STOP_WORDS = vocabulary(
    "a about all also am an and any are as at be because been but by can could did do does doing done for from get give"
    " given gets go good had has have he her here him his how i if in into is it its just know like make makes many may"
    " me mean means more most much my need no not of off on one only or other our out over please possible really say"
    " see she should show simple small so some something such sure tell than that the their them then there these they"
    " thing things this those through to too try two under up us use used using very want was way we well were what when"
    " where which while who why will with without work works would write yes you your explain describe difference"
    " between happen happens actually called let s t don"
)


@dataclass(frozen=True)
class Text:
    """One text that ships with the package."""

    title: str
    body: str
    weights: dict[str, int]


def words(text: str) -> list[str]:
    """The words of `text` that carry meaning, as stems."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]


@cache
def shelf(name: str) -> tuple[Text, ...]:
    """All texts of a folder of this package, in the order of their file names."""
    folder = resources.files("burr_chat_widget.offline") / name
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)
    return tuple(_parse(file.read_text(encoding="utf-8")) for file in files)


def find(name: str, question: Sequence[str], *, avoid: Collection[Text] = (), loose: bool = False) -> list[Text]:
    """The texts of a folder that fit a question, best first.

    Args:
        name: the folder.
        question: the question's words, as `words` gives them; a word that comes twice counts twice.
        avoid: texts to leave out.
        loose: also take texts that have the question's words in their body only.
    """
    texts = shelf(name)
    rarity = _rarity(name)
    scored: list[tuple[float, int, Text]] = []
    for place, text in enumerate(texts):
        found = [(text.weights[word], rarity[word]) for word in question if word in text.weights]
        if text not in avoid and any(loose or weight > 1 for weight, _ in found):
            scored.append((-sum(weight * rare for weight, rare in found), place, text))
    return [text for *_, text in sorted(scored, key=lambda entry: entry[:2])]


@cache
def _rarity(name: str) -> dict[str, float]:
    texts = shelf(name)
    holders = Counter(word for text in texts for word in text.weights)
    return {word: math.log(1 + len(texts) / count) for word, count in holders.items()}


def _parse(source: str) -> Text:
    heading, keywords, body = source.split("\n", 2)
    title = heading.removeprefix("# ")
    weights = dict.fromkeys(words(body), 1)
    weights |= dict.fromkeys(words(title), 2)
    weights |= dict.fromkeys(words(keywords.removeprefix("keywords:")), 3)
    return Text(title, body.strip(), weights)


def _stem(word: str) -> str:
    """Cut the endings that a question and a text most often differ in."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
