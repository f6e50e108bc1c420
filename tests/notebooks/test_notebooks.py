"""Every notebook that ships is executed on a real kernel; `EXPECTED` says what its cells must give."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import Execute

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.name: path for path in sorted(FOLDER.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts}


@dataclass(frozen=True)
class Expected:
    """What a notebook's cells must give.

    Attributes:
        checks: statements that run after the cell of that id, in the same kernel.
        printed: texts that the cell of that id prints.
        widgets: ids of the cells that display a widget, no others do.
    """

    checks: dict[str, str]
    printed: dict[str, list[str]]
    widgets: set[str]


EXPECTED = {
    "01_quickstart.ipynb": Expected(
        checks={
            "application": "assert app.graph.entrypoint.name == 'prompt'",
            "display": "assert chat.app is app and chat.turns == []",
            "send": """
assert chat.turns == [turn]
assert (turn.status, turn.error) == ("completed", None)
assert turn.actions == ["prompt", "check_safety", "decide_mode", "generate_poem"]
assert "".join(delta.text for delta in turn.deltas) == turn.text
assert "sea" in turn.text and turn.text.count("\\n") > 4
assert [delta.time for delta in turn.deltas] == sorted(delta.time for delta in turn.deltas)
""",
            "graph": "assert chat.graph.chat is chat and chat.graph is chat.graph",
            "state": """
assert [message["role"] for message in chat.app.state["chat_history"]] == ["user", "assistant"]
assert chat.app.state["chat_history"][1]["content"] == turn.text
""",
            "own": """
echoed = await echo_chat.send("Is there anybody out there?")
assert (echoed.status, echoed.actions) == ("completed", ["echo"])
assert echoed.text == "**Is** **there** **anybody** **out** **there?** "
assert echo_app.state["count"] == 1
""",
            "bridge": """
from burr_chat_widget.protocol.events import TurnCompleted, TurnStarted
assert isinstance(events[0], TurnStarted) and isinstance(events[-1], TurnCompleted)
assert [event.action for event in events if isinstance(event, StepStarted)][-1] == "answer_question"
assert len([event for event in events if isinstance(event, TextDelta)]) > 20
""",
            "events": "assert [e.monotonic for e in events] == sorted(e.monotonic for e in events)",
        },
        printed={
            "send": ["completed by way of prompt -> check_safety -> decide_mode -> generate_poem", "deltas, the first"],
            "state": ["user: 'Write a poem about the sea'", "mode: generate_poem"],
            "bridge": ["[decide_mode]", "[answer_question]"],
            "events": ["TurnStarted", "StateChanged", "TransitionTaken", "StepFinished", "TurnCompleted"],
        },
        widgets={"display", "graph", "own"},
    ),
    "02_your_own_app.ipynb": Expected(
        checks={
            "counter": "assert counter_chat.app is counter and counter_chat.turns == []",
            "counter-send": """
assert (turn.status, turn.error, turn.text) == ("completed", None, "I have counted to 5.")
assert turn.actions == ["count"] * 5 + ["tell"]
counter.reset_to_entrypoint()
again = await counter_chat.send()
assert (again.text, counter.state["count"]) == ("I have counted to 10.", 10)
""",
            "approve": """
assert (asked.status, asked.actions, asked.text) == ("completed", ["listen", "ask_model"], "")
assert assistant_chat.app.state["arguments"] == {"room": "bathroom", "degrees": 24}
assert (allowed.status, allowed.actions) == ("completed", ["ask_person", "run_tool", "ask_model"])
assert allowed.text == "`set_temperature` says: the bathroom is heated to 24 °C"
assert [message["role"] for message in assistant_chat.app.state["messages"]] == ["user", "assistant", "tool", "assistant"]
assert FLAT == {"kitchen": 19, "bedroom": 17, "bathroom": 24}
""",
            "refuse": """
from burr_chat_widget.errors import InvalidInput
assert refused.actions == ["ask_person", "refuse", "ask_model"]
assert "not run, as a person refused. Nobody sleeps at 35 degrees." in refused.text
warm = await assistant_chat.send("How warm is the bedroom?")
assert warm.actions == ["listen", "ask_model", "run_tool", "ask_model"]
assert warm.text == "`read_temperature` says: it is 17 °C in the bedroom"
await assistant_chat.send("Set the kitchen to 30 degrees")
try:
    await assistant_chat.send(decision="perhaps")
except InvalidInput as error:
    assert error.fields.keys() == {"decision"}
else:
    raise AssertionError("an answer that is no choice was taken")
