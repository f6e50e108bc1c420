"""What happens inside a step reaches the page while it happens, whichever loop the turn runs on."""

from __future__ import annotations

import pytest

from burr_chat_widget.protocol.view import Span, View
from support.kernel import Kernel, KernelPage

pytestmark = pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True)

both = pytest.mark.parametrize("runner", ["thread", "kernel"])


def show(kernel: Kernel, application: str, runner: str) -> KernelPage:
    kernel.run("from apps import gates, nested, parallel")
    kernel.run(f"chat = BurrChat({application}, runner={runner!r})")
    return KernelPage.show(kernel)


def spans(view: View) -> list[Span]:
    return [span for step in view.steps for span in step.spans]


def inside(view: View) -> set[tuple[str, str]]:
    """The names of what runs or ran inside, with how it stands; of parallel parts their words."""
    return {(span.given.get("word", span.name), span.status) for span in spans(view) if span.kind != "action"}


@pytest.mark.parametrize(
    ("runner", "kind"),
    # A sync action blocks the kernel's loop, and with it its own turn: there is no "kernel" with "map-states".
    [("thread", "map-states"), ("thread", "map-states-on-loop"), ("kernel", "map-states-on-loop")],
)
def test_parallel_parts(kernel: Kernel, runner: str, kind: str):
    page = show(kernel, f"parallel.application({kind!r})", runner)
    kernel.run("gates.hold('one', 'two')")
    request = page.send("one two")
    page.until(lambda view: inside(view) == {("'one'", "running"), ("'two'", "running")}, "both parts to run")
    kernel.run("gates.release('two')")
    page.until(lambda view: inside(view) == {("'one'", "running"), ("'two'", "done")}, "one of them to end")
    assert page.view is not None
    (told,) = [span for span in spans(page.view) if span.given.get("word") == "'two'"]
    assert [(change.key, change.after) for change in told.changes] == [("loud", "'TWO'")]
    assert page.view.status == "running"
    kernel.run("gates.release()")
    page.wait_for_turn(request)
    assert inside(page.view) == {("'one'", "done"), ("'two'", "done")}


@both
def test_spans_of_a_tracer(kernel: Kernel, runner: str):
    page = show(kernel, "nested.traced()", runner)
    kernel.run("gates.hold('async within')")
    request = page.send(None)
    page.until(
        lambda view: view.steps and view.steps[-1].action == "async_work" and len(view.steps[-1].spans) == 2, "spans"
    )
    assert page.view is not None
    step = page.view.steps[-1]
    outside, within = step.spans
    assert [(span.name, span.status, span.parent) for span in step.spans] == [
        ("outside", "running", None),
        ("within", "running", outside.span),
    ]
    kernel.run("gates.release()")
    page.wait_for_turn(request)
    assert {within.status, *(span.status for span in spans(page.view) if span.name != "broken")} == {"done"}
    attributes = {
        name: value for step in page.view.steps for span in step.spans for name, value in span.attributes.items()
    }
    assert (attributes["where"], attributes["size"]) == ("'span'", "3")


@both
def test_a_turn_that_is_stopped_meanwhile(kernel: Kernel, runner: str):
    page = show(kernel, "nested.nesting('astream_result', streaming=True)", runner)
    kernel.run("gates.hold('say')")
    request = page.send(None)
    page.until(lambda view: any(span.name == "say" for span in spans(view)), "the nested stream")
    page.stop()
    page.wait_for_turn(request)
    assert page.view is not None
    assert {span.name: span.status for span in spans(page.view)} == {
        "inner": "stopped",
        "think": "done",
        "say": "stopped",
    }
    kernel.run("gates.release()")
    page.wait_for_turn(page.send(None))
    assert [turn.status for turn in page.view.turns] == ["stopped", "completed"]
