import { fireEvent } from "@testing-library/preact";
import { options } from "preact";
import { expect, test } from "vitest";
import type { WireEvent } from "../../src/store/fold";
import { press } from "../chat/setup";
import { tell } from "./script";
import { setup } from "./setup";

type Page = ReturnType<typeof setup>;

const rows = ({ page }: Page) => page.queryAllByRole("option");
const chosen = (page: Page) => rows(page).find((row) => row.getAttribute("aria-selected") === "true")?.dataset.step;
const cells = (row: HTMLElement | undefined) => [...(row?.children ?? [])].map((cell) => cell.textContent);

const twoTurns = [
  tell.turn("t1", "What is a river?"),
  tell.step("t1", 1, "prompt"),
  tell.finished("t1", 1, "prompt", { duration: 0.0125 }),
  tell.completed("t1"),
  tell.turn("t2", null),
  tell.step("t2", 2, "check_safety"),
  tell.finished("t2", 2, "check_safety", { duration: 1.25 }),
];

function many(count: number): WireEvent[] {
  const steps = Array.from({ length: count }, (_, n) => [
    tell.step("t1", n + 1, "prompt"),
    tell.finished("t1", n + 1, "prompt"),
  ]);
  return [tell.turn("t1", "hi"), ...steps.flat()];
}

test("each step by turn: its number, action, status, time, first delta and deltas", () => {
  const page = setup({ events: [...twoTurns, tell.step("t2", 3, "generate_poem")] });
  const list = page.page.getByRole("listbox", { name: "Steps" });
  expect([...list.querySelectorAll('[role="group"]')].map((group) => group.firstElementChild?.textContent)).toEqual([
    "What is a river?",
    "Turn 2",
  ]);
  expect(cells(rows(page)[0])).toEqual(["1", "promptdone", "13 ms", "", ""]);
  expect(cells(rows(page)[1])).toEqual(["2", "check_safetydone", "1.3 s", "", ""]);
  expect(cells(rows(page)[2])).toEqual(["3", "generate_poemrunning", "…", "", ""]);
  page.tell(tell.deltas(3, "A", " river"));
  expect(cells(rows(page)[2])).toEqual(["3", "generate_poemrunning", "…", "13 ms", "2"]);
  page.tell(tell.paused("t2", { at: "delta", next_action: "generate_poem" }));
  expect(rows(page)[2]?.dataset.status).toBe("held");
  page.tell(
    tell.resumed("t2"),
    tell.finished("t2", 3, "generate_poem", { status: "failed", duration: 61, first_delta: 0.5, deltas: 40 }),
  );
  expect(cells(rows(page)[2])).toEqual(["3", "generate_poemfailed", "1 min 1 s", "500 ms", "40"]);
});

test("the newest is followed until another is chosen, and again when that is asked for", () => {
  const page = setup({ events: twoTurns });
  expect(chosen(page)).toBe("2");
  page.tell(tell.step("t2", 3, "decide_mode"));
  expect(chosen(page)).toBe("3");
  fireEvent.click(rows(page)[0] as HTMLElement);
  page.tell(tell.finished("t2", 3, "decide_mode"), tell.step("t2", 4, "generate_poem"));
  expect(chosen(page)).toBe("1");
  expect(page.page.getByRole("region", { name: "Step 1, prompt" })).toBeTruthy();
  fireEvent.click(page.button("Follow the newest"));
  expect(chosen(page)).toBe("4");
  expect(page.page.queryByRole("button", { name: "Follow the newest" })).toBeNull();
});

test("with arrows, Home and End another is chosen, and the focus goes along", () => {
  const page = setup({ events: many(30) });
  rows(page)[29]?.focus();
  const at = (key: string) => {
    expect(press(document.activeElement as Element, key)).toBe(false);
    expect((document.activeElement as HTMLElement).dataset.step).toBe(chosen(page));
    return chosen(page);
  };
  expect(["ArrowUp", "PageUp", "Home", "ArrowUp", "ArrowDown", "End", "ArrowDown"].map(at)).toEqual([
    ...["29", "19", "1", "1", "2", "30", "30"],
  ]);
  expect(rows(page).filter((row) => row.tabIndex === 0)).toHaveLength(1);
});

test("of a kernel that is gone nothing runs", () => {
  const page = setup({ events: [...twoTurns, tell.step("t2", 3, "decide_mode")] });
  page.change(() => {
    page.store.connection.value = "lost";
  });
  expect(rows(page).map((row) => row.dataset.status)).toEqual(["done", "done", "stopped"]);
});

test("a step that is gone is not chosen any more", () => {
  const page = setup({ events: twoTurns });
  fireEvent.click(rows(page)[1] as HTMLElement);
  const view = page.store.view.value;
  if (view === null) throw new Error("no view");
  page.change(() => page.store.reset({ ...view, steps: view.steps.slice(0, 1) }));
  expect(chosen(page)).toBe("1");
});

test("of a thousand the last are listed, earlier ones when they are asked for, and a delta renders one", () => {
  const page = setup({ events: [...many(1000), tell.step("t1", 1001, "generate_poem")] });
  expect(rows(page)).toHaveLength(200);
  fireEvent.click(page.button("Show earlier (801)"));
  expect(rows(page)).toHaveLength(400);
  const before = rows(page);
  let made = 0;
  options.vnode = ({ props }) => {
    if ((props as { role?: string }).role === "option") made += 1;
  };
  page.tell(tell.deltas(1001, "A"));
  delete options.vnode;
  expect(made).toBe(1);
  expect(rows(page)).toEqual(before);
});

test("before the first step there is the state as it is", async () => {
  const asked: unknown[] = [];
  const page = setup({
    inspect: (step, what) => {
      asked.push([step, what]);
      return new Promise(() => {});
    },
  });
  expect(page.page.getByText("No step has been taken yet.")).toBeTruthy();
  await page.settle();
  expect(asked).toEqual([[null, "state"]]);
});

const undone = [...twoTurns, tell.step("t2", 3, "decide_mode"), tell.stopped("t2")];

test("steps of a turn that was stopped are undone, and the newest that counts is chosen", () => {
  const page = setup({ events: undone });
  expect(rows(page).map((row) => row.dataset.status)).toEqual(["done", "undone", "stopped"]);
  expect(cells(rows(page)[1])[1]).toBe("check_safetyundone");
  expect(rows(page)[1]?.title).toBe("Undone with its turn");
  expect(chosen(page)).toBe("1");
  // It is what is, and no past.
  fireEvent.click(rows(page)[0] as HTMLElement);
  expect(page.store.past.value).toBe(null);
  fireEvent.click(rows(page)[1] as HTMLElement);
  const detail = page.page.getByRole("region", { name: "Step 2, check_safety" });
  expect(detail.textContent).toContain("step 2 · undone");
  expect(detail.textContent).toContain("It was undone with its turn.");
});

test("where a turn has failed is looked at, until another begins", () => {
  const page = setup({
    events: [
      ...twoTurns,
      tell.step("t2", 3, "decide_mode"),
      tell.finished("t2", 3, "decide_mode", { status: "failed" }),
    ],
  });
  page.tell(tell.failed("t2"));
  expect(rows(page).map((row) => row.dataset.status)).toEqual(["done", "undone", "failed"]);
  expect(chosen(page)).toBe("3");
  page.tell(tell.turn("t3", "more"));
  expect(chosen(page)).toBe("1");
});
