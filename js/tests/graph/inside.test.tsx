import { act, fireEvent, screen, within } from "@testing-library/preact";
import { expect, it, vi } from "vitest";
import type { Step } from "../../src/protocol.gen";
import { compared, fan, many, step, traced } from "../spans/samples";
import { type Mounted, mount, settle, withSizes } from "./mount";

withSizes();

async function run(shown: Mounted, ...steps: Step[]): Promise<void> {
  await settle(() => {
    shown.steps.value = steps;
  });
}

const marks = (node: Element) => node.querySelector(".bcw-node-children");
const statuses = (node: Element) =>
  [...node.querySelectorAll(".bcw-node-child")].map((child) => child.getAttribute("data-status"));

it("marks the applications of an action on its node, without a new layout", async () => {
  const shown = mount(fan);
  const node = shown.node("compare");
  const place = node.getAttribute("transform");
  expect(marks(node)).toBeNull();
  await run(shown, compared("running"));
  expect(statuses(node)).toEqual(["done", "running", "waiting"]);
  expect(marks(node)?.getAttribute("data-children")).toBe("3");
  expect(marks(node)?.getAttribute("data-children-done")).toBe("1");
  expect(node.getAttribute("aria-label")).toContain("1 of 3 applications done");
  await run(shown, compared("failed"));
  expect(statuses(node)).toEqual(["done", "failed", "done"]);
  expect(marks(node)?.getAttribute("data-children-failed")).toBe("1");
  expect(shown.node("compare")).toBe(node);
  expect(node.getAttribute("transform")).toBe(place);
  expect(marks(shown.node("join"))).toBeNull();
});

it("counts many, with one mark for all of them", async () => {
  const shown = mount(fan);
  await run(shown, many(40, 12));
  expect(marks(shown.node("compare"))?.textContent).toBe("12/40");
  expect(statuses(shown.node("compare"))).toEqual(["running"]);
  await run(shown, many(40, 40));
  expect(statuses(shown.node("compare"))).toEqual(["done"]);
});

it("keeps the marks to the last turn, and marks no tracer's spans", async () => {
  const shown = mount(fan);
  await run(shown, compared("done"), { ...traced, step: 2, turn: "t2" });
  expect(marks(shown.node("compare"))).toBeNull();
  expect(marks(shown.node("ask"))).toBeNull();
});

it("shows the tree of the action's last run in its card, live", async () => {
  const shown = mount(fan);
  await run(shown, compared("running"));
  await settle(() => shown.node("compare").focus());
  const card = within(shown.card() as HTMLElement);
  expect(card.getByText("1 of 3 applications done")).toBeTruthy();
  fireEvent.click(card.getByRole("button", { name: /^running search → answer/ }));
  await run(shown, compared("failed"));
  expect(card.getByText("Ran 3 applications, 1 failed")).toBeTruthy();
  expect(card.getByRole("button", { name: /^failed search → answer/ }).getAttribute("aria-expanded")).toBe("true");
  expect(card.getAllByText("ConnectionError: the library is closed").length).toBeGreaterThan(0);
});

it("shows a trace in the card, and nothing for a step with nothing inside", async () => {
  const shown = mount(fan);
  await run(shown, traced, step(1, "join"));
  await settle(() => shown.node("ask").focus());
  expect(shown.card()?.textContent).toContain("Trace");
  expect(shown.card()?.textContent).toContain("characters = 24");
  await settle(() => shown.node("join").focus());
  expect(shown.card()?.querySelector(".bcw-spans")).toBeNull();
});

it("says the same in the list: in words where it is only heard, with nothing that takes the focus", async () => {
  const shown = mount(fan);
  await run(shown, traced, compared("running"));
  const list = screen.getByRole("list", { name: "Actions" });
  expect(list.textContent).toContain("last run, 1 of 3 applications done");
  expect(list.textContent).toContain("search → answer question='how long is it': running, answer runs");
  expect(list.textContent).toContain("logged characters=24");
  expect(list.querySelector("button, summary, [tabindex]")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "List" }));
  expect(within(list).getByRole("button", { name: /^running search/ })).toBeTruthy();
});

it("closes the card with one press, though the pointer is over another node then", async () => {
  vi.useFakeTimers();
  const shown = mount(fan);
  await settle(() => fireEvent.click(shown.node("compare")));
  act(() => shown.card()?.focus());
  expect(document.activeElement).toBe(shown.card());
  await settle(() => fireEvent.keyDown(shown.card() as Element, { key: "Escape" }));
  expect(shown.card()).toBeNull();
  // What the card covered is under the pointer now; nobody has moved it there.
  fireEvent.pointerOver(shown.node("decide"));
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(shown.card()).toBeNull();
  fireEvent.pointerMove(shown.node("decide"));
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(shown.card()?.getAttribute("aria-label")).toBe("Action decide");
});
