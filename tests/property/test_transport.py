"""snapshot(n) + frames(n+1..m) = snapshot(m), whatever the batching, loss or reload; memory is bounded."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.coalesce import FRAME_TEXT, TextRun
from burr_chat_widget.transport.limits import SINGLY, Limits
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


@given(events=turns(), limits=st.sampled_from([Limits(), SINGLY]), data=st.data())
def test_a_page_ends_with_the_kernels_view_whatever_is_lost_delayed_or_doubled(events, limits, data):
    clock = Clock()
    outbox = Outbox(first_view(), limits=limits, clock=clock)
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


said = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.tuples(st.sampled_from(["a", "é", "漢", "𝄞"]), st.integers(1, 3 * FRAME_TEXT)).map(
        lambda drawn: drawn[0] * drawn[1]
    ),
)


def assert_bounded(outbox: Outbox, clock: Clock, began: float, told: str, view: View) -> None:
    """What waits is what was said and is not in the view yet; what is under way is within the window, trickle apart."""
    pending = outbox._pending
    runs = [item for item in pending.items if isinstance(item, TextRun)]
    shown = sum(len(message.text) for message in view.messages)
    assert pending.text == sum(run.length for run in runs) == len(told) - shown
    assert all(run.length <= FRAME_TEXT for run in runs)
    # Runs of one step lie end to end: as few as can be.
    assert all(a.length + b.length > FRAME_TEXT / 2 for a, b in pairwise(runs))
    limits = outbox.limits
    trickled = (clock.now - began) / limits.trickle + 1
    assert len(outbox._sent) <= limits.window_frames + trickled
    assert sum(sent.text for sent in outbox._sent) <= limits.window_text + (trickled + 1) * FRAME_TEXT


@given(data=st.data(), texts=st.lists(said, max_size=30))
def test_memory_is_bounded_by_the_transcript_though_nobody_listens_or_acknowledges(data, texts):
    clock = Clock()
    began = clock.now
    view = first_view()
    outbox = Outbox(view, clock=clock)
    mute: list[Page] = []
    stamp = {"turn": "t1", "time": 0.0}
    outbox.put(e.TurnStarted(**stamp, monotonic=clock.now, inputs={}))
    outbox.put(e.StepStarted(**stamp, monotonic=clock.now, step=1, action="answer"))
    told = ""
    for text in texts:
        match data.draw(st.sampled_from(["say", "say", "say", "take", "new page", "bye"])):
            case "new page":
                mute.append(Page(outbox, f"page{len(mute)}"))
            case "bye" if mute:
                outbox.bye(mute.pop().name)
            case "take":
                clock.now += data.draw(st.sampled_from([0.0, 0.04, 1.0]))
                outbox.take()
            case _:
                outbox.put(e.TextDelta(**stamp, monotonic=clock.now, step=1, text=text))
                told += text
        assert_bounded(outbox, clock, began, told, view)
    # One that listens is not held up by those that are mute, and sees every byte.
    page = Page(outbox, "last")
    settle(outbox, clock, [page])
    assert page.view is not None
    assert "".join(message.text for message in page.view.messages) == told


@given(
    texts=st.lists(said, min_size=1, max_size=12),
    views=st.permutations(["a", "b", "c"]),
    closed=st.integers(0, 30),
)
def test_views_in_any_order_one_of_which_is_closed_at_any_moment(texts, views, closed):
    """Three pages that come one after the other, in any order, and take turns at being quick; one goes at some point."""
    clock = Clock()
    outbox = Outbox(first_view(), clock=clock)
    stamp = {"turn": "t1", "time": 0.0}
    outbox.put(e.TurnStarted(**stamp, monotonic=clock.now, inputs={}))
    outbox.put(e.StepStarted(**stamp, monotonic=clock.now, step=1, action="answer"))
    pages: list[Page] = []
    waiting = list(views)
    for number, text in enumerate(texts):
        if waiting:
            pages.append(Page(outbox, waiting.pop()))
        outbox.put(e.TextDelta(**stamp, monotonic=clock.now, step=1, text=text))
        while (due := outbox.next_due()) is not None and due <= clock.now:
            for message in outbox.take():
                for page in pages:
                    page.receive(message)
        pages[number % len(pages)].ack()
        clock.now += 0.05
        if number == closed and len(pages) > 1:
            outbox.bye(pages.pop(0).name)
    settle(outbox, clock, pages)
    for page in pages:
        assert page.view is not None
        assert page.view.messages[-1].text == "".join(texts)
        assert page.view == everything(outbox, clock)
