import { signal } from "@preact/signals";
import { fireEvent } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { liveStore, makeView } from "../chat/script";
import { press } from "../chat/setup";
import { demo } from "../graph/samples";
import { condition, mark, tell } from "./script";
import { setup } from "./setup";
import { fetchOf } from "./values";

const done = [
  tell.turn("t1", "hi"),
  tell.step("t1", 1, "generate_poem"),
  tell.deltas(1, "A ", "🌊", " of rain"),
  tell.finished("t1", 1, "generate_poem", { duration: 1.5, first_delta: 0.0125, deltas: 3 }),
];

type Page = ReturnType<typeof setup>;
const tab = ({ page }: Page, name: string) => page.getByRole("tab", { name });
const panel = ({ page }: Page) => page.getByRole("tabpanel");
const show = (page: Page, name: string) => {
  fireEvent.click(tab(page, name));
  return panel(page);
};
const lines = (page: Page) =>
  [...show(page, "Deltas").querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );

test("the step is named and counted", () => {
  const page = setup({ events: done });
  const detail = page.page.getByRole("region", { name: "Step 1, generate_poem" });
  expect(detail.textContent).toContain("step 1 · done · 1.5 s · first delta after 13 ms · 3 deltas");
});

test("the tabs are one stop, and arrows go through them", () => {
  const page = setup({ events: done });
  tab(page, "State").focus();
  press(tab(page, "State"), "ArrowRight");
  expect(document.activeElement).toBe(tab(page, "Inputs"));
  expect(panel(page).getAttribute("aria-labelledby")).toBe(tab(page, "Inputs").id);
  press(tab(page, "Inputs"), "End");
  expect(document.activeElement).toBe(tab(page, "Why"));
  expect(page.page.getAllByRole("tab").filter((each) => each.tabIndex === 0)).toEqual([tab(page, "Why")]);
});

describe("the deltas", () => {
  test("are the text as it came, with times", () => {
    const page = setup({ events: done });
    expect(lines(page)).toEqual([
      ["1", "13 ms", "+13 ms", "A "],
      ["2", "25 ms", "+13 ms", "🌊"],
      ["3", "38 ms", "+12 ms", " of rain"],
    ]);
  });

  test("that came after a hold have times by the clock, and say so", () => {
    const words = "The generator was held";
    expect(show(setup({ events: done }), "Deltas").textContent).not.toContain(words);
    const held = tell.finished("t1", 1, "generate_poem", { duration: 0.02, first_delta: 0.0125, deltas: 3 });
    expect(show(setup({ events: [...done.slice(0, 3), held] }), "Deltas").textContent).toContain(words);
  });

  test("grow as they come", () => {
    const page = setup({ events: done.slice(0, 2) });
    expect(show(page, "Deltas").textContent).toBe("No delta has come yet.");
    page.tell(tell.deltas(1, "A "));
    expect(lines(page)).toHaveLength(1);
  });

  test("are shown in part when there are many", () => {
    const pieces = Array.from({ length: 450 }, (_, n) => `${n} `);
    const page = setup({ events: [...done.slice(0, 2), tell.deltas(1, ...pieces)] });
    expect(lines(page)).toHaveLength(200);
    fireEvent.click(page.button("Show 200 more of 250"));
    fireEvent.click(page.button("Show 50 more of 50"));
    expect(lines(page).map((line) => line[3])).toEqual(pieces);
  });

  test("of a text that was replaced have lengths", () => {
    const page = setup({ events: [...done.slice(0, 3), tell.replaced("t1", 1, "Another text")] });
    expect(lines(page)[1]).toEqual(["2", "25 ms", "+13 ms", "2 characters"]);
    expect(panel(page).textContent).toContain("The text was replaced later");
  });

  test("that stand for several, and those that are not text, are spoken of", () => {
    const page = setup({
      events: [...done.slice(0, 2), { type: "text", step: 1, text: "ab", marks: mark(1, 2), thinned: true }],
    });
    expect(show(page, "Deltas").textContent).toContain("one line may stand for several");
    const other = setup({ events: [...done.slice(0, 3), tell.finished("t1", 1, "generate_poem", { deltas: 9 })] });
    expect(show(other, "Deltas").textContent).toContain("6 deltas of other kinds");
  });
});

