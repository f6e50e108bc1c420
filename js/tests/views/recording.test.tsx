// Of a recording, in which nothing runs, everything can be looked at, and nothing that could only be refused is offered.
import { act, render, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { controlOf, HeldBar } from "../../src/inspector";
import { mountView } from "../../src/views";
import { exchange, liveStore, makeView, say } from "../chat/script";
import { press } from "../chat/setup";
import { fakeStepping, tell } from "../inspector/script";
import { setup } from "../inspector/setup";
import { fetchOf } from "../inspector/values";

let leaving = new AbortController();
afterEach(() => act(() => leaving.abort()));

const failed = [say.turn("t2", "two"), say.step("t2", 2, "generate_poem"), say.failed("t2")];

function storeOf(recording: string | null) {
  const view = makeView();
  const store = liveStore({ ...view, session: { ...view.session, recording } });
  store.apply(exchange("t1", 1, "one", "1"));
  return store;
}

function mount(view: "chat" | "graph", store: ReturnType<typeof storeOf>) {
  leaving = new AbortController();
  const actions = fakeStepping(store);
  const el = document.createElement("div");
  document.body.append(el);
  const load = () => new Promise<Record<string, unknown>>(() => {});
  act(() => mountView(view, el, leaving.signal, { store, actions, session: "page", arrivals: new Map(), load }));
  return { el, page: within(el) };
}

test.each([
  ["a recording", "lesson.jsonl", 0],
  ["what runs", null, 1],
])("the inspector of %s", async (_, recording, offered) => {
  const page = setup({
    store: storeOf(recording),
    inspect: (_step, _what, path, start) => fetchOf({ mode: "a" }, { mode: "b" })(path, start),
  });
  await page.settle();
  for (const name of ["Pause", "Continue", "Step", "Rewind", "Fork", "Add a key", "Edit mode", "Remove mode"]) {
    expect(page.page.queryAllByRole("button", { name }), name).toHaveLength(offered);
  }
  expect(page.page.getByRole("tree", { name: "State" }).textContent).toContain("mode");
  press(page.host, "F8");
  expect(page.actions.did).toHaveLength(offered);
});

test.each([
  ["a recording", "lesson.jsonl", 0, 0],
  ["what runs", null, 3, 1],
])("the bar over a held turn of %s", (_, recording, buttons, asked) => {
  const store = storeOf(recording);
  store.apply([tell.turn("t2", "hi"), tell.paused("t2", { reason: "pause", next_action: "prompt" })]);
  const actions = fakeStepping(store);
  const { container } = render(<HeldBar store={store} control={controlOf(store, actions)} />);
  const bar = within(container as HTMLElement).getByRole("group", { name: "Held" });
  expect(bar.textContent).toContain("Held before prompt");
  expect(within(bar).queryAllByRole("button")).toHaveLength(buttons);
  const graph = mount("graph", store);
  expect(graph.el.querySelector('[data-action="prompt"]')?.getAttribute("data-held")).toBe("action");
  expect(graph.el.querySelectorAll("[data-break]").length > 0).toBe(asked === 1);
  press(graph.el.firstElementChild as Element, "F8");
  expect(actions.did).toHaveLength(asked);
});

test.each([
  ["a recording", "lesson.jsonl", 0],
  ["what runs", null, 2],
])("the chat of %s", (_, recording, retries) => {
  const store = storeOf(recording);
  store.apply(failed);
  const { page } = mount("chat", store);
  expect(page.queryAllByRole("button", { name: "Retry" })).toHaveLength(retries);
  expect(page.getAllByRole("article").length).toBeGreaterThan(2);
});
