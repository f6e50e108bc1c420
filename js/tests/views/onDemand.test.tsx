import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { outgoingOf } from "../../src/chat/outgoing";
import { core } from "../../src/core";
import { controlOf } from "../../src/inspector";
import { Inspector } from "../../src/inspector/Inspector";
import { OnDemand } from "../../src/OnDemand";
import { liveStore } from "../chat/script";
import { fakeStepping } from "../inspector/script";

afterEach(cleanup);

function setup() {
  const loads: { come(): void; fail(): void }[] = [];
  const provided: unknown[] = [];
  const module = { provide: (given: unknown) => provided.push(given), View: Inspector, css: ".bcw-x {}" };
  const load = () =>
    new Promise<Record<string, unknown>>((resolve, reject) =>
      loads.push({ come: () => resolve(module), fail: () => reject(new Error("lost")) }),
    );
  const store = liveStore();
  const actions = fakeStepping(store);
  const outgoing = outgoingOf(store, actions);
  const props = {
    ...{ store, outgoing, control: controlOf(store, actions), inspect: actions.inspect },
    loadColours: async () => () => [],
  };
  const { container } = render(<OnDemand name="inspector" load={load} store={store} props={props} />);
  return { loads, provided, store, container, page: within(container as HTMLElement) };
}

test("what comes is given the core's Preact, and shown with its styles", async () => {
  const { loads, provided, container, page } = setup();
  expect(container.textContent).toBe("The inspector appears when the kernel answers.");
  await act(async () => loads[0]?.come());
  expect(provided).toEqual([core]);
  expect(page.getByRole("region", { name: "Inspector" })).toBeTruthy();
  expect(container.querySelector("style")?.textContent).toBe(".bcw-x {}");
});

test("what does not come can be asked for again", async () => {
  const { loads, container, page } = setup();
  await act(async () => loads[0]?.fail());
  expect(container.textContent).toContain("The inspector did not come.");
  fireEvent.click(page.getByRole("button", { name: "Try again" }));
  await act(async () => loads[1]?.come());
  expect(page.getByRole("region", { name: "Inspector" })).toBeTruthy();
});

test("without a kernel it says so", async () => {
  const { store, container } = setup();
  await act(async () => {
    store.lost.value = "Run the cells again.";
    store.connection.value = "lost";
  });
  expect(container.textContent).toBe("Run the cells again.");
});
