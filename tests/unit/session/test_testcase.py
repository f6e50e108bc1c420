"""A step as a test case on disk."""

from __future__ import annotations

import json
from pathlib import Path

from apps import scripted
from burr_chat_widget import BurrChat


async def test_half_of_a_surrogate_pair_in_the_state_is_kept(tmp_path: Path):
    chat = BurrChat(scripted.application())
    chat.app.update_state(chat.app.state.update(half="\ud83c"))
    turn = await chat.send("hello")
    module = chat.to_test(turn.steps[-1], tmp_path)
    chat.close()
    (case,) = json.loads(module.with_suffix(".json").read_text("utf-8"))
    assert "\ud83c" in case["input_state"].values()
