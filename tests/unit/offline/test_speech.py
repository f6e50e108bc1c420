"""What the offline model says."""

import ast
import random
import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from burr_chat_widget.offline import poems, shelf
from burr_chat_widget.offline.speech import PASSAGES, SAMPLES, classify, speak
from burr_chat_widget.offline.wire import Message

CHOICES = "Answer with exactly one of these words: answer_question, generate_poem, generate_code, unknown"


def say(*texts: str, seed: int = 0) -> str:
    """The answer to a conversation in which user and assistant take turns."""
    roles = ["user", "assistant"] * len(texts)
    return speak([Message(role, text) for role, text in zip(roles, texts, strict=False)], seed=seed)  # type: ignore[arg-type]


def titles(prompt: str) -> list[str]:
    return [text.title for text in shelf.find(PASSAGES, shelf.words(prompt))]


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("What is streaming?", "answer_question"),
        ("how does cancelling work", "answer_question"),
        ("Explain deltas", "answer_question"),
        ("What is a haiku?", "answer_question"),
        ("What does this code do?", "answer_question"),
        ("backpressure", "answer_question"),
        ("Hello", "answer_question"),
        ("Write a poem about rivers", "generate_poem"),
        ("Can you write me a haiku?", "generate_poem"),
        ("haiku, autumn", "generate_poem"),
        ("Write a function that finds primes", "generate_code"),
        ("How would I implement a binary search?", "generate_code"),
        ("python fizzbuzz", "generate_code"),
        ("Draw me a horse", "unknown"),
        ("hm", "unknown"),
        ("", "unknown"),
        ("你好", "unknown"),
    ],
)
def test_classification(prompt: str, mode: str) -> None:
    assert classify(prompt) == mode
    assert speak([Message("system", CHOICES), Message("user", prompt)]) == mode


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("How does one word get from `yield` to this page?", "From `yield` to the page"),
        ("What is a lazy generator?", "Lazy generators"),
        ("why stream at all?", "Streaming"),
        ("what's the difference between tokens and deltas", "Deltas"),
        ("what is time to first token?", "Time to first token"),
        ("What does backpressure mean?", "Backpressure"),
        ("How can I stop an answer?", "Cancelling"),
        ("How do server-sent events look?", "Server-sent events"),
        ("What is Burr?", "Burr"),
        ("How do streaming actions work in Burr?", "Streaming actions in Burr"),
        ("Which transition does Burr take?", "Transitions and conditions"),
        ("What are Jupyter comms?", "Jupyter comms"),
        ("What can this widget do?", "This widget"),
        ("How do I connect a real model?", "The offline model"),
        ("Can I rewind the chat?", "Checkpoints, rewind and fork"),
    ],
)
def test_questions_find_their_passage(prompt: str, title: str) -> None:
    assert titles(prompt)[0] == title


@pytest.mark.parametrize("folder", [PASSAGES, SAMPLES])
def test_every_text_is_found_by_its_title(folder: str) -> None:
    texts = shelf.shelf(folder)
    assert len({text.title for text in texts}) == len(texts) >= 12
    for text in texts:
        assert shelf.find(folder, shelf.words(text.title))[0] is text


def test_an_instruction_decides_and_is_not_searched() -> None:
    assert say("Please answer this question:\n\nWhat is backpressure?") == say("What is backpressure?")
    assert say("Please write a short poem for this:\n\nbackpressure").startswith("### Backpressure\n")
    assert "```python" in say("Please write code for this:\n\nprimes")


@pytest.mark.parametrize("prompt", ["What is the capital of France?", "Why is the sky blue?", ""])
def test_what_it_does_not_know_it_says_plainly(prompt: str) -> None:
    answer = say(prompt)
    assert answer.startswith("I am the offline model of burr-chat-widget: no language model")
    assert "OPENAI_API_KEY" in answer
    assert "OPENAI_BASE_URL" in answer


