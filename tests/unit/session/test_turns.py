"""How a turn ends that the bridge itself could not end."""

from __future__ import annotations

from typing import Any

from burr.core import State

from apps.graphs import build, does
from burr_chat_widget import BurrChat

SECRET = "sk-7f3a"


async def test_a_turn_that_breaks_off_names_nothing_that_is_hidden() -> None:
    def act(state: State, prompt: str, api_key: str) -> State:  # noqa: ARG001
        def refuse(_: Any) -> None:
            raise RuntimeError(f"no way back from {prompt} with {api_key}")

        app.update_state = refuse
        raise ValueError("no")

    app: Any = build(act=does(act))
    chat = BurrChat(app, inputs={"api_key": SECRET})
    turn = await chat.send("here")
    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error.message == "no way back from here with <redacted>"
    assert SECRET not in str(turn.error)
    chat.close()
