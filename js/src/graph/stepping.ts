// What stepping adds to the picture: where turns are held, and where one is held now.
import type { ReadonlySignal } from "@preact/signals";
import type { Breakpoint, Held } from "../protocol.gen";

export type When = Breakpoint["when"];

export interface Stepping {
  breakpoints: ReadonlySignal<readonly Breakpoint[]>;
  /** Where the running turn is held, null where it is not. */
  held: ReadonlySignal<Held | null>;
  /** Null where none can be set: in a recording. */
  setBreakpoint: ((action: string, when: When, off: boolean) => void) | null;
}

/** Two bars: a turn is held here. */
export const HELD_ICON = "M-2.5,-4V4M2.5,-4V4";

export function breakpointAt({ breakpoints }: Stepping, action: string, when: When): Breakpoint | undefined {
  return breakpoints.value.find((each) => each.action === action && each.when === when);
}

export function toggle(stepping: Stepping | undefined, action: string, when: When): void {
  stepping?.setBreakpoint?.(action, when, breakpointAt(stepping, action, when) !== undefined);
}

/** Whether the turn is held at the action: `delta`: inside it; undefined where it is not. */
export function heldAt(stepping: Stepping | undefined, action: string): Held["at"] | undefined {
  const held = stepping?.held.value ?? null;
  return held !== null && (held.next_action ?? held.after) === action ? held.at : undefined;
}

export function steppingInWords(stepping: Stepping | undefined, action: string): string[] {
  if (stepping === undefined) return [];
  const held = heldAt(stepping, action);
  const points = (["before", "after"] as const).flatMap((when) => breakpointAt(stepping, action, when) ?? []);
  return [
    ...(held === undefined ? [] : [held === "delta" ? "held at a delta" : "held here"]),
    ...points.map(({ when, condition }) => `breakpoint ${when}${conditionInWords(condition)}`),
  ];
}

export function conditionInWords(condition: string | null): string {
  return condition === null ? "" : ` if ${condition}`;
}