assert (await assistant_chat.send(decision="refuse")).status == "completed" and FLAT["kitchen"] == 19
""",
            "typed-send": """
from burr_chat_widget import stream_turn
from burr_chat_widget.protocol.events import PartDelta
assert (turn.status, turn.actions, type(poem)) == ("completed", ["write"], Poem)
assert (poem.title, len(poem.verses), poem.lines) == ("Rivers", 3, 6)
shown = [event async for event in stream_turn(writer, {"topic": "rain"}) if isinstance(event, PartDelta)]
assert len(shown) > 20 and {(part.kind, part.name) for part in shown} == {("data", "Poem")}
assert writer.state.data.poem.title == "Rain"
""",
            "parallel-send": """
assert (turn.status, turn.actions) == ("completed", ["choose", "poets"])
assert turn.text == contest.state["answer"]
places = [turn.text.index(f"**{form}**\\n\\n### A lighthouse") for form in ("haiku", "couplets", "acrostic")]
assert places[0] == 0 and places == sorted(places)
""",
            "said-send": """
assert (turn.status, turn.actions, turn.inputs) == ("completed", ["recite"], {"topic": "old bridges", "form": "acrostic"})
assert "".join(delta.text for delta in turn.deltas) == turn.text
assert [line[2] for line in turn.text.splitlines() if line.startswith("**")] == list("BRIDGES")
assert [message["content"] for message in recital_chat.app.state["for_people"]][1:] == [turn.text]
assert [message["role"] for message in recital_chat.app.state["for_model"]] == ["system", "user", "assistant"]
""",
            "render-send": """
assert turn.text.splitlines() == ["| word | times |", "|---|---|", "| the | 4 |", "| more | 2 |",
    "| merrier | 1 |", "| and | 1 |", "| better | 1 |"]
""",
            "open": "assert store.is_file()",
            "again": """
assert kept_chat.app.uid == "at home" and kept_chat.turns == []
assert [message["role"] for message in kept_chat.app.state["messages"]] == ["user", "assistant", "tool", "assistant", "user", "assistant"]
assert FLAT["kitchen"] == 19
""",
            "go-on": """
assert (turn.status, turn.actions) == ("completed", ["ask_person", "run_tool", "ask_model"])
assert len(kept_chat.app.state["messages"]) == 8 and FLAT["kitchen"] == 18
""",
        },
        printed={
            "counter-send": ["count -> count -> count -> count -> count -> tell", "I have counted to 5."],
            "approve": ["and asks: May I run set_temperature with room = bathroom, degrees = 24?"],
            "refuse": ["'bedroom': 17"],
            "typed-send": ["completed | Poem | Rivers | 6 lines"],
            "parallel-send": ["choose -> poets", "3 poems"],
            "words": ["ConventionError: each of the state keys 'for_model', 'for_people' looks like the conversation"],
            "said-send": ["deltas, the first '###'", "### Old bridges"],
            "render-send": ["| the | 4 |"],
            "open": ["it is 19 °C in the kitchen", "May I run set_temperature with room = kitchen, degrees = 18?"],
            "go-on": ["ask_person -> run_tool -> ask_model | `set_temperature` says: the kitchen is heated to 18 °C"],
        },
        widgets={"counter", "tools", "typed", "parallel", "said", "render", "again"},
    ),
    "03_step_through_state.ipynb": Expected(
        checks={
            "refused": """
assert (turn.status, turn.actions) == ("completed", ["prompt", "check_safety", "refuse"])
assert turn.text == "I would rather not talk about that."
""",
            "inspector": "assert (chat.inspector.chat, chat.inspector.view) == (chat, 'inspector')",
            "pause": "assert not sent.done() and len(chat.checkpoints) == 3",
            "step": """
held = chat.turns[-1]
assert (held.status, held.actions, held.prompt) == ("running", ["prompt"], PROMPT)
assert len(chat.app.state["chat_history"]) == 3
""",
            "breakpoint": """
assert chat.turns[-1] is held and (held.status, held.actions) == ("running", ["prompt", "check_safety"])
assert [str(point) for point in chat.breakpoints] == ["after check_safety"]
assert not sent.done()
""",
            "fork": """
assert [check.state["found"] for check in checks] == [["kill"], ["kill"]]
assert forked.app.uid != chat.app.uid and forked.app.parent_pointer.app_id == chat.app.uid
assert forked.app.parent_pointer.sequence_id == checks[-1].sequence_id
assert (forked.app.state["found"], chat.app.state["found"]) == ([], ["kill"])
assert forked.app.get_next_action().name == "answer" and held.status == "running"
""",
            "delta": """
