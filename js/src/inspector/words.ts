// What stepping says about itself, in words.
import type { Breakpoint, Held, Step, View } from "../protocol.gen";

/** What stands where the next action would be named. */
export const ASKS = "The quiz asks what runs next.";

/** `Held before decide_mode`; at a delta `Held at a delta of generate_poem`. */
export function heldWords(held: Held): string {
  if (held.at === "delta") return `Held at a delta of ${held.next_action ?? "the action"}`;
  const isAfter = held.breakpoint?.startsWith("after ") === true || held.next_action === null;
  if (isAfter && held.after !== null) return `Held after ${held.after}`;
  return held.next_action === null ? "Held" : `Held before ${held.next_action}`;
}

/** Why it is held, in a sentence without its end. */
export function reasonWords({ reason, breakpoint, at }: Held): string {
  switch (reason) {
    case "breakpoint": {
      // `before answer if is_long, which raised KeyError: ...`: where it is, the reader is told already.
      const [, condition, error] = / if (.*?)(?:, which (raised .*))?$/s.exec(breakpoint ?? "") ?? [];
      if (condition === undefined) return "at a breakpoint";
      return `at a breakpoint, since ${condition} ${error ?? "is true"}`;
    }
    case "pause":
      return at === "delta" ? "as was asked" : "paused";
    case "step":
      return at === "delta" ? "one delta further" : "one step further";
  }
}

export function breakpointWords({ action, when, condition }: Breakpoint): string {
  return `${when} ${action}${condition === null ? "" : ` if ${condition}`}`;
}

/** What just changed, for whoever does not see the page: it counts nothing, so that it is said once. */
export function statusWords(view: View | null, lost: boolean): string {
  if (lost) return "Disconnected";
  if (view === null) return "";
  if (view.held !== null) return heldWords(view.held);
  const turn = view.turns.at(-1);
  if (turn === undefined) return "";
  if (turn.status !== "running") return { completed: "Complete", stopped: "Stopped", failed: "Failed" }[turn.status];
  const step = view.steps.at(-1);
  return step?.status === "running" ? `Running ${step.action}` : "Running";
}

/** `12 ms`, `1.2 s`, `2 min 5 s`. */
export function seconds(value: number): string {
  if (value < 0.0095) return `${(value * 1000).toFixed(1)} ms`;
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

/** That there is nothing of what a step would leave when it ends. */
export function unfinished(step: Step, what: string): string {
  if (step.status === "running") return `There is no ${what} before it ends.`;
  return `It ${step.status === "failed" ? "failed" : "was stopped"}: there is no ${what}.`;
}

/** What a step is doing, or what became of it. */
export function stepStatus({ status }: Step, held: Held | null, undone: boolean): string {
  if (status === "done" && undone) return "undone";
  return status === "running" && held?.at === "delta" ? "held" : status;
}
