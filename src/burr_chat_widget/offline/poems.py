"""Small poems on any topic, in several forms, chosen by a seeded generator."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_TOPICS = [re.compile(rf"\b(?:{words})\s+(.+)", re.IGNORECASE | re.DOTALL) for words in ("about", "on", "of|for|to")]
_NOISE = " .?!,;:\"'`*_#<>[]()|\\"
_FILLER = re.compile(
    r"\b(?:please|can|could|would|you|write|make|compose|create|generate|give|me|us|i|want|need|sing|an?|the|short|small|"
    r"little|poem|poetry|verses?|haiku|limerick|acrostic|couplets?|rhyme|ode|sonnet)\b",
    re.IGNORECASE,
)
_LONGEST_TOPIC = 60

_HAIKU = (
    ("a small light moving", "from one dark word to the next", "until it is said"),
    ("nothing, and then rain", "each drop arriving alone", "the pond says it all"),
    ("the page is waiting", "one more leaf comes down the stream", "and the page is not"),
    ("before the first word", "a silence about as long", "as a held-in breath"),
    ("morning at the gate", "someone has left it open", "for what may still come"),
)

_COUPLETS = (
    ("I went to look for {t} in the first of the light", "and found it was kept by the last of the night."),
    ("They asked me of {t}; I had little to say,", "so I said it in pieces, and spread them all day."),
    ("There is no hurry in {t}, there is only the next", "small thing to be said, and then after it, text."),
    ("What the old people knew about {t} they have told", "to the river, who tells it until it is cold."),
    ("You can wait for the whole, you can wait for the end;", "or have {t} as it comes, like a word from a friend."),
    ("I have folded up {t} as you fold up a sheet:", "the far corner to near one, and head down to feet."),
)

_QUATRAINS = (
    (
        "The morning came to ask me, low,",
        "for news of {t}, and none was there;",
        "I told it what the rivers know:",
        "that what is given thins to air.",
    ),
    (
        "So little of it comes at once,",
        "a word, a word, and then a line;",
        "I thought of {t} for many months",
        "and still the thought is hardly mine.",
    ),
    (
        "A lamp goes on across the street,",
        "a kettle starts, a door is shut;",
        "and {t} goes by on quiet feet",
        "along the path the rain has cut.",
    ),
    (
        "Now leave the window as it is,",
        "half open on the end of day:",
        "what comes of {t} will come like this,",
        "in part, and in its own slow way.",
    ),
)

_ACROSTIC = {
    "a": ("After the rain the street is a page", "All that was waiting begins"),
    "b": ("Before any word there is breath", "Birds settle the question of morning"),
    "c": ("Clouds are the drafts of the sky", "Come in, the lamp is still lit"),
    "d": ("Dusk counts its money in swallows", "Down by the water, a bell"),
    "e": ("Each of the windows has somebody's evening", "Even the stones have an opinion of warmth"),
    "f": ("Far off, a train spells its one long name", "Follow the sound of it home"),
    "g": ("Grass leans to hear what was said", "Given an hour, I would spend it here"),
    "h": ("How quietly much of it happens", "Here is the hinge of the day"),
    "i": ("In the beginning, a gap", "Ink is a river that learned to stand still"),
    "j": ("Just enough light to go on by", "January keeps all its letters"),
    "k": ("Keep what you can in your hands", "Kettles rehearse the same song"),
    "l": ("Little by little the harbour fills", "Let it arrive as it likes"),
    "m": ("Many small things make the weather", "Mist is the hill thinking twice"),
    "n": ("Nothing is lost that was listened to", "Night puts its coat on the chair"),
    "o": ("Over the roofs goes the word", "One lamp, and the moths all agree"),
    "p": ("Patience is only a slower yes", "Paths are what walking leaves over"),
    "q": ("Quiet, the reeds are reciting", "Questions come in with the tide"),
    "r": ("Rivers forget, and are faithful", "Rain is the roof's way of reading"),
    "s": ("Somewhere a door is left open", "Slowly, the way honey travels"),
    "t": ("Then comes the part with no name", "Tell it in pieces, it keeps"),
    "u": ("Under the snow there are plans", "Unhurried, a heron takes off"),
    "v": ("Voices come up from the garden", "Valleys hold on to their echo"),
    "w": ("Wind turns a page, and another", "What is not said yet is near"),
    "x": ("X marks the place we had looked", "Xylem and sap, the slow climbing"),
    "y": ("Yesterday folds like a map", "Yes, says the tide, and again"),
    "z": ("Zero is where we set out", "Zigzag, the swift sews the evening"),
}


def write(prompt: str, rng: random.Random) -> str:
    """A poem on the topic that the prompt names, in the form it names or one that `rng` chooses."""
    topic = topic_of(prompt)
    named = [form for name, form in _FORMS.items() if name in prompt.lower()]
    form = named[0] if named else rng.choice(list(_FORMS.values()))
    return form(topic, rng)


def topic_of(prompt: str) -> str:
    """What the poem is to be about: the words after "about", "on", "of" ..., or what is left of the prompt."""
    match = next((found for pattern in _TOPICS if (found := pattern.search(prompt))), None)
    topic = match[1] if match else _FILLER.sub(" ", prompt)
    topic = " ".join(topic.split()).rstrip(_NOISE)
    if len(topic) > _LONGEST_TOPIC:
        topic = topic[:_LONGEST_TOPIC].rsplit(" ", 1)[0]
    return topic or "what comes next"


def _haiku(topic: str, rng: random.Random) -> str:
    return _titled(topic, [list(rng.choice(_HAIKU))])


def _couplets(topic: str, rng: random.Random) -> str:
    return _titled(topic, [[line.format(t=topic) for line in pair] for pair in rng.sample(_COUPLETS, 3)])


def _quatrains(topic: str, rng: random.Random) -> str:
    return _titled(topic, [[line.format(t=topic) for line in verse] for verse in rng.sample(_QUATRAINS, 2)])


def _acrostic(topic: str, rng: random.Random) -> str:
    letters = [letter for letter in max(topic.split(), key=len).lower() if letter in _ACROSTIC][:12]
    if len(letters) < 3:
        return _quatrains(topic, rng)
    lines = [rng.choice(_ACROSTIC[letter]) for letter in letters]
    return _titled(topic, [[f"**{line[0]}**{line[1:]}" for line in lines]])


def _titled(topic: str, verses: list[list[str]]) -> str:
    """Markdown: a title, then verses; two blanks at the end of a line keep the line breaks."""
    title = topic[0].upper() + topic[1:]
    return f"### {title}\n\n" + "\n\n".join("  \n".join(verse) for verse in verses)


_FORMS: dict[str, Callable[[str, random.Random], str]] = {
    "haiku": _haiku,
    "couplet": _couplets,
    "quatrain": _quatrains,
    "acrostic": _acrostic,
}
