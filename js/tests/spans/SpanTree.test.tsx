import { cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, describe, expect, it } from "vitest";
import type { Step } from "../../src/protocol.gen";
import { SpanTree } from "../../src/spans/SpanTree";
import { compared, many, span, step, traced } from "./samples";

afterEach(cleanup);

function show(...steps: Step[]) {
  const { container, rerender } = render(<SpanTree steps={steps} label="Inside compare" />);
  const page = within(container as HTMLElement);
  return {
    page,
    container,
    again: (...next: Step[]) => rerender(<SpanTree steps={next} label="Inside compare" />),
    rows: () => [...container.querySelectorAll(".bcw-spans-item")],
    unfold: (name: RegExp) => fireEvent.click(page.getByRole("button", { name, expanded: false })),
  };
}

describe("the tree on the page", () => {
  it("shows a row for each application, folded, with what was given and what came of it", () => {
    const { page, rows } = show(compared("failed"));
    expect(page.getByRole("list", { name: "Inside compare" })).toBeTruthy();
    expect(rows().map((row) => row.getAttribute("data-status"))).toEqual(["done", "failed", "done"]);
    expect(
      page.getByRole("button", { name: /^failed search → answer question='how long is it' ConnectionError/ }),
    ).toBeTruthy();
  });

  it("unfolds to all that was given, to results, deltas, errors, and to what ran inside", () => {
    const { page, rows, unfold, container } = show(compared("failed"));
    const [name] = page.getAllByRole("button", { name: /^failed/ }).map((button) => button.getAttribute("aria-label"));
    unfold(/^failed/);
    expect(page.getByRole("button", { name: name as string, expanded: true })).toBeTruthy();
    const facts = [...container.querySelectorAll("[data-fact]")].map((fact) => fact.textContent);
    expect(facts).toEqual([
      "given prompt = 'rivers'question = 'how long is it'",
      "streamed 3 deltas",
      "error ConnectionError: the library is closed",
    ]);
    expect(rows()).toHaveLength(5);
    unfold(/river end/);
    expect(container.textContent).toContain("answer = 'In the sea, after 2,850 km.'");
    // Spans are open from the start where they are few.
    expect(container.textContent).toContain("shelf = 'geography'");
    expect(page.getByText("read the page")).toBeTruthy();
  });

  it("stays as the reader has it while the step goes on", () => {
    const { page, again, unfold, container } = show(compared("running"));
    unfold(/^running search/);
    again(compared("done"));
    expect(page.getByRole("button", { name: /^done search/ }).getAttribute("aria-expanded")).toBe("true");
    fireEvent.click(page.getByRole("button", { name: /^done search/ }));
    expect(container.querySelectorAll(".bcw-spans-panel")).toHaveLength(0);
  });

  it("is no button where there is nothing to unfold", () => {
    const { page, rows } = show(step(1, "a", { spans: [span(1)] }));
    expect(rows()).toHaveLength(1);
    expect(page.queryByRole("button")).toBeNull();
  });

  it("shows what the step itself has logged, and several steps each in a row of its own", () => {
    const { container, again, rows } = show(traced);
    expect(container.querySelector("[data-fact=logged]")?.textContent).toBe("logged characters = 24");
    again(traced, step(4, "decide", { attributes: { mode: "'poem'" } }));
    expect(rows()[0]?.textContent).toContain("ask");
    expect(container.textContent).toContain("decide");
  });

  it("draws so many rows at once, and the others when asked", () => {
    const { page, rows } = show(many(120, 120));
    expect(rows()).toHaveLength(50);
    fireEvent.click(page.getByRole("button", { name: "Show 50 more of 70" }));
    expect(rows()).toHaveLength(100);
    fireEvent.click(page.getByRole("button", { name: "Show 20 more of 20" }));
    expect(rows()).toHaveLength(120);
    expect(page.queryByRole("button", { name: /^Show/ })).toBeNull();
  });

  it("draws little of a thousand spans inside each other", () => {
    const spans = Array.from({ length: 1000 }, (_, index) => span(index + 1, { parent: index === 0 ? null : index }));
    const { rows, page } = show(step(1, "a", { spans }));
    expect(rows()).toHaveLength(1);
    fireEvent.click(page.getByRole("button"));
    expect(rows()).toHaveLength(2);
  });

  it("shows names and values as text, whatever they hold", () => {
    const nasty = "<img src=x onerror=boom()>";
    const { container, unfold } = show(
      step(1, "a", {
        spans: [span(1, { kind: "application", given: { [nasty]: nasty }, error: nasty, status: "failed" })],
      }),
    );
    unfold(/failed/);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toContain(nasty);
  });
});
