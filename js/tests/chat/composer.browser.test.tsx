import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { userEvent } from "vitest/browser";
import { guardKeyboard } from "../../src/chat/keyboard";
import type { Field } from "../../src/protocol.gen";
import "../../src/theme.css";
import { emptyComposer } from "../composer";
import { exchange, liveStore, makeView, say } from "./script";
import { setup as setupPlain } from "./setup";

const textField: Field = {
  name: "",
  kind: "text",
  required: true,
  default: null,
  choices: [],
  fields: [],
  labels: [],
  description: null,
};

function setup(given: Parameters<typeof setupPlain>[0] = {}) {
  const chat = setupPlain(given);
  chat.container.className = "bcw";
  return chat;
}

describe("breaking the line", () => {
  const cancel = (event: Event) => {
    if ((event as InputEvent).inputType === "insertLineBreak") event.preventDefault();
  };
  afterEach(() => document.removeEventListener("beforeinput", cancel, true));

  test.each([false, true])("at the caret; the host cancels line breaks: %s", async (cancels) => {
    if (cancels) document.addEventListener("beforeinput", cancel, true);
    const { message } = setup();
    message().focus();
    await userEvent.keyboard("ab{ArrowLeft}{Shift>}{Enter}{/Shift}c");
    expect(message().value).toBe("a\ncb");
    expect(message().selectionStart).toBe(3);
  });

  test("is a part of what undo takes back", async () => {
    const { message } = setup();
    message().focus();
    await userEvent.keyboard("ab{Shift>}{Enter}{/Shift}");
    expect(message().value).toBe("ab\n");
    await userEvent.keyboard("{Control>}z{/Control}");
    expect(message().value).not.toContain("\n");
    await userEvent.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    expect(message().value).toBe("ab\n");
  });
});

test("the composer grows with its text, up to a point", async () => {
  const { message } = setup();
  const one = message().offsetHeight;
  message().focus();
  await userEvent.fill(message(), "1\n2\n3");
  const three = message().offsetHeight;
  expect(three).toBeGreaterThan(one * 1.5);
  await userEvent.fill(message(), "line\n".repeat(60));
  expect(message().offsetHeight).toBeLessThanOrEqual(160);
  await userEvent.fill(message(), "");
  expect(message().offsetHeight).toBe(one);
});

describe("the notebook's shortcuts", () => {
  const heard: string[] = [];
  const hear = (event: KeyboardEvent) => heard.push(event.key);
  const ends = new AbortController();
  beforeEach(() => {
    heard.length = 0;
    document.addEventListener("keydown", hear);
  });
  afterEach(() => {
    document.removeEventListener("keydown", hear);
    ends.abort();
  });

  test("no key typed in the chat is heard outside", async () => {
    const { container, message, page, actions } = setup({ events: exchange("t1", 1, "hi", "there") });
    guardKeyboard(container as HTMLElement, ends.signal);
    message().focus();
    await userEvent.keyboard("add{Shift>}{Enter}{/Shift}{Escape}");
    page.getByRole("button", { name: "Retry" }).focus();
    await userEvent.keyboard("abxddm");
    page.getByRole("log").focus();
    await userEvent.keyboard("ab");
    expect(heard).toEqual([]);
    expect(message().value).toBe("add\n");
    expect(actions.asked).toEqual([]);
  });
});

test.each([
  ["a form", {}],
  ["options", { input: "prompt" }],
])("under a long conversation %s can be reached to its end", async (_, change) => {
  const fields = Array.from({ length: 12 }, (_, n) => ({ ...textField, name: `field ${n}` }));
  const composer = { ...emptyComposer, action: "order", ...change, fields };
  const long = exchange("t1", 1, "hi", "a line\n\n".repeat(80));
  const { container, page } = setup({ store: liveStore(makeView({ composer })), events: long });
  const options = container.querySelector("details");
  if (options !== null) options.open = true;
  const chat = container.querySelector(".bcw-chat") as HTMLElement;
  expect(chat.scrollHeight).toBe(chat.clientHeight);
  const last = page.getByRole("textbox", { name: /field 11/ });
  last.scrollIntoView({ block: "nearest" });
  const bottom = chat.getBoundingClientRect().bottom;
  expect(last.getBoundingClientRect().bottom).toBeLessThan(bottom);
  const send = page.getByRole("button", { name: "Send" }).getBoundingClientRect();
  expect(send.bottom).toBeLessThan(bottom);
  expect(last.getBoundingClientRect().bottom).toBeLessThanOrEqual(send.top);
  expect(page.getByRole("log").clientHeight).toBeGreaterThanOrEqual(100);
});

test("nothing sticks out at 320 pixels, and each message has its own direction", () => {
  document.body.style.cssText = "margin: 0; width: 320px";
  const long = "a-word-without-any-place-to-break-".repeat(20);
  const { page, articles } = setup({
    events: [...exchange("t1", 1, long, long), say.turn("t2", "שלום"), say.message("t2", 1, `${long}\n`, "code")],
  });
  const log = page.getByRole("log");
  expect(log.scrollWidth).toBe(log.clientWidth);
  for (const article of articles()) expect(article.getBoundingClientRect().right).toBeLessThanOrEqual(320);
  const direction = articles().map((a) => getComputedStyle(a.querySelector("[dir]") as Element).direction);
  expect(direction).toEqual(["ltr", "ltr", "rtl", "ltr"]);
});
