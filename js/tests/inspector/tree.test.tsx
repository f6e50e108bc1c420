import { act, fireEvent } from "@testing-library/preact";
import { options } from "preact";
import { expect, test } from "vitest";
import type { InspectStep } from "../../src/transport/questions";
import { press } from "../chat/setup";
import { tell } from "./script";
import { setup } from "./setup";
import { fetchOf, hidden, PIECE } from "./values";

const long = "🌊 and on it goes. ".repeat(300);
const was = {
  prompt: "one",
  mode: "poem",
  key: hidden,
  history: [{ text: "a" }, { text: "b" }],
  limits: { tokens: 8 },
};
const is = {
  prompt: "two",
  history: [{ text: "a" }, { text: "b!" }, { text: "c" }],
  limits: { tokens: 8 },
  key: hidden,
  long,
};

const events = [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt")];

/** An inspector with a step that made `is` of `was`. */
async function open(inspect: InspectStep = (_step, _what, path, start) => fetchOf(was, is)(path, start)) {
  const page = setup({ events, inspect });
  await page.settle();
  const tree = page.page.getByRole("tree", { name: "State" });
  const items = () => [...tree.children] as HTMLElement[];
  const row = (...keys: string[]): HTMLElement => {
    let level = 0;
    for (const item of items()) {
      if (Number(item.ariaLevel ?? item.getAttribute("aria-level")) !== level + 1 || item.dataset.key !== keys[level])
        continue;
      level += 1;
      if (level === keys.length) return item;
    }
    throw new Error(`no row ${keys.join(".")}`);
  };
  const shown = () =>
    items().map((item) =>
      `${"  ".repeat(Number(item.getAttribute("aria-level")) - 1)}${item.dataset.key ?? "…"} ${item.dataset.change ?? ""}`.trimEnd(),
    );
  const click = async (element: HTMLElement) => {
    fireEvent.click(element);
    await page.settle();
  };
  return { ...page, tree, items, row, shown, click };
}

test("each key with what the step did to it; what changed inside is unfolded", async () => {
  const page = await open();
  expect(page.shown()).toEqual([
    "prompt changed",
    "history changed",
    "  0",
    "  1 changed",
    "  2 added",
    "limits",
    "key",
    "long added",
    "mode removed",
  ]);
  expect(page.row("prompt").textContent).toContain('was "one" →  and is "two"');
  expect(page.row("mode").querySelector("del")?.textContent).toBe('"poem"');
});

test("what is hidden says so, and cannot be unfolded", async () => {
  const { row } = await open();
  expect(row("key").textContent).toContain("hidden: it stays in the kernel");
  expect(row("key").hasAttribute("aria-expanded")).toBe(false);
});

test("unfolds and folds, a level at a time", async () => {
  const asked: string[] = [];
  const page = await open((_step, _what, path, start) => {
    asked.push(path.join("."));
    return fetchOf(was, is)(path, start);
  });
  asked.length = 0;
  await page.click(page.row("history", "1"));
  expect(page.row("history", "1").getAttribute("aria-expanded")).toBe("true");
  expect(page.row("history", "1", "text").dataset.change).toBe("changed");
  await page.click(page.row("history", "1"));
  await page.click(page.row("history", "1"));
  expect(asked).toEqual(["1.1"]);
});

test("a long text comes in pieces", async () => {
  const page = await open();
  const text = () => page.tree.querySelector(".bcw-value-text")?.textContent ?? "";
  const characters = [...long].length;
  expect(page.row("long").textContent).toContain(`${characters.toLocaleString("en")} characters`);
  await page.click(page.row("long"));
  expect([...text()]).toHaveLength(PIECE);
  while (text().length < long.length) await page.click(page.page.getByText(/^Show more/).parentElement as HTMLElement);
  expect(text()).toBe(long);
});

test("many rows come in pages", async () => {
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`k${n}`, n]));
  const page = await open((_step, _what, path, start) => fetchOf({}, many)(path, start));
  expect(page.items()).toHaveLength(101);
  await page.click(page.page.getByText("Show more (150 rows left)").parentElement as HTMLElement);
  await page.click(page.page.getByText("Show more (50 rows left)").parentElement as HTMLElement);
  expect(page.shown()).toEqual(Object.keys(many).map((key) => `${key} added`));
});

