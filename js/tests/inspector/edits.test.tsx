import { fireEvent } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { parse } from "../../src/inspector/edits";
import { say } from "../chat/script";
import { press } from "../chat/setup";
import { tell } from "./script";
import { setup } from "./setup";
import { fetchOf, hidden } from "./values";

const long = "a line of text. ".repeat(20);
const was = { prompt: "one", gone: 1 };
const is = {
  prompt: "two",
  count: 3,
  safe: true,
  nothing: null,
  history: [{ text: "a" }, { text: "b" }, { text: "c" }],
  limits: { tokens: 8, model: "m" },
  models: { "gpt-4": 1, "gpt-4.1": 2, gpt: { "4": 3 }, "gpt.4": 4 },
  secret: hidden,
  mixed: { fine: 1, key: hidden },
  rate: Number.NaN,
  rates: { mean: Number.NaN },
  many: Array.from({ length: 60 }, (_, n) => n),
  long,
};

const events = [
  tell.turn("t1", "hi"),
  tell.step("t1", 1, "prompt"),
  tell.finished("t1", 1, "prompt"),
  tell.completed("t1"),
];

async function open() {
  const made = setup({ events, inspect: (_step, _what, path, start) => fetchOf(was, is)(path, start) });
  // What is read to be edited is fetched a level after the other.
  const settle = async () => {
    for (let n = 0; n < 4; n++) await made.settle();
  };
  const page = { ...made, settle };
  await page.settle();
  const row = (key: string, level = 1) => {
    const found = page.host.querySelector<HTMLElement>(
      `[role="tree"] > [data-key="${key}"][aria-level="${level}"]:not([data-change="removed"])`,
    );
    if (found === null) throw new Error(`no row ${key}`);
    return found;
  };
  const click = async (name: string) => {
    fireEvent.click(page.button(name));
    await page.settle();
  };
  const area = (key: string) => page.page.getByRole<HTMLTextAreaElement>("textbox", { name: `New value of ${key}` });
  const write = async (key: string, value: string) => {
    const element = area(key);
    element.value = value;
    press(element, "Enter");
    await page.settle();
  };
  const edit = async (key: string, value: string, last = key.split(".").at(-1)) => {
    await click(`Edit ${last}`);
    await write(key, value);
  };
  const changes = () =>
    page.page
      .queryAllByRole("listitem")
      .filter((each) => each.closest('[aria-label="Changes of the state"]'))
      .map((each) => each.querySelector("code")?.textContent);
  const send = async (way: "Rewind" | "Fork") => {
    await click(way);
    await click(`${way} now`);
    return page.actions.did.at(-1);
  };
  return { ...page, row, click, area, write, edit, changes, send };
}

const set = (path: string[], value: unknown) => ({ path, value, remove: false });
const removed = (...path: string[]) => ({ path, value: null, remove: true });

test("values are written as what they are, and go with Rewind", async () => {
  const page = await open();
  await page.click("Edit prompt");
  expect(page.area("prompt").value).toBe("two");
  expect(document.activeElement).toBe(page.area("prompt"));
  await page.write("prompt", 'a "new" one');
  expect(document.activeElement).toBe(page.row("prompt"));
  expect(page.row("prompt").textContent).toContain('→ "a \\"new\\" one"');
  await page.click("Edit safe");
  expect(page.area("safe").value).toBe("true");
  await page.write("safe", "false");
  await page.edit("nothing", "[1]");
  await page.click("Edit limits");
  expect(JSON.parse(page.area("limits").value)).toEqual({ tokens: 8, model: "m" });
  await page.write("limits", '{"tokens": 9}');
  expect(page.page.getByText("4 changes")).toBeTruthy();
  expect(await page.send("Rewind")).toEqual([
    "rewind",
    1,
    set(["prompt"], 'a "new" one'),
    set(["safe"], false),
    set(["nothing"], [1]),
    set(["limits"], { tokens: 9 }),
  ]);
  // The kernel shows that it was done before it says so.
  const view = page.store.view.peek();
  if (view === null) throw new Error("no view");
  const changed = (by_hand: string[]) => ({ ...view, steps: view.steps.map((each) => ({ ...each, by_hand })) });
  page.store.reset(changed(["prompt", "safe", "nothing", "limits"]));
  page.tell(tell.accepted("s1"));
  expect(page.changes()).toEqual([]);
  const made = page.page.getByRole("list", { name: "Changes since then" });
  expect([...made.children].map((each) => each.textContent)).toEqual([
    'prompt = "a \\"new\\" one"',
    "safe = false",
    "nothing = [1]",
    'limits = {"tokens":9}',
  ]);
  // And then somebody else does.
  page.store.reset(changed(["safe"]));
  await page.settle();
  expect(page.page.queryByRole("list", { name: "Changes since then" })).toBe(null);
  expect(page.page.getByText("Since then safe was changed by hand.")).toBeTruthy();
  expect(page.page.getByRole("tree", { name: "State now" })).toBeTruthy();
});