half = forked.turns[-1]
assert (half.status, half.actions, len(half.deltas)) == ("running", ["answer"], 4)
assert len(forked.app.state["chat_history"]) == 3
""",
            "forked-on": """
assert turn is half and (turn.status, turn.actions) == ("completed", ["answer"])
assert len(turn.text.splitlines()) == 5 and len(turn.deltas) > 4
assert forked.app.state["chat_history"][-1] == {"role": "assistant", "content": turn.text}
""",
            "stop": """
assert turn is held and (turn.status, turn.actions) == ("stopped", ["prompt", "check_safety"])
assert len(chat.app.state["chat_history"]) == 2
""",
            "rewind": """
assert (turn.status, turn.actions) == ("completed", ["answer"])
assert [message["content"] for message in chat.app.state["chat_history"]] == [PROMPT, turn.text]
assert chat.app.sequence_id > checks[-1].sequence_id
assert [each.action for each in chat.checkpoints] == ["prompt", "check_safety", "answer"]
""",
            "mended-send": """
assert [each.status for each in mended.turns] == ["completed"] * 2 and len(mended.turns[0].text.splitlines()) == 5
assert mended.app.state["found"] == ["bomb"]
""",
            "case": """
import json
cases = json.loads((folder / "test_check_safety.json").read_text())
assert [case["input_state"]["prompt"] for case in cases] == [PROMPT, "How do I build a bomb?"]
assert [case["expected_state"]["found"] for case in cases] == [[], ["bomb"]]
""",
        },
        printed={
            "refused": ["prompt -> check_safety -> refuse | I would rather not talk about that."],
            "step": ["after 'prompt'", "next: check_safety"],
            "breakpoint": ["next:  refuse", "found: ['kill']"],
            "forked-on": ["answer | completed", "### Skills"],
            "stop": ["stopped | ['Write a haiku about skills', 'I would rather not talk about that.']"],
            "rewind": ["### Skills"],
            "mended-send": [
                "Write a haiku about skills | prompt -> check_safety -> answer",
                "How do I build a bomb? | prompt -> check_safety -> refuse",
            ],
            "case": [
                "['test_check_safety.json', 'test_check_safety.py']",
                'words = re.findall(r"\\w+", state["prompt"].lower())',
            ],
            "pytest": ["2 passed"],
            "old": ["1 failed", "1 passed", "test_check_safety.py"],
        },
        widgets={"chat", "inspector", "fork", "mended"},
    ),
    # Its cells assert themselves what they teach.
    "04_streaming_from_scratch.ipynb": Expected(
        checks={
            "pace": "assert counter.turns == [] and counter.pace == 0",
            "pace-send": "assert [t.text for t in counter.turns] == ['0 1 2 3 4 5 '] * 2 and counter.pace == 0",
            "recite": "assert not sent.done()",
            "stop": "assert (turn.status, turn.actions, len(turn.deltas)) == ('stopped', ['recite'], 3)",
            "timeline": "assert chat.timeline is chat.timeline and chat.timeline.chat is chat",
            "timeline-send": """
assert (turn.status, turn.actions[-1]) == ("completed", "generate_poem")
assert "".join(delta.text for delta in turn.deltas) == turn.text and len(turn.deltas) > 20
""",
            "faults": "assert chat.faults.next is None and len(chat.turns) == 2",
            "dropped": "assert 0 < len(broken.deltas) < len(after.deltas)",
            "replay": "assert list(replayed.turns[-1].deltas) == list(turn.deltas) and len(replayed.turns) == 1",
            "quiz": "assert (chat.quiz.chat, chat.quiz.view) == (chat, 'quiz')",
        },
        printed={
            "lazy": ["[]"],
            "rest": ["'small words ' ''"],
            "together": ["A to", "B question"],
            "final": ["the      None", "then     'the state comes last '"],
            "bridge-run": ["[prompt]", "[answer_question] A delta is"],
            "stream-turn": ["the same deltas: True", "4 StateChanged"],
            "first": ["in the step that streams it"],
            "queue": ["['make 0', 'make 1', 'make 2', 'take 0', 'take 1', 'take 2']"],
            "pace-send": ["pace 0.2: at least 0.2"],
            "cancel-answer": ["['opens']", "['opens', 'closes']"],
            "stop": ["stopped ['opens', 'closes']", "transcript: 'word word word '", "None"],
            "frames": ["one by one:  2000 messages", "in frames:     30 messages"],
            "sse": ["event: text-delta\ndata: {"],
            "awkward": ["read: []", "BrokenPiece: The chunk was split in the middle of a character"],
            "every-cut": ["read          388 of 388"],
            "resume-answer": ["A delta is what is new"],
            "snapshot": [" of "],
            "timeline-send": ["prompt -> check_safety -> decide_mode -> generate_poem", "deltas of text"],
            "rows": ["no page was there to send them to"],
            "dropped": ["failed", "Connection error.", "completed"],
            "record": [" lines for ", "'type': 'text-delta'"],
        },
        widgets={"pace", "chat", "timeline", "replay", "replay-timeline", "quiz"},
    ),
    "05_from_notebook_to_server.ipynb": Expected(
        checks={
            "curl": """
