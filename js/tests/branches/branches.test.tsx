import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { Branches } from "../../src/branches/Branches";
import { outgoingOf } from "../../src/chat/outgoing";
import type { View } from "../../src/protocol.gen";
import type { InspectStep } from "../../src/transport/questions";
import { fakeActions } from "../chat/actions";
import { forked, liveStore, say } from "../chat/script";
import { tell as stepping } from "../inspector/script";
import { fetchOf } from "../inspector/values";
import { branch } from "./samples";

afterEach(cleanup);

const branches = [
  branch("b1", null, 0, ["prompt", "answer", "prompt", "answer"], "one"),
  branch("b2", "b1", 2, ["prompt", "poem"], "two, edited"),
];

async function setup(view: View = { ...forked("t2"), branches }) {
  const store = liveStore(view);
  const actions = fakeActions(store);
  const asked: unknown[] = [];
  const states = { b1: { mode: "answer", said: 1 }, b2: { mode: "poem", said: 1 } };
  const inspect: InspectStep = (step, what, path, start, branch, against) => {
    asked.push([step, what, against]);
    return fetchOf(states[against as keyof typeof states], states[branch as keyof typeof states])(path, start);
  };
  const { container } = render(<Branches store={store} outgoing={outgoingOf(store, actions)} inspect={inspect} />);
  const page = within(container as HTMLElement);
  return { store, actions, asked, container, page, rows: () => page.queryAllByRole("listitem") };
}

const name = (key: "1" | "2") => new RegExp(`^Branch ${key}:`);

test("one branch alone is no tree", async () => {
  const { container } = await setup(forked("t2"));
  expect(container.textContent).toBe("");
});

test("each branch is a row, with what it began with and how many steps it took", async () => {
  const { rows, page } = await setup();
  expect(rows().map((row) => row.textContent)).toEqual(["1one4 stepsshown", "2two, edited2 stepsCompare"]);
  expect(page.getByRole("button", { name: name("1") }).getAttribute("aria-current")).toBe("true");
  expect(page.getByRole("button", { name: "Branch 2: two, edited, 2 steps of its own" })).toBeTruthy();
});

test("a branch is shown by a click, but not while a turn runs", async () => {
  const { page, actions, store } = await setup();
  const other = page.getByRole("button", { name: name("2") });
  fireEvent.click(page.getByRole("button", { name: name("1") }));
  expect(actions.asked).toEqual([]);
  other.focus();
  fireEvent.click(other);
  expect(actions.asked).toEqual([{ show: "b2" }]);
  act(() => store.reset({ ...forked("t4"), branches, accepted: ["r1"] }));
  expect(document.activeElement).toBe(other);
  expect(other.getAttribute("aria-current")).toBe("true");
  act(() => store.apply([say.turn("t9", "running")]));
  const first = page.getByRole("button", { name: name("1") });
  expect(first.getAttribute("aria-disabled")).toBe("true");
  const why = "A turn is running: let it end, or stop it, to show another branch.";
  expect([first.title, first.getAttribute("aria-description")]).toEqual([why, why]);
  fireEvent.click(first);
  expect(actions.asked).toHaveLength(1);
});

test("two are compared: where their steps part, and how their states differ", async () => {
  const { page, asked, store } = await setup();
  fireEvent.click(page.getByRole("button", { name: "Compare with branch 2" }));
  await act(async () => {});
  const comparison = within(page.getByRole("region", { name: "Comparison" }));
  expect(comparison.getByText("The first 2 steps are shared. They part at the 4th step.")).toBeTruthy();
  const rows = comparison.getAllByRole("row").slice(1);
  expect(rows.map((row) => [row.textContent, row.dataset.parts])).toEqual([
    ["3rdpromptprompt", "false"],
    ["4th: here they partanswerpoem", "true"],
  ]);
  expect(asked).toEqual([[null, "state", "b2"]]);
  const tree = within(comparison.getByRole("tree", { name: "Difference of the states" }));
  expect(tree.getAllByRole("treeitem").map((row) => [row.dataset.key, row.dataset.change])).toEqual([
    ["mode", "changed"],
  ]);
  expect(tree.getByRole("treeitem").querySelector("del")?.textContent).toBe('"poem"');

  // Shown itself, it is compared with the one before.
  fireEvent.click(page.getByRole("button", { name: name("2") }));
  await act(async () => store.reset({ ...forked("t4"), branches, accepted: ["r1"] }));
  await act(async () => {});
  expect(asked.at(-1)).toEqual([null, "state", "b1"]);
  expect(page.getByRole("tree").querySelector("del")?.textContent).toBe('"answer"');
  fireEvent.click(page.getByRole("button", { name: "Compare with branch 1", pressed: true }));
  expect(page.queryByRole("region", { name: "Comparison" })).toBe(null);
});

test("a branch has the same name whether it is shown or not, and that of a turn once it has one", async () => {
  const own = [branch("b1", null, 0, ["prompt"], "one"), branch("b2", "b1", 1, [])];
  const { page, store } = await setup({ ...forked("t4"), branches: own });
  expect(page.getByRole("button", { name: /^Branch 2: Nothing yet,/ })).toBeTruthy();
  act(() => store.reset({ ...forked("t2"), branches: own }));
  expect(page.getByRole("button", { name: /^Branch 2: Nothing yet,/ })).toBeTruthy();
  act(() => store.reset({ ...forked("t4"), branches: own }));
  act(() => store.apply([say.turn("t9", "nine")]));
  expect(page.getByRole("button", { name: /^Branch 2: nine,/ })).toBeTruthy();
  act(() => store.apply([say.stopped("t9")]));
  expect(page.getByRole("button", { name: /^Branch 2: Nothing yet,/ })).toBeTruthy();
});

test("what is compared is fetched anew when a turn is held and when it is taken back, and what does not count is said", async () => {
  const { page, asked, store } = await setup();
  const tell = async (...events: Parameters<typeof store.apply>[0]) => {
    act(() => store.apply(events));
    await act(async () => {});
    return asked.length;
  };
  fireEvent.click(page.getByRole("button", { name: "Compare with branch 2" }));
  await act(async () => {});
  const comparison = page.getByRole("region", { name: "Comparison" });
  const before = asked.length;
  await tell(say.turn("t9", "nine"), say.step("t9", 9, "prompt"), say.finished("t9", 9, "prompt"));
  const held = await tell(stepping.paused("t9", { after: "prompt", next_action: "check_safety" }));
  expect(held).toBeGreaterThan(before);
  expect(comparison.textContent).toContain("The turn that is held counts when it has ended.");
  expect(await tell(say.stopped("t9"))).toBeGreaterThan(held);
  expect(comparison.textContent).toContain("What was stopped or has failed does not count.");
});

test("of a server that withholds its history and its state the branches are seen, and what parts them", async () => {
  const seen = forked("t2");
  const { page, actions, asked } = await setup({
    ...seen,
    branches,
    session: { ...seen.session, withheld: ["state", "history"] },
  });
  const other = page.getByRole("button", { name: name("2") });
  expect(other.getAttribute("aria-description")).toBe("The server does not let its clients show another branch.");
  fireEvent.click(other);
  fireEvent.click(page.getByRole("button", { name: "Compare with branch 2" }));
  const comparison = page.getByRole("region", { name: "Comparison" });
  expect(comparison.textContent).toContain("The server does not show its clients values of the state.");
  expect([actions.asked, asked]).toEqual([[], []]);
});