test("why the next came: the conditions as they were evaluated", () => {
  const page = setup({ events: done });
  expect(show(page, "Why").textContent).toContain("Nothing leads out of this action.");
  page.tell(
    tell.taken(
      "t1",
      1,
      "generate_poem",
      condition("prompt", "again=True", null, { error: "KeyError: 'again'" }),
      condition("prompt", "default", true, { taken: true }),
    ),
  );
  expect(panel(page).textContent).toContain("After it came prompt");
  const conditions = [...panel(page).querySelectorAll("li")].map((li) => [li.dataset.outcome, li.dataset.taken]);
  expect(conditions).toEqual([
    ["error", "false"],
    ["true", "true"],
  ]);
  expect(panel(page).textContent).toContain("KeyError: 'again'");
});

test("the source of the action, and that there is none", () => {
  const store = liveStore(makeView({ graph: demo }));
  const page = setup({ store, events: done });
  expect(show(page, "Source").querySelector("code")?.textContent).toBe(demo.actions[5]?.source);
  const without = setup({ events: done });
  expect(show(without, "Source").textContent).toBe("Python cannot find the source of this action.");
});

test("inputs and result are fetched when they are looked at", async () => {
  const asked: unknown[] = [];
  const page = setup({
    events: [
      tell.turn("t1", "hi"),
      { ...tell.step("t1", 1, "prompt"), inputs: { prompt: "'hi'" } } as ReturnType<typeof tell.step>,
      tell.finished("t1", 1, "prompt"),
    ],
    inspect: (step, what, path, start) => {
      asked.push([step, what]);
      const value = { [what]: "hi" };
      return fetchOf(value, value)(path, start);
    },
  });
  await page.settle();
  expect(asked).toEqual([[1, "state"]]);
  for (const [name, what] of [
    ["Inputs", "inputs"],
    ["Result", "result"],
  ] as const) {
    show(page, name);
    await page.settle();
    expect(page.page.getByRole("tree", { name }).textContent).toContain(what);
  }
  show(page, "Inputs");
  expect(asked).toEqual([
    [1, "state"],
    [1, "inputs"],
    [1, "result"],
  ]);
});

