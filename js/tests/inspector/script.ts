// What a kernel tells of stepping, and what stands for widget.ts.
import type { ConditionResult, Edit, FramePainted, Held, Step } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import type { Store } from "../../src/store/store";
import type { InspectStep, LogTurn } from "../../src/transport/questions";
import { fakeActions } from "../chat/actions";
import { say } from "../chat/script";

export type Asked = string | [string, ...unknown[]];

const never = () => new Promise<never>(() => {});

/** Stands for widget.ts: keeps what was asked, as names r1, r2, ... */
export function fakeStepping(store: Store, inspect: InspectStep = never, log: LogTurn = never) {
  const chat = fakeActions(store);
  const did: Asked[] = [];
  const ask = (
    type:
      | "resume"
      | "step-action"
      | "step-delta"
      | "pause"
      | "rewind"
      | "fork"
      | "set-breakpoint"
      | "set-pace"
      | "set-fault",
    ...more: unknown[]
  ) => {
    did.push(more.length === 0 ? type : [type, ...more]);
    const request = `s${did.length}`;
    const common = { client: "me", request };
    if (type === "pause") store.ask({ type, ...common, off: more[0] as boolean });
    else if (type === "rewind" || type === "fork") store.ask({ type, ...common, step: 1, branch: null, edits: [] });
    else if (type === "set-breakpoint") {
      const [action, when, off] = more as [string, "before" | "after", boolean];
      store.ask({ type, ...common, action, when, off });
    } else if (type === "set-pace") store.ask({ type, ...common, seconds: more[0] as number });
    else if (type === "set-fault") store.ask({ type, ...common, fault: more[0] as string | null });
    else store.ask({ type, ...common });
    return request;
  };
  return {
    ...chat,
    did,
    resume: () => ask("resume"),
    step: () => ask("step-action"),
    stepDelta: () => ask("step-delta"),
    pause: (off: boolean) => ask("pause", off),
    rewind: (step: number, edits: Edit[]) => ask("rewind", step, ...edits),
    fork: (step: number, edits: Edit[]) => ask("fork", step, ...edits),
    setBreakpoint: (action: string, when: "before" | "after", off: boolean) => ask("set-breakpoint", action, when, off),
    setPace: (seconds: number) => ask("set-pace", seconds),
    setFault: (fault: string | null) => ask("set-fault", fault),
    tellPainted: (frames: FramePainted[]) => void did.push(["painted", ...frames]),
    inspect,
    log,
  };
}

const at = { time: 0, monotonic: 100 };

/** What a kernel tells of stepping, beside `say`. */
export const tell = {
  ...say,
  paused: (turn: string, held: Partial<Held> = {}): WireEvent => ({
    type: "turn-paused",
    ...at,
    turn,
    at: "action",
    reason: "step",
    breakpoint: null,
    after: null,
    next_action: null,
    needs: [],
    conditions: [],
    error: null,
    ...held,
  }),
  resumed: (turn: string): WireEvent => ({ type: "turn-resumed", ...at, turn }),
  accepted: (request: string): WireEvent => ({ type: "accepted", ...at, turn: "", request }),
  controls: (pausing: boolean, ...breakpoints: [action: string, when: "before" | "after"][]): WireEvent => ({
    type: "controls-changed",
    ...at,
    turn: "",
    pausing,
    breakpoints: breakpoints.map(([action, when]) => ({ action, when, condition: null })),
    pace: 0,
    fault: null,
  }),
  deltas: (step: number, ...pieces: string[]): WireEvent => ({
    type: "text",
    step,
    text: pieces.join(""),
    marks: pieces.map((piece) => mark(125, piece.length)).join(""),
  }),
  taken: (turn: string, step: number, from: string, ...conditions: ConditionResult[]): WireEvent => ({
    type: "transition-taken",
    ...at,
    turn,
    step,
    from_action: from,
    to_action: conditions.find(({ taken }) => taken)?.to ?? "",
    conditions,
  }),
  changed: (turn: string, step: number, ...changes: Step["changes"]): WireEvent => ({
    type: "state-changed",
    ...at,
    turn,
    step,
    changes,
  }),
};

export function condition(
  to: string,
  name: string,
  outcome: boolean | null,
  more: Partial<ConditionResult> = {},
): ConditionResult {
  return { to, condition: name, outcome, taken: false, values: {}, error: null, ...more };
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** As protocol/marks.py writes it. */
export function mark(ticks: number, length: number): string {
  const digits = (number: number): string =>
    number < 32 ? (DIGITS[number] ?? "") : (DIGITS[(number & 31) | 32] ?? "") + digits(number >> 5);
  return digits(ticks) + digits(length);
}
