// Keys typed in the widget stay in the widget. Left alone, JupyterLab would take them for its own: `a`, `b`, `dd` and `m`
// change the cells when a button has the focus, Shift+Enter runs the cell again and destroys the chat.
//
// Two things are needed. Lumino, which runs the shortcuts, listens on the document while the event goes down in Notebook 7, and
// on its way up in JupyterLab; it looks for a binding from the focused element upwards and gives up at the first element
// that has the attribute below. `:focus` selectors match the focused element itself, so the attribute must be on
// that element, before Lumino looks: in a capturing listener on the window. Everybody else's listeners are kept
// away by stopping the event where it leaves the widget.

const SUPPRESS = "data-lm-suppress-shortcuts";
const KEY_EVENTS = ["keydown", "keypress", "keyup"] as const;

/** Keep the keys typed inside `host` from the notebook, until `signal` aborts. Ctrl+S and Cmd+S still save. */
export function guardKeyboard(host: HTMLElement, signal: AbortSignal): void {
  const mark = (event: KeyboardEvent) => {
    const path = event.composedPath();
    if (!path.includes(host)) return;
    // The second is the focused element also where it is inside a shadow root, which the host of the root then hides.
    for (const element of new Set([host, path[0]])) {
      if (element instanceof Element) element.toggleAttribute(SUPPRESS, !isSave(event));
    }
  };
  const contain = (event: KeyboardEvent) => {
    if (!isSave(event)) event.stopPropagation();
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

/** Break the line at the caret, as typing does: with undo where the browser can. */
export function breakLine(area: HTMLTextAreaElement): void {
  // The only way that keeps the undo history. JupyterLab cancels the browser's own line break inside cells.
  const before = area.value;
  document.execCommand?.("insertText", false, "\n");
  if (area.value !== before) return;
  area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertLineBreak" }));
}
