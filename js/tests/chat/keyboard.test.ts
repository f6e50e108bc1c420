import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardKeyboard, meansOfEnter } from "../../src/chat/keyboard";

const SUPPRESS = "data-lm-suppress-shortcuts";

describe("guardKeyboard", () => {
  let host: HTMLElement;
  let button: HTMLButtonElement;
  let ends: AbortController;
  let heard: string[];
  let suppressed: boolean[];

  // The notebook's two ways to listen: on the way down, where Lumino asks the focused element, and on the way up.
  const down = (event: Event) => suppressed.push((event.target as Element).hasAttribute(SUPPRESS));
  const up = (event: Event) => heard.push(`${event.type} ${(event as KeyboardEvent).key}`);

  beforeEach(() => {
    host = document.createElement("div");
    button = document.createElement("button");
    host.append(button);
    document.body.append(host);
    ends = new AbortController();
    heard = [];
    suppressed = [];
    document.addEventListener("keydown", down, true);
    for (const type of ["keydown", "keypress", "keyup"]) document.addEventListener(type, up);
    guardKeyboard(host, ends.signal);
  });

  afterEach(() => {
    ends.abort();
    host.remove();
    document.removeEventListener("keydown", down, true);
    for (const type of ["keydown", "keypress", "keyup"]) document.removeEventListener(type, up);
  });

  const press = (key: string, more: KeyboardEventInit = {}, target: Element = button) => {
    for (const type of ["keydown", "keypress", "keyup"]) {
      target.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, cancelable: true, composed: true, ...more }));
    }
  };

  test.each([
    ["a", {}],
    ["d", {}],
    ["Enter", { shiftKey: true }],
    ["Enter", { ctrlKey: true }],
    ["Escape", {}],
    ["z", { ctrlKey: true }],
    ["s", {}],
    ["s", { ctrlKey: true, shiftKey: true }],
  ] as [string, KeyboardEventInit][])("%s %o stays inside", (key, more) => {
    press(key, more);
    expect(heard).toEqual([]);
    expect(suppressed).toEqual([true]);
  });

  test.each([{ ctrlKey: true }, { metaKey: true }])(
    "S with %o reaches the notebook, before and after other keys",
    (more) => {
      press("a");
      press("s", more);
      expect(heard).toEqual(["keydown s", "keypress s", "keyup s"]);
      expect(suppressed).toEqual([true, false]);
      press("a");
      expect(suppressed).toEqual([true, false, true]);
    },
  );

  test("what is a shortcut of the notebook for chats is left to it", () => {
    ends.abort();
    ends = new AbortController();
    guardKeyboard(host, ends.signal, (event) => event.key === "F9");
    press("F9");
    press("a");
    expect(heard).toEqual(["keydown F9", "keypress F9", "keyup F9"]);
    expect(suppressed).toEqual([false, true]);
  });

  test("keys typed elsewhere are not touched", () => {
    const other = document.createElement("button");
    document.body.append(other);
    press("a", {}, other);
    expect(heard).toEqual(["keydown a", "keypress a", "keyup a"]);
    expect(other.hasAttribute(SUPPRESS)).toBe(false);
    other.remove();
  });

  test("nothing is left when it ends", () => {
    ends.abort();
    press("a");
    expect(heard).toEqual(["keydown a", "keypress a", "keyup a"]);
  });
});

test.each([
  ["Enter", "Enter", {}, "send"],
  ["Enter", "Enter", { ctrlKey: true }, "send"],
  ["Enter", "Enter", { shiftKey: true }, "break"],
  ["Enter", "Enter", { altKey: true }, null],
  ["Enter", "a", {}, null],
  ["Ctrl+Enter", "Enter", {}, "break"],
  ["Ctrl+Enter", "Enter", { ctrlKey: true }, "send"],
  ["Ctrl+Enter", "Enter", { metaKey: true }, "send"],
  ["Ctrl+Enter", "Enter", { shiftKey: true }, "break"],
  ["Ctrl+Enter", "Enter", { altKey: true }, null],
] as const)("where %s sends, %s with %o means %s", (sendKey, key, more, means) => {
  expect(meansOfEnter(new KeyboardEvent("keydown", { key, ...more }), sendKey)).toBe(means);
});
