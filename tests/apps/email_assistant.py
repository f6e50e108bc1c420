"""An email assistant that asks a person in mid-run: for two inputs, for clarifications, for feedback until there is none.

receive -> find_questions -> clarify (when there are questions) -> draft -> give_feedback -> draft, or finish, where it ends.
No model: what it asks and writes follows from what it is told. Instructions that say "formal" leave nothing to ask.
"""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, expr

QUESTIONS = ["Which tone should it have?", "Who signs it?"]


@action(reads=[], writes=["email", "instructions", "answers", "drafts", "feedback"])
def receive(state: State, email_to_respond: str, response_instructions: str) -> State:
    """Takes the email to answer, and what to say in the answer."""
    return state.update(
        email=email_to_respond, instructions=response_instructions, answers=[], drafts=[], feedback=None
    )


@action(reads=["instructions"], writes=["clarification_questions"])
def find_questions(state: State) -> State:
    """Finds what the instructions leave open."""
    return state.update(clarification_questions=[] if "formal" in state["instructions"] else QUESTIONS)


@action(reads=["clarification_questions"], writes=["answers"])
def clarify(state: State, clarification_inputs: list[str]) -> State:
    """Takes the answers to the questions."""
    return state.update(answers=clarification_inputs)


@action(reads=["email", "instructions", "answers", "drafts", "feedback"], writes=["current_draft", "drafts"])
def draft(state: State) -> tuple[dict[str, Any], State]:
    """Writes a draft."""
    parts = [f"Re: {state['email']}", state["instructions"], *state["answers"]]
    if state["feedback"]:
        parts.append(f"({state['feedback']})")
    text = " / ".join(parts)
    return {"draft": text}, state.update(current_draft=text).append(drafts=text)


@action(reads=["current_draft"], writes=["feedback", "done"])
def give_feedback(state: State, feedback: str) -> State:
    """What should be changed? Say "fine" when nothing is."""
    return state.update(feedback=feedback, done=feedback == "fine")


@action(reads=["current_draft"], writes=["final_draft"])
def finish(state: State) -> tuple[dict[str, Any], State]:
    """Hands over the last draft."""
    text = f"Ready: {state['current_draft']}"
    return {"final_draft": text}, state.update(final_draft=text)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(receive, find_questions, clarify, draft, give_feedback, finish)
        .with_transitions(
            ("receive", "find_questions"),
            ("find_questions", "clarify", expr("len(clarification_questions) > 0")),
            ("find_questions", "draft"),
            ("clarify", "draft"),
            ("draft", "give_feedback"),
            ("give_feedback", "finish", expr("done")),
            ("give_feedback", "draft"),
        )
        .with_entrypoint("receive")
        .build()
    )
