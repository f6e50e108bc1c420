"""design.md's invariant 1: snapshot(n) + frames(n+1..m) = snapshot(m), whatever the batching, loss or reload."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Clock, Page


def settle(outbox: Outbox, clock: Clock, pages: list[Page]) -> None:
    """Deliver everything, losing nothing, until nothing is left to say."""
    for _ in range(2000):
        due = outbox.next_due()
        if due is None:
            return
        clock.now = max(clock.now, due)
        for message in outbox.take():
            for page in pages:
                page.receive(message)
        for page in pages:
            page.ack()
    raise AssertionError("the outbox does not come to rest")


def everything(outbox: Outbox, clock: Clock) -> View:
    """The whole view, as a page sees it that comes last."""
    page = Page(outbox, "last")
    settle(outbox, clock, [page])
    assert page.view is not None
    return page.view


def reference(events) -> View:
    outbox = Outbox(first_view())
    for event in events:
        outbox.put(event)
    clock = Clock()
    return everything(outbox, clock)


@given(events=turns(), data=st.data())
def test_a_page_ends_with_the_kernels_view_whatever_is_lost_delayed_or_doubled(events, data):
    clock = Clock()
    outbox = Outbox(first_view(), clock=clock)
    pages: list[Page] = []
    for event in events:
        outbox.put(event)
        match data.draw(st.sampled_from(["nothing", "take", "take", "take", "new page", "bye", "reload"])):
            case "take":
                clock.now += data.draw(st.sampled_from([0.0, 0.01, 0.05, 5.0, 100.0]))
                due = outbox.next_due()
                for message in outbox.take() if due is not None and due <= clock.now else []:
                    for page in pages:
                        for _ in range(data.draw(st.sampled_from([1, 1, 1, 0, 2]))):
                            page.receive(message)
                for page in pages:
                    if data.draw(st.booleans()):
                        page.ack()
            case "new page":
                pages.append(Page(outbox, f"page{len(pages)}"))
            case "bye" if pages:
                outbox.bye(pages.pop().name)
            case "reload" if pages:
                pages[-1] = Page(outbox, f"{pages[-1].name}'")
            case _:
                pass
    settle(outbox, clock, pages)
    for page in pages:
        page.look_up()
    settle(outbox, clock, pages)
    expected = everything(outbox, clock)
    for page in pages:
        assert page.view == expected
    assert expected == reference(events)


@given(events=turns())
def test_a_view_survives_the_wire(events):
    view = reference(events)
    assert msgspec.json.decode(msgspec.json.encode(view), type=View) == view
