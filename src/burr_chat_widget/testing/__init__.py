"""What tests of an application can use: a model that says again what was recorded, time that stands still, and a page.

::

    from burr_chat_widget import BurrChat, demo
    from burr_chat_widget.testing import scripted_model


    async def test_the_lesson():
        chat = BurrChat(demo.application(client=scripted_model("lesson.jsonl")))
        turn = await chat.send("Write a poem about the sea")
        assert turn.actions[-1] == "generate_poem"

Needs `openai`, as the offline model does: `pip install 'burr-chat-widget[demo]'`.
"""

from .clock import FakeClock
from .comm import RecordingComm
from .scripted import scripted_model

__all__ = ["FakeClock", "RecordingComm", "scripted_model"]
