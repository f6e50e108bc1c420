"""Who listens to an outbox hears what is told, in the order in which it is seen."""

from __future__ import annotations

import threading
from typing import Any

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view

STAMP: dict[str, Any] = {"time": 1.0, "monotonic": 1.0, "turn": "t1"}


def test_they_hear_from_when_they_listen_until_they_do_not() -> None:
    outbox = Outbox(first_view())
    heard: list[Any] = []
    seen: list[View] = []

    def listen(told: Any) -> None:
        heard.append(told)
        seen.append(outbox.view())

    started, ended, other = e.TurnStarted(**STAMP, inputs={}), e.TurnCompleted(**STAMP), first_view()
    outbox.put(started)
    outbox.listen(listen)
    outbox.put(ended)
    outbox.replace(other)
    outbox.unlisten(listen)
    outbox.put(started)
    assert heard == [ended, other]
    assert [[turn.status for turn in view.turns] for view in seen] == [["completed"], []]


def test_what_one_of_them_puts_comes_behind_what_it_was_told_to_the_others_too() -> None:
    outbox = Outbox(first_view())
    heard: list[Any] = []
    notices = [e.Notice(**STAMP, level="info", text=text) for text in "ab"]

    def answer(told: Any) -> None:
        if told in (started, other):
            outbox.put(notices[told is other])

    started, other = e.TurnStarted(**STAMP, inputs={}), first_view()
    outbox.listen(answer)
    outbox.listen(heard.append)
    outbox.put(started)
    outbox.replace(other)
    assert heard == [started, notices[0], other, notices[1]]


def test_what_several_threads_tell_is_heard_in_the_order_in_which_it_is_seen() -> None:
    outbox = Outbox(first_view())
    heard: list[str] = []
    outbox.listen(lambda told: heard.append(told.text))
    barrier = threading.Barrier(4)

    def tell(name: int) -> None:
        barrier.wait()
        for number in range(300):
            outbox.put(e.Notice(**STAMP, level="info", text=f"{name}.{number}"))

    threads = [threading.Thread(target=tell, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 1200
    assert [message.text for message in outbox.view().messages] == heard


def test_nothing_is_told_while_somebody_holds_the_order() -> None:
    outbox = Outbox(first_view())
    told = threading.Thread(target=outbox.put, args=(e.Notice(**STAMP, level="info", text="late"),))
    with outbox.order:
        told.start()
        before = outbox.view()
        outbox.put(e.Notice(**STAMP, level="info", text="mine"))
        assert [message.text for message in outbox.view().messages] == ["mine"]
    told.join()
    assert before.messages == []
    assert [message.text for message in outbox.view().messages] == ["mine", "late"]
