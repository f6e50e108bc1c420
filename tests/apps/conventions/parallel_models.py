"""Parallelism: one prompt is sent to several models at once, each in an application of its own; the outputs are joined."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, ApplicationContext, State, action
from burr.core.parallelism import MapStates

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["prompt", "models"])
def take_prompt(state: State, prompt: str, models: list[str]) -> State:
    """Takes a prompt, and the models to ask."""
    return state.update(prompt=prompt, models=models)


@action(reads=["prompt", "model"], writes=["output"])
def query_model(state: State) -> State:
    """Asks one model."""
    return state.update(output=f"{state['model']} says {state['prompt']}")


class QueryModels(MapStates):
    """Asks every model."""

    def states(self, state: State, context: ApplicationContext, inputs: dict[str, Any]) -> Generator[State, None, None]:
        """One state for each model."""
        del context, inputs
        for model in state["models"]:
            yield state.update(model=model)

    def action(self, state: State, inputs: dict[str, Any]) -> Any:
        """What runs for each."""
        del state, inputs
        return query_model

    def reduce(self, state: State, states: Generator[State, None, None]) -> State:
        """All outputs."""
        return state.update(all_outputs=[sub["output"] for sub in states])

    @property
    def reads(self) -> list[str]:
        return ["prompt", "models"]

    @property
    def writes(self) -> list[str]:
        return ["all_outputs"]


@action(reads=["all_outputs"], writes=["joined"])
def join_outputs(state: State) -> tuple[dict[str, Any], State]:
    """Puts the outputs under each other."""
    joined = "\n\n".join(state["all_outputs"])
    return {"joined": joined}, state.update(joined=joined)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(take_prompt=take_prompt, query_models=QueryModels(), join_outputs=join_outputs)
        .with_transitions(
            ("take_prompt", "query_models"), ("query_models", "join_outputs"), ("join_outputs", "take_prompt")
        )
        .with_entrypoint("take_prompt")
        .build()
    )


ROWS = {
    "models in parallel": Row(
        application,
        prompt=None,
        history=None,
        delta=None,
        turns=[
            Turn(
                {"prompt": "hi", "models": ["large", "small"]},
                ["take_prompt", "query_models", "join_outputs"],
                [("user", "prompt: hi\nmodels: large, small"), ("text", "large says hi\n\nsmall says hi")],
                {"all_outputs": ["large says hi", "small says hi"]},
            ),
            Turn(
                {"prompt": "hi", "models": ["tiny"]},
                ["take_prompt", "query_models", "join_outputs"],
                [("user", "prompt: hi\nmodels: tiny"), ("text", "tiny says hi")],
                {"joined": "tiny says hi"},
            ),
        ],
        fields={"prompt": "text", "models": "list"},
    ),
}
