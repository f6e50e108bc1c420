"""An email assistant, which asks a person in mid-run: what is expected of the application in `apps.email_assistant`."""

from __future__ import annotations

from apps import email_assistant
from apps.conventions.expected import Row, Turn

DRAFT = "Re: Lunch? / Say yes / warm / Ada"

ROWS = {
    "email assistant": Row(
        email_assistant.application,
        prompt=None,
        history=None,
        delta=None,
        turns=[
            Turn(
                {"email_to_respond": "Lunch?", "response_instructions": "Say yes"},
                ["receive", "find_questions"],
                [
                    ("user", "email_to_respond: Lunch?\nresponse_instructions: Say yes"),
                    ("data", email_assistant.QUESTIONS),
                ],
                {"clarification_questions": email_assistant.QUESTIONS},
            ),
            Turn(
                {"clarification_inputs": ["warm", "Ada"]},
                ["clarify", "draft"],
                [("user", f"{email_assistant.QUESTIONS[0]} warm\n{email_assistant.QUESTIONS[1]} Ada"), ("text", DRAFT)],
                {"drafts": [DRAFT]},
            ),
            Turn(
                "shorter",
                ["give_feedback", "draft"],
                [("user", "shorter"), ("text", f"{DRAFT} / (shorter)")],
                {"drafts": [DRAFT, f"{DRAFT} / (shorter)"]},
            ),
            Turn(
                "fine",
                ["give_feedback", "finish"],
                [("user", "fine"), ("text", f"Ready: {DRAFT} / (shorter)")],
                {"final_draft": f"Ready: {DRAFT} / (shorter)"},
                ends=True,
            ),
        ],
        fields={"email_to_respond": "text", "response_instructions": "text"},
    ),
}