test("of what has changed alone", async () => {
  const page = await open();
  fireEvent.click(page.page.getByRole("checkbox", { name: "Changed only" }));
  expect(page.shown()).toEqual([
    "prompt changed",
    "history changed",
    "  1 changed",
    "  2 added",
    "long added",
    "mode removed",
  ]);
});

test("says where nothing has changed", async () => {
  const page = await open((_step, _what, path, start) => fetchOf(is, is)(path, start));
  fireEvent.click(page.page.getByRole("checkbox", { name: "Changed only" }));
  expect(page.page.getByText("Nothing was changed.")).toBeTruthy();
});

test("keys go through it as through any tree", async () => {
  const page = await open();
  const { items } = page;
  const focused = () => (document.activeElement as HTMLElement).dataset.key;
  const go = async (key: string) => {
    expect(press(document.activeElement as Element, key)).toBe(false);
    await page.settle();
    return focused();
  };
  expect(items().filter((item) => item.tabIndex === 0)).toHaveLength(1);
  items()[0]?.focus();
  expect(await go("ArrowDown")).toBe("history");
  expect(await go("ArrowRight")).toBe("0");
  expect(await go("ArrowRight")).toBe("0");
  expect(page.row("history", "0").getAttribute("aria-expanded")).toBe("true");
  expect(await go("ArrowRight")).toBe("text");
  expect(await go("ArrowLeft")).toBe("0");
  expect(await go("ArrowLeft")).toBe("0");
  expect(page.row("history", "0").getAttribute("aria-expanded")).toBe("false");
  expect(await go("ArrowLeft")).toBe("history");
  expect(await go("End")).toBe("mode");
  expect(await go("Home")).toBe("prompt");
  expect(items().filter((item) => item.tabIndex === 0)).toEqual([items()[0]]);
});

test("a kernel that is busy is waited for in place; one that is gone leaves what was fetched", async () => {
  let hang = false;
  const page = await open((_step, _what, path, start) =>
    hang ? new Promise(() => {}) : fetchOf(was, is)(path, start),
  );
  hang = true;
  await page.click(page.row("limits"));
  act(() => {
    page.store.connection.value = "waiting";
  });
  expect(page.page.getByText("The kernel is busy. It comes when it answers.")).toBeTruthy();
  act(() => {
    page.store.connection.value = "lost";
  });
  expect(page.row("prompt").textContent).toContain('"two"');
});

test("what happens elsewhere does not make it anew", async () => {
  const page = await open();
  const before = page.items();
  page.tell(tell.step("t1", 2, "generate_poem"));
  fireEvent.click(page.page.getAllByRole("option")[0] as HTMLElement);
  await page.settle();
  let made = 0;
  options.vnode = ({ props }) => {
    if ((props as { role?: string }).role === "treeitem") made += 1;
  };
  page.tell(tell.deltas(2, "A"), tell.deltas(2, "B"));
  delete options.vnode;
  expect(made).toBe(0);
  expect(page.page.getByRole("tree", { name: "State" }).children).toHaveLength(before.length);
});

test("what could not be had says why, and is asked for again", async () => {
  let fail = true;
  const page = await open((_step, _what, path, start) =>
    fail ? Promise.reject(new Error("This step was forgotten.")) : fetchOf(was, is)(path, start),
  );
  expect(page.tree.textContent).toContain("This step was forgotten.");
  fail = false;
  await page.click(page.page.getByText("Try again").parentElement as HTMLElement);
  expect(page.shown()[0]).toBe("prompt changed");
});
