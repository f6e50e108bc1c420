// The keys of debuggers, as in the browsers' own: F8, F10 and F11, or Ctrl with \ ' and ; where function keys are taken (as
// F11 by macOS). They count inside a view only. F10 and F11 would open a menu and fill the screen: a view keeps them in.
// JupyterLab has no Ctrl with these three, and its own F9 to F11 for its debugger do not reach it from here.
import { isComposing } from "../chat/keyboard";
import type { Control, Does } from "./control";

export interface Key {
  /** As `aria-keyshortcuts` wants it. */
  aria: string;
  /** As a person reads it on a button, and in full. */
  short: string;
  long: string;
}

const CONTINUE: Key = { aria: "F8 Control+\\", short: "F8", long: "F8 or Ctrl+\\" };

export const KEYS: Record<Does, Key> = {
  continue: CONTINUE,
  pause: CONTINUE,
  step: { aria: "F10 Control+'", short: "F10", long: "F10 or Ctrl+'" },
  "step-delta": { aria: "F11 Control+;", short: "F11", long: "F11 or Ctrl+;" },
  stop: { aria: "Shift+F8", short: "⇧F8", long: "Shift+F8" },
};

/** Does what the keys say that are pressed inside `host`, until `signal` aborts; where it cannot be had they are left alone. */
export function listenForKeys(host: HTMLElement, control: Control, signal: AbortSignal): void {
  host.addEventListener(
    "keydown",
    (event) => {
      const does = isComposing(event) || !control.offered.peek() ? null : meaning(event);
      if (does === null) return;
      event.preventDefault();
      if (event.repeat) return;
      if (does === "toggle") control.toggle();
      else control.do(does);
    },
    { signal },
  );
}

function meaning({ key, ctrlKey, shiftKey, altKey, metaKey }: KeyboardEvent): Does | "toggle" | null {
  if (altKey || metaKey) return null;
  if (key === "F8" && !ctrlKey) return shiftKey ? "stop" : "toggle";
  if (shiftKey) return null;
  switch (ctrlKey ? `Ctrl+${key}` : key) {
    case "Ctrl+\\":
      return "toggle";
    case "F10":
    case "Ctrl+'":
      return "step";
    case "F11":
    case "Ctrl+;":
      return "step-delta";
    default:
      return null;
  }
}