pieces = [json.loads(line.removeprefix("data: ")) for line in answer.split("\\n\\n") if line]
assert pieces[0] == {"type": "chat_history", "value": []}
assert {piece["type"] for piece in pieces[1:]} == {"delta"} and len(pieces) > 10
""",
            "events": "assert kinds.count('text-delta') > 20",
            "connect": """
assert [turn.status for turn in chat.turns] == ["completed"] * 2
assert chat.turns[0].text == "".join(piece["value"] for piece in pieces[1:])
assert len(chat.turns[1].deltas) == kinds.count("text-delta")
""",
            "send": """
assert (turn.status, turn.error, turn.prompt) == ("completed", None, "What is a generator?")
assert chat.turns[-1] is turn and turn.actions[:3] == ["prompt", "check_safety", "decide_mode"]
assert "".join(delta.text for delta in turn.deltas) == turn.text
""",
            "other": "assert [turn.text for turn in other.turns] == [turn.text for turn in chat.turns]",
            "both": "assert len(chat.turns) == len(other.turns) == 4 and list(other.turns[-1].deltas) == list(turn.deltas)",
            "drop": "assert 10 <= len(first) and 'turn-completed' not in {event.event for event in first}",
            "followed": "assert len(chat.turns) == 5 and len(chat.turns[-1].events) == len(numbers)",
            "kill": "assert len(chat.turns) == 5",
            "back": "assert (turn.status, len(chat.turns)) == ('completed', 6)",
            "hold": "assert (turn.status, turn.actions[-1]) == ('completed', 'generate_poem')",
        },
        printed={
            "serve": ["http://127.0.0.1:"],
            "curl": ['data: {"type": "chat_history", "value": []}', 'data: {"type": "delta", "value": "'],
            "events": ["id: 0\nevent: turn-started\ndata: {", "the last one: turn-completed"],
            "connect": ["['What is a delta?', 'Write a poem about rivers']"],
            "send": ["completed | prompt -> check_safety -> decide_mode ->"],
            "refused": ["This server does not do that for its clients: it has no expose='stepping'."],
            "both": ["a turn is running in this conversation", "True"],
            "drop": ["/chats/notebook/rivers/turns/", "the last event that came: "],
            "resume": ["the last is turn-completed"],
            "kill": ["does not answer"],
            "back": ["completed | ", "6 turns, the first: What is a delta?"],
            "hold": ["held before decide_mode", "completed by way of generate_poem"],
            "stop": ["ended: True"],
        },
        widgets={"connect", "other"},
    ),
}


def test_every_notebook_is_expected():
    assert EXPECTED.keys() == NOTEBOOKS.keys()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name: str, execute: Execute):
    expected = EXPECTED[name]
    outputs = execute(read(name), expected.checks)
    for id_, texts in expected.printed.items():
        printed = "".join(output.text for output in outputs[id_] if output.output_type == "stream")
        assert [text for text in texts if text not in printed] == [], printed
    assert {id_ for id_, of_cell in outputs.items() if any(map(is_widget, of_cell))} == expected.widgets


def is_widget(output: Any) -> bool:
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def test_notebooks_are_committed_as_a_newcomer_should_find_them():
    # Not the files in the folder: JupyterLab may have saved outputs into those.
    names = git("ls-files", "-z", "--", "notebooks/*.ipynb").rstrip("\0").split("\0")
    assert {Path(name).name for name in names} == EXPECTED.keys()
    for name in names:
        notebook: Any = nbformat.reads(git("show", f":{name}"), as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        ran = [c.id for c in notebook.cells if c.cell_type == "code" and (c.outputs or c.execution_count is not None)]
        assert ran == [], f"{name} has outputs: clear them before you commit it"


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS[name], as_version=nbformat.NO_CONVERT)


def git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=FOLDER.parent, text=True)
