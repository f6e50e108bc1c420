import { CommandRegistry } from "@lumino/commands";
import { afterEach, beforeEach, expect, test } from "vitest";
import { shortcutsOf } from "../../labextension/src/shortcuts";

let commands: CommandRegistry;
let inside: HTMLElement;
let isShortcut: (event: KeyboardEvent) => boolean;

beforeEach(() => {
  commands = new CommandRegistry();
  inside = document.createElement("textarea");
  document.body.append(inside);
  isShortcut = shortcutsOf(commands, "ours:");
});
afterEach(() => {
  inside.remove();
  document.body.className = "";
});

function bind(command: string, keys: string[], selector = "body"): void {
  if (!commands.hasCommand(command)) commands.addCommand(command, { execute: () => {} });
  commands.addKeyBinding({ command, keys, selector });
}

/** What is told of a key while the event passes, asked twice as two elements around the target do. */
function press(keyCode: number, more: KeyboardEventInit = {}, type = "keydown"): boolean {
  const answers: boolean[] = [];
  const ask = (event: Event) => answers.push(isShortcut(event as KeyboardEvent));
  window.addEventListener(type, ask, { capture: true });
  document.body.addEventListener(type, ask);
  inside.dispatchEvent(new KeyboardEvent(type, { keyCode, bubbles: true, composed: true, ...more }));
  window.removeEventListener(type, ask, { capture: true });
  document.body.removeEventListener(type, ask);
  expect(answers).toHaveLength(2);
  expect(answers[1]).toBe(answers[0]);
  return answers[0] as boolean;
}

const S = 83;
const X = 88;
const SHIFT = 16;
const both = { altKey: true, shiftKey: true };

test("the shortcuts of our commands are told from all other keys", () => {
  bind("ours:stop", ["Alt Shift X"]);
  bind("theirs:save", ["Alt Shift S"]);
  expect(press(X, both)).toBe(true);
  expect(press(X)).toBe(false);
  expect(press(S, both)).toBe(false);
  expect(press(SHIFT, both)).toBe(false);
  expect(press(X, both, "keyup")).toBe(false);
});

test("one that does not count where the key is pressed is none", () => {
  bind("ours:stop", ["Alt Shift X"], "body.runs");
  expect(press(X, both)).toBe(false);
  document.body.className = "runs";
  expect(press(X, both)).toBe(true);
});

test("one that the user has changed counts as it is now", () => {
  bind("ours:stop", ["F9"]);
  expect(press(X, both)).toBe(false);
  expect(press(120)).toBe(true);
});

test("of a shortcut with several keys the second one counts after the first one, and only then", () => {
  bind("ours:stop", ["Ctrl K", "X"]);
  expect(press(X)).toBe(false);
  expect(press(75, { ctrlKey: true })).toBe(true);
  expect(press(X)).toBe(true);
  expect(press(X)).toBe(false);
  expect(press(75, { ctrlKey: true })).toBe(true);
  expect(press(S)).toBe(false);
  expect(press(X)).toBe(false);
});
