"""What tests of applications are given: a model that says again what was recorded, and time that stands still."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import openai
import pytest
from burr.core import Application, State

from apps.graphs import build, does, streams
from burr_chat_widget import BurrChat, demo, offline
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.testing import FakeClock, scripted_model

PROMPTS = ("Write a poem about the sea", "What is a delta?", "Tell me something unsafe", "Write a poem about rivers")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lesson.jsonl"


def transcript(chat: BurrChat) -> list[Any]:
    return [
        (turn.prompt, turn.status, turn.actions, turn.text, [delta.text for delta in turn.deltas])
        for turn in chat.turns
    ]


async def played(app: Application[Any], prompts: tuple[str, ...], file: Path | None = None) -> list[Any]:
    """What comes of some prompts."""
    chat = BurrChat(app)
    recorder = None if file is None else chat.record(file)
    for prompt in prompts:
        await chat.send(prompt)
    if recorder is not None:
        recorder.stop()
    said = [*transcript(chat), chat.app.state["chat_history"]]
    chat.close()
    return said


@pytest.fixture
async def lesson(file: Path) -> list[Any]:
    """The transcript of a recorded lesson, with a model that says other things each time that it is asked again."""
    model = offline.client(rate=5000, first_token=0.0, seed=7)
    return await played(demo.application(client=model, pause=0), PROMPTS, file)


async def test_a_recorded_lesson_is_played_again(lesson: list[Any], file: Path) -> None:
    model = scripted_model(file)
    assert isinstance(model, openai.AsyncOpenAI)
    assert await played(demo.application(client=model, pause=0), PROMPTS) == lesson


async def test_actions_that_block_or_do_not_stream_get_the_same_answers(lesson: list[Any], file: Path) -> None:
    blocking = scripted_model(file, sync=True)
    assert isinstance(blocking, openai.OpenAI)
    assert await played(demo.application(client=blocking, sync=True, pause=0), PROMPTS) == lesson
    whole = await played(demo.application(client=scripted_model(file), streaming=False, pause=0), PROMPTS)
    assert [said[:4] for said in whole[:-1]] == [said[:4] for said in lesson[:-1]]
    assert whole[-1] == lesson[-1]


async def test_what_was_not_streamed_can_be(file: Path) -> None:
    model = offline.client(rate=5000, first_token=0.0)
    lesson = await played(demo.application(client=model, streaming=False, pause=0), PROMPTS, file)
    again = await played(demo.application(client=scripted_model(file), pause=0), PROMPTS)
    assert [said[:4] for said in again[:-1]] == [said[:4] for said in lesson[:-1]]
    assert len(again[0][4]) == 1, "one delta with all of it"


async def test_burr_alone_gets_the_same_answers(lesson: list[Any], file: Path) -> None:
    app = demo.application(client=scripted_model(file), pause=0)
    _, stream = await app.astream_result(halt_after=["generate_poem"], inputs={"prompt": "anything"})
    assert "".join([item["delta"] async for item in stream]) == lesson[0][3]
    assert app.state["response"]["content"] == lesson[0][3]


async def test_each_run_of_an_action_has_its_own_answer_whatever_is_asked(lesson: list[Any], file: Path) -> None:
    recording = Recording.read(file)
    poems = [step for step in recording.steps if step.action == "generate_poem"]
    assert len(poems) == 2
    model = scripted_model(recording)
    said = await played(demo.application(client=model, pause=0), ("poem", "question"))
    assert [each[3] for each in said[:-1]] == [lesson[0][3], lesson[1][3]]


@pytest.mark.usefixtures("lesson")
async def test_beyond_the_recording_it_fails_with_words(file: Path) -> None:
    chat = BurrChat(demo.application(client=scripted_model(file), pause=0))
    for prompt in PROMPTS:
        await chat.send(prompt)
    turn = await chat.send("One more")
    assert turn.status == "failed"
    assert turn.error is not None
    words = "the recording 'lesson.jsonl' has no answer: it has 3 runs of action 'decide_mode', and this is number 4"
    assert words in turn.error.message
    chat.close()


async def ask(client: Any, **options: Any) -> Any:
    return await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": "hello"}], **options
    )


async def speak(state: State, client: Any, prompt: str, times: int = 1) -> Any:  # noqa: ARG001
    said = ""
    for _ in range(times):
        async for chunk in await ask(client, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                if choice.delta.content:
                    said += choice.delta.content
                    yield {"delta": choice.delta.content}, None
    yield {"said": said}, state.update(said=said)


async def decide(state: State, client: Any, prompt: str, wishes: dict[str, Any] | None = None) -> State:  # noqa: ARG001
    completion = await ask(client)
    return state.update(**{"a": completion.choices[0].message.content, **(wishes or {})})


def speaker(client: Any, **options: Any) -> Application[Any]:
    return build(
        ("speak", "speak"), speak=streams(speak, writes=["said"]).bind(client=client, **options), state={"said": ""}
    )


def decider(client: Any, writes: list[str], **wishes: Any) -> Application[Any]:
    made = does(decide, writes=writes).bind(client=client, wishes=wishes)
    return build(("decide", "decide"), decide=made, state=dict.fromkeys(writes, ""))


async def recorded(app: Application[Any], file: Path, *prompts: str) -> None:
    chat = BurrChat(app)
    with chat.record(file):
        for prompt in prompts:
            await chat.send(prompt)
    chat.close()


async def failure(app: Application[Any]) -> str:
    chat = BurrChat(app)
    turn = await chat.send("hello")
    chat.close()
    assert turn.status == "failed"
    assert turn.error is not None
    return turn.error.message


async def test_one_run_asks_once(file: Path) -> None:
    await recorded(speaker(offline.client(rate=5000, first_token=0.0)), file, "one")
    message = await failure(speaker(scripted_model(file), times=2))
    assert "this run of 'speak' has asked before, and the recording holds one answer for each run" in message


async def test_an_action_that_was_never_recorded(file: Path) -> None:
    await recorded(speaker(offline.client(rate=5000, first_token=0.0)), file, "one")
    message = await failure(decider(scripted_model(file), ["a"]))
    assert "it has no run of action 'decide', and this is number 1" in message


@pytest.mark.usefixtures("lesson")
async def test_outside_of_actions_nobody_can_tell(file: Path) -> None:
    # In a thread, which has a context of its own: Burr 0.42 leaves in that of the tests what it ran in them.
    with pytest.raises(openai.BadRequestError, match="no action of Burr's is running"):
        await asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(ask(scripted_model(file))))


async def test_of_several_strings_the_one_that_was_written_is_the_answer(file: Path) -> None:
    model = offline.client(rate=5000, first_token=0.0)
    await recorded(decider(model, ["a", "b"]), file, "one")
    answer = Recording.read(file).steps[0].after["a"]
    chat = BurrChat(decider(scripted_model(file), ["a", "b"]))
    assert (await chat.send("hello")).status == "completed"
    assert chat.app.state["a"] == answer
    chat.close()
    await recorded(decider(model, ["a", "b"], b="other"), file.with_name("two.jsonl"), "one")
    message = await failure(decider(scripted_model(file.with_name("two.jsonl")), ["a", "b"]))
    assert "which of the strings that it wrote is the answer cannot be told: 'a', 'b'" in message


async def test_an_answer_that_is_not_in_the_recording_is_not_taken_for_an_empty_one(file: Path) -> None:
    chat = BurrChat(decider(offline.client(rate=5000, first_token=0.0), ["a", "b"]), checkpoints=1)
    for prompt in ("one", "two", "three"):
        await chat.send(prompt)
    chat.record(file, turns=chat.turns[1:]).stop()  # the first one said its answer as a message
    chat.close()
    assert [step.after is None for step in Recording.read(file).steps] == [True, False]
    message = await failure(decider(scripted_model(file), ["a", "b"]))
    assert "'decide', streamed nothing, and what it wrote is not in the recording" in message


async def test_a_step_that_failed_fails_again_where_it_did(file: Path) -> None:
    faults = offline.Fault(drop_after=5)
    await recorded(speaker(offline.client(rate=5000, first_token=0.0, faults=faults)), file, "one")
    (step,) = Recording.read(file).steps
    chat = BurrChat(speaker(scripted_model(file)))
    turn = await chat.send("one")
    assert turn.status == "failed"
    assert turn.error is not None
    assert step.error is not None
    assert step.error in turn.error.message
    assert [delta.text for delta in turn.deltas] == [text for text, _ in step.deltas]
    chat.close()


async def test_it_waits_only_when_asked(file: Path) -> None:
    await recorded(speaker(offline.client(rate=100, first_token=0.05)), file, "one")
    (step,) = Recording.read(file).steps
    times = [step.started, *(monotonic for _, monotonic in step.deltas)]
    for speed in (1.0, 4.0):
        clock = FakeClock()
        chat = BurrChat(speaker(scripted_model(file, speed=speed, sleep=clock.sleep)))
        await chat.send("one")
        chat.close()
        assert len(clock.slept) == len(step.deltas)
        assert clock() - 1000 == pytest.approx((times[-1] - times[0]) / speed)
    clock = FakeClock()
    chat = BurrChat(speaker(scripted_model(file, sleep=clock.sleep)))
    await chat.send("one")
    chat.close()
    assert clock.slept == []


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
@pytest.mark.usefixtures("lesson")
async def test_a_speed_that_is_none(speed: float, file: Path) -> None:
    with pytest.raises(ValueError, match=r"must be above 0, or None for no waiting"):
        scripted_model(file, speed=speed)


@pytest.mark.usefixtures("lesson")
async def test_a_chat_with_it_names_no_network(file: Path) -> None:
    model = scripted_model(file)
    assert demo.describe(model) == "offline-model (no network)"
    clients = await asyncio.gather(model.close())
    assert clients == [None]