@pytest.mark.parametrize("prompt", ["Who are you?", "Are you GPT-4?", "What is your name?", "Are you a real model?"])
def test_it_never_pretends_to_be_a_real_model(prompt: str) -> None:
    assert say(prompt).startswith("I am no language model.")


@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=4))
@example(["a poem about \ud800"])
@example(["!" * 100_000 + "a poem about" + "?" * 100_000])
def test_any_conversation_is_answered(texts: list[str]) -> None:
    assert say(*texts)
    assert say(*texts) == say(*texts)


def test_what_was_said_is_not_said_again_when_more_is_asked_for() -> None:
    first = say("What is streaming?")
    second = say("What is streaming?", first, "Tell me more about streaming")
    assert second != first
    assert shelf.shelf(PASSAGES)[0].body not in second


def test_code_it_does_not_have_is_not_made_up() -> None:
    answer = say("Write code for a web shop")
    assert "I do not invent code" in answer
    assert "- Prime numbers\n" in answer


def test_a_follow_up_goes_on_from_the_earlier_question() -> None:
    first = say("What is backpressure?")
    second = say("What is backpressure?", first, "Tell me more")
    assert second.startswith("That was my passage on it. Next to it stands **")
    assert first not in second
    assert say("What is backpressure?", first, "What is a delta?") == say("What is a delta?")
    assert say("What is backpressure?", first, "What is backpressure?") == first


def test_a_second_request_for_code_gives_another_sample_when_there_is_one() -> None:
    first = say("Write a generator")
    second = say("Write a generator", first, "Write a generator")
    assert "```python" in second
    assert first != second


@pytest.mark.parametrize(
    ("prompt", "topic"),
    [
        ("Write a poem about rivers.", "rivers"),
        ("a haiku on the first snow!", "the first snow"),
        ("an ode to joy", "joy"),
        ("Please write me a poem", "what comes next"),
        ("Write a poem about\n  a \n river", "a river"),
        ("autumn haiku", "autumn"),
        ("poem about {braces} and %s", "{braces} and %s"),
    ],
)
def test_the_topic_of_a_poem(prompt: str, topic: str) -> None:
    assert poems.topic_of(prompt) == topic


def test_poems_are_seeded_and_of_several_forms() -> None:
    written = [say("Write a poem about the sea", seed=seed) for seed in range(20)]
    assert written == [say("Write a poem about the sea", seed=seed) for seed in range(20)]
    assert len({len(poem.splitlines()) for poem in written}) > 2
    assert all(poem.startswith("### The sea\n\n") for poem in written)


@pytest.mark.parametrize(("form", "lines"), [("haiku", 3), ("couplet", 6), ("quatrain", 8), ("acrostic", 6)])
def test_a_form_can_be_asked_for(form: str, lines: int) -> None:
    _, *verses = poems.write(f"a {form} about rivers", random.Random(3)).splitlines()
    assert len([line for line in verses if line]) == lines


def test_an_acrostic_spells_its_topic() -> None:
    assert "".join(re.findall(r"\*\*(\w)\*\*", say("an acrostic about rivers"))) == "RIVERS"


@pytest.mark.parametrize("sample", shelf.shelf(SAMPLES), ids=lambda sample: sample.title)
def test_every_code_sample_runs_and_prints_what_it_says(sample: shelf.Text) -> None:
    fences = re.findall(r"```(\w+)\n(.*?)```", sample.body, re.DOTALL)
    (_, code), (_, printed) = fences
    assert [language for language, _ in fences] == ["python", "text"]
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == printed


@pytest.mark.parametrize("title", ["Lazy generators", "Async generators", "Burr", "Testing a streaming application"])
def test_code_in_passages_that_stands_alone_runs(title: str) -> None:
    (passage,) = [text for text in shelf.shelf(PASSAGES) if text.title == title]
    (code,) = re.findall(r"```python\n(.*?)```", passage.body, re.DOTALL)
    exec(compile(ast.parse(code), title, "exec"), {})