test("what was fetched of a step is that of its branch", async () => {
  const asked: unknown[] = [];
  const page = setup({
    events: [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt")],
    inspect: (step, _what, path, start, branch) => {
      asked.push([step, branch]);
      const value = { on: branch };
      return fetchOf(value, value)(path, start);
    },
  });
  await page.settle();
  const tree = () => page.page.getByRole("tree", { name: "State" }).textContent;
  expect(tree()).toContain("b1");
  const view = page.store.view.peek();
  if (view === null) throw new Error("no view");
  page.store.reset({ ...view, branch: "b2" });
  await page.settle();
  expect(tree()).toContain("b2");
  page.store.reset(view);
  await page.settle();
  expect(tree()).toContain("b1");
  expect(asked).toEqual([
    [1, "b1"],
    [1, "b2"],
  ]);
});

test("a step that failed says how and where, and shows the state that it was given", async () => {
  const page = setup({
    events: [...done.slice(0, 3), tell.finished("t1", 1, "generate_poem", { status: "failed" }), tell.failed("t1")],
    inspect: (step, _what, path, start) => fetchOf({ mode: step }, { mode: step })(path, start),
  });
  await page.settle();
  const detail = page.page.getByRole("region", { name: "Step 1, generate_poem" });
  expect(detail.textContent).toContain("RateLimitError: The model's provider says that too much was asked of it.");
  expect(detail.querySelector("details")?.textContent).toContain('File "app.py", line 12, in generate_poem');
  const given = "It failed: there is no change of the state. This is the state that it was given.";
  expect(panel(page).textContent).toContain(given);
  expect(page.page.getByRole("tree", { name: "State" }).textContent).toContain("mode1");
  expect(show(page, "Result").textContent).toBe("It failed: there is no result.");
  expect(page.button("Rewind").getAttribute("aria-disabled")).toBe("true");
});

test("a step that runs shows the state that it was given", async () => {
  const asked: unknown[] = [];
  const page = setup({
    events: done.slice(0, 3),
    inspect: (step, what, path, start) => {
      asked.push([step, what]);
      return fetchOf({ mode: "poem" }, { mode: "poem" })(path, start);
    },
  });
  await page.settle();
  page.tell(tell.deltas(1, "and on"));
  await page.settle();
  expect(panel(page).textContent).toContain("This is the state that it was given.");
  expect(page.page.getByRole("tree", { name: "State" }).textContent).toContain("mode");
  expect(asked).toEqual([[null, "state"]]);
});

test("in the middle of a step, and before it, a replay shows the state that it was given, though it has ended", async () => {
  const page = setup({
    events: done,
    inspect: (_step, what, path, start) =>
      fetchOf({ mode: "poem" }, what === "given" ? { mode: "poem" } : { mode: "poem", response: "of rain" })(
        path,
        start,
      ),
  });
  await page.settle();
  const rows = () => page.page.getByRole("tree", { name: "State" });
  expect(rows().textContent).toContain("response");
  const replayTo = async (events: number) => {
    const [then, step] = [liveStore(), page.store.view.peek()?.steps[0]];
    then.apply(done.slice(0, events));
    const view = then.view.peek();
    if (view === null || step === undefined) throw new Error("no step");
    page.change(() => {
      page.store.past.value = { view, step, isNew: signal(false), replay: { words: "", isOf: () => true } };
    });
    await page.settle();
  };
  await replayTo(3);
  expect(panel(page).textContent).toContain("This is the state that it was given.");
  expect(rows().textContent).toContain("mode");
  expect(rows().textContent).not.toContain("response");
  expect(rows().querySelector("[data-change]")).toBeNull();
  await replayTo(1);
  expect(page.page.getByRole("region", { name: "State before the first step" }).textContent).toContain("mode");
  expect(rows().textContent).not.toContain("response");
  page.change(() => {
    page.store.past.value = null;
  });
  await page.settle();
  expect(rows().textContent).toContain("response");
});

describe("rewinding", () => {
  test("asks first, and says what it does not undo", () => {
    const page = setup({ events: done });
    fireEvent.click(page.button("Rewind"));
    expect(page.actions.did).toEqual([]);
    const asked = page.page.getByRole("group", { name: "Rewind to step 1?" });
    expect(asked.textContent).toContain("Rewinding undoes state, not side effects");
    expect(asked.textContent).toContain("The turn that runs is stopped.");
    expect(document.activeElement).toBe(page.button("Rewind now"));
    fireEvent.click(page.button("Rewind now"));
    expect(page.actions.did).toEqual([["rewind", 1]]);
    expect(page.button("Rewind").getAttribute("aria-disabled")).toBe("true");
    page.tell(tell.accepted("s1"));
    expect(page.button("Rewind").getAttribute("aria-disabled")).toBe("false");
  });

  test.each(["Escape", "Cancel"])("can be left with %s, and the focus stays", async (how) => {
    const page = setup({ events: done });
    fireEvent.click(page.button("Rewind"));
    if (how === "Cancel") fireEvent.click(page.button("Cancel"));
    else press(page.button("Rewind now"), "Escape");
    await page.settle();
    expect(page.actions.did).toEqual([]);
    expect(document.activeElement).toBe(page.button("Rewind"));
  });
});