test("JSON is checked before it is kept, and Escape leaves a value as it was", async () => {
  const page = await open();
  await page.edit("count", "three");
  expect(page.row("count").textContent).toContain("This is not JSON");
  expect(page.area("count").getAttribute("aria-invalid")).toBe("true");
  expect(page.changes()).toEqual([]);
  press(page.area("count"), "Escape");
  await page.settle();
  expect(document.activeElement).toBe(page.row("count"));
  expect(page.changes()).toEqual([]);
  await page.edit("count", "3");
  expect(page.changes()).toEqual([]);
});

test.each(["F2", "Enter"])("%s opens the editor of a value", async (key) => {
  const page = await open();
  page.row("count").focus();
  await page.settle();
  press(page.row("count"), key);
  await page.settle();
  expect(document.activeElement).toBe(page.area("count"));
  // Its keys are not the tree's.
  expect(press(page.area("count"), "ArrowDown")).toBe(true);
  expect(document.activeElement).toBe(page.area("count"));
});

test("what is hidden or gone cannot be edited, and what is too large or partly hidden says so", async () => {
  const page = await open();
  for (const name of ["Edit secret", "Remove secret", "Edit gone", "Remove gone", "Edit many"]) {
    expect(page.page.queryByRole("button", { name })).toBe(null);
  }
  await page.click("Edit mixed");
  expect(page.row("mixed").textContent).toContain("key stays in the kernel. Edit what is beside it.");
  await page.click("Close");
  // From then on it is known.
  expect(page.button("Edit mixed").getAttribute("aria-disabled")).toBe("true");
  expect(page.button("Edit mixed").title).toContain("key stays in the kernel.");
  await page.click("Edit long");
  expect(page.area("long").value).toBe(long);
});

test("a number that JSON has no word for is not edited, nor what holds it", async () => {
  const page = await open();
  const why = "rate is nan, which JSON cannot say. Give it from Python, with state={...}.";
  expect([page.button("Edit rate").title, page.button("Edit rate").getAttribute("aria-disabled")]).toEqual([
    why,
    "true",
  ]);
  await page.click("Edit rate");
  expect(page.row("rate").querySelector(".bcw-value-editor")).toBe(null);
  if (page.row("rates").getAttribute("aria-expanded") === "false") fireEvent.click(page.row("rates"));
  await page.settle();
  expect(page.button("Edit rates").title).toContain("mean is nan");
  expect(page.button("Edit count").title).toBe("");
});

test("items of a list are removed last first, and after all that is set", async () => {
  const page = await open();
  if (page.row("history").getAttribute("aria-expanded") === "false") fireEvent.click(page.row("history"));
  await page.settle();
  page.row("0", 2).focus();
  await page.settle();
  press(page.row("0", 2), "Delete");
  await page.click("Remove 1");
  await page.edit("count", "4");
  expect(await page.send("Fork")).toEqual([
    "fork",
    1,
    set(["count"], 4),
    removed("history", "1"),
    removed("history", "0"),
  ]);
});

test("changes inside go with those of the whole, and stay as they are while there is one", async () => {
  const page = await open();
  fireEvent.click(page.row("limits"));
  await page.settle();
  await page.edit("limits.tokens", "1");
  expect(page.changes()).toEqual(["limits.tokens"]);
  await page.edit("limits", "{}");
  expect(page.changes()).toEqual(["limits"]);
  expect(page.page.queryByRole("button", { name: "Edit tokens" })).toBe(null);
  await page.click("Undo the change of limits");
  expect(page.changes()).toEqual([]);
  expect(page.button("Edit tokens")).toBeTruthy();
});

test("a key is added", async () => {
  const page = await open();
  const keep = async (key: string, value: string) => {
    fireEvent.input(page.page.getByRole("textbox", { name: "Key" }), { target: { value: key } });
    const area = page.page.getByRole<HTMLTextAreaElement>("textbox", { name: "Value, as JSON" });
    area.value = value;
    press(area, "Enter");
    await page.settle();
  };
  await page.click("Add a key");
  expect(document.activeElement).toBe(page.page.getByRole("textbox", { name: "Key" }));
  await keep("", "1");
  expect(page.host.textContent).toContain("The key has no name yet.");
  await keep("prompt", "1");
  expect(page.host.textContent).toContain("There is prompt already.");
  await keep("extra", '{"a": 1}');
  expect(document.activeElement).toBe(page.button("Add a key"));
  expect(page.changes()).toEqual(["extra"]);
  expect(await page.send("Rewind")).toEqual(["rewind", 1, set(["extra"], { a: 1 })]);
});

