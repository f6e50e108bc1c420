// Keys typed in the widget stay in the widget. Left alone, JupyterLab would take them for its own: `a`, `b`, `dd` and `m`
// change the cells when a button has the focus, Shift+Enter runs the cell again and destroys the chat.
//
// Two things are needed. Lumino, which runs the shortcuts, listens on the document while the event goes down in Notebook 7, and
// on its way up in JupyterLab; it looks for a binding from the focused element upwards and gives up at the first element
// that has the attribute below. `:focus` selectors match the focused element itself, so the attribute must be on
// that element, before Lumino looks: in a capturing listener on the window. Everybody else's listeners are kept
// away by stopping the event where it leaves the widget.

import type { Settings } from "../settings";

const SUPPRESS = "data-lm-suppress-shortcuts";
const KEY_EVENTS = ["keydown", "keypress", "keyup"] as const;

/**
 * Keep the keys typed inside `host` from the notebook, until `signal` aborts. Ctrl+S and Cmd+S still save, and what
 * `isShortcut` says belongs to the notebook's own commands for chats is left to them.
 */
export function guardKeyboard(
  host: HTMLElement,
  signal: AbortSignal,
  isShortcut: (event: KeyboardEvent) => boolean = () => false,
): void {
  const passes = (event: KeyboardEvent) => isSave(event) || isShortcut(event);
  const mark = (event: KeyboardEvent) => {
    const path = event.composedPath();
    if (!path.includes(host)) return;
    // The second is the focused element also where it is inside a shadow root, which the host of the root then hides.
    for (const element of new Set([host, path[0]])) {
      if (element instanceof Element) element.toggleAttribute(SUPPRESS, !passes(event));
    }
  };
  const contain = (event: KeyboardEvent) => {
    if (!passes(event)) event.stopPropagation();
  };
  for (const type of KEY_EVENTS) {
    window.addEventListener(type, mark, { capture: true, signal });
    host.addEventListener(type, contain, { signal });
  }
}

function isSave(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s";
}

/** Whether an input method is at work: then keys belong to it. Safari tells only by the key code. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** What Enter is for in a text that is sent, by the key that the reader sends with; null for what is the browser's. */
export function meansOfEnter(event: KeyboardEvent, sendKey: Settings["sendKey"]): "send" | "break" | null {
  if (event.key !== "Enter" || event.altKey) return null;
  if (event.shiftKey) return "break";
  return sendKey === "Enter" || event.ctrlKey || event.metaKey ? "send" : "break";
}

/** Break the line at the caret, as typing does: with undo where the browser can. */
export function breakLine(area: HTMLTextAreaElement): void {
  // The only way that keeps the undo history. JupyterLab cancels the browser's own line break inside cells.
  const before = area.value;
  document.execCommand?.("insertText", false, "\n");
  if (area.value !== before) return;
  area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertLineBreak" }));
}