test("what the kernel says against a change is at its row, until it is another", async () => {
  const page = await open();
  await page.edit("count", "4");
  await page.edit("limits", "[]");
  await page.send("Rewind");
  const fields = { count: "It must be below 4.", "limits.tokens": "It is missing." };
  page.tell({
    type: "refused",
    time: 0,
    monotonic: 0,
    turn: "",
    request: "s1",
    reason: "see what is said at the fields.",
    fields,
  });
  expect(page.row("count").querySelector('[role="alert"]')?.textContent).toBe("It must be below 4.");
  expect(page.row("limits").querySelector('[role="alert"]')?.textContent).toBe("tokens: It is missing.");
  expect(page.changes()).toEqual(["count", "limits"]);
  await page.edit("count", "2");
  expect(page.row("count").querySelector('[role="alert"]')).toBe(null);
  expect(page.row("limits").querySelector('[role="alert"]')).not.toBe(null);
  const note = "Not done: see what is said at the fields.";
  expect(page.page.queryByText(note)).not.toBe(null);
  await page.edit("limits", "{}");
  expect(page.page.queryByText(note)).toBe(null);
});

/** Some of its keys have dots. */
async function openModels() {
  const page = await open();
  fireEvent.click(page.row("models"));
  await page.settle();
  return page;
}

test("keys with dots are told apart", async () => {
  const page = await openModels();
  await page.edit("models.gpt-4.1", "20", "gpt-4.1");
  await page.edit("models.gpt-4", "10", "gpt-4");
  expect(page.changes()).toEqual(["models.gpt-4.1", "models.gpt-4"]);
  await page.click("Undo the change of models.gpt-4");
  expect(page.changes()).toEqual(["models.gpt-4.1"]);
  expect(await page.send("Rewind")).toEqual(["rewind", 1, set(["models", "gpt-4.1"], 20)]);
});

test("of keys that are the same with dots one has the editor", async () => {
  const page = await openModels();
  fireEvent.click(page.row("gpt", 2));
  await page.settle();
  await page.click("Edit gpt.4");
  expect(page.row("gpt.4", 2).querySelector(".bcw-value-editor")).not.toBe(null);
  expect(page.row("4", 3).querySelector(".bcw-value-editor")).toBe(null);
});

test("what the kernel says is at the change that it means, where keys have dots", async () => {
  const page = await openModels();
  await page.edit("models.gpt-4", "10", "gpt-4");
  await page.edit("models.gpt-4.1", "[20]", "gpt-4.1");
  await page.send("Rewind");
  const fields = { "models.gpt-4.1.0": "It is too much.", "models.gpt-4": "It must be below 4." };
  page.tell(say.refused("s1", "see what is said at the fields.", fields));
  const said = (key: string) => page.row(key, 2).querySelector('[role="alert"]')?.textContent;
  expect([said("gpt-4"), said("gpt-4.1")]).toEqual(["It must be below 4.", "0: It is too much."]);
  await page.edit("models.gpt-4", "1", "gpt-4");
  expect([said("gpt-4"), said("gpt-4.1")]).toEqual([undefined, "0: It is too much."]);
});

test("each step has changes of its own", async () => {
  const page = await open();
  page.tell(tell.turn("t2", "more"), tell.step("t2", 2, "prompt"), tell.finished("t2", 2, "prompt"));
  await page.settle();
  await page.edit("count", "4");
  fireEvent.click(page.page.getAllByRole("option")[0] as HTMLElement);
  await page.settle();
  expect(page.changes()).toEqual([]);
  fireEvent.click(page.page.getAllByRole("option")[1] as HTMLElement);
  await page.settle();
  expect(page.changes()).toEqual(["count"]);
});

test("forking asks first, and can be left", async () => {
  const page = await open();
  await page.click("Fork");
  const asked = page.page.getByRole("group", { name: "Fork after step 1?" });
  expect(asked.textContent).toContain("goes on in another branch, with an application of its own; this one stays");
  expect(document.activeElement).toBe(page.button("Fork now"));
  expect(press(page.button("Fork now"), "Escape")).toBe(false);
  await page.settle();
  expect(document.activeElement).toBe(page.button("Fork"));
  expect(page.actions.did).toEqual([]);
});

test("without a kernel nothing can be edited", async () => {
  const page = await open();
  page.change(() => {
    page.store.connection.value = "lost";
  });
  expect(page.page.queryByRole("button", { name: "Edit prompt" })).toBe(null);
  expect(page.page.queryByRole("button", { name: "Add a key" })).toBe(null);
});

describe("JSON that a reader writes", () => {
  test.each([
    ["1.5", 1.5],
    ['"a"', "a"],
    [' {"a": [null, true]} ', { a: [null, true] }],
  ])("%s", (text, value) => expect(parse(text)).toEqual(value));

  test.each([
    ["True", "This is not JSON"],
    ["", "This is not JSON"],
    ["[12345678901234567890]", "such a large number"],
    ["1e400", "such a large number"],
    ['{"a": [-1e400]}', "such a large number"],
  ])("%s is none", (text, words) => expect(() => parse(text)).toThrow(words));
});
