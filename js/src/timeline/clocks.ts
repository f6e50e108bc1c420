// The four clocks of a turn: when a delta was yielded, and when the frame that carried it was sent, received and painted. The kernel and
// the page have no clock in common: the page's is put so that its fastest frame was received in the moment in which it was sent.
import { countMarks, MARKED_DELTAS } from "../inspector/marks";
import type { FramePainted } from "../protocol.gen";
import type { Connection } from "../transport/connection";
import { lowerBound } from "./bins";
import { eventsIn, type TurnLog } from "./log";

/** One frame's times, in seconds since the turn began; null where a time is not known. */
export interface FrameTimes {
  seq: number;
  sent: number;
  received: number | null;
  painted: number | null;
  /** How many deltas of the turn it carried. */
  deltas: number;
}

export interface Clocks {
  frames: readonly FrameTimes[];
  /** Whose times of receipt and paint they are: null where nobody has told any. */
  page: "this" | "another" | null;
  /** What the kernel has not been told yet, on its clock. */
  untold: FramePainted[];
  /** The frame that carried a delta of a step, by its mark's place among the step's; null also where a mark stands for several. */
  frameOf(step: number, delta: number): FrameTimes | null;
}

export function clocksOf(log: TurnLog, began: number, arrivals: Connection["arrivals"]): Clocks {
  const deltas = deltasOf(log);
  const behind = offset(log, arrivals);
  const untold: FramePainted[] = [];
  let page: Clocks["page"] = null;
  const frames = log.frames.map(({ seq, sent, received, painted, first, last }): FrameTimes => {
    const arrival = arrivals.get(seq);
    const times = { seq, sent: sent - began, deltas: deltas.between(first, last) };
    if (arrival === undefined) {
      if (received !== null) page ??= "another";
      return { ...times, received: received && received - began, painted: painted && painted - began };
    }
    page = "this";
    const here = arrival.received / 1000 - behind;
    const shown = arrival.painted === null ? null : arrival.painted / 1000 - behind;
    if (shown !== null && painted === null) untold.push({ seq, received: here, painted: shown });
    return { ...times, received: here - began, painted: shown === null ? null : shown - began };
  });
  const ends = Float64Array.from(log.frames, ({ last }) => last);
  return {
    frames,
    page,
    untold,
    frameOf(step, delta) {
      const event = deltas.of.get(step)?.[delta];
      // From there on the log, which has each delta by itself, counts others than the marks of the step do.
      if (event === undefined || deltas.before(event) >= MARKED_DELTAS) return null;
      const at = lowerBound(ends, event + 1);
      return (log.frames[at]?.first ?? event + 1) <= event ? (frames[at] ?? null) : null;
    },
  };
}

/** How much later the page's clock shows what the kernel's does, in seconds. */
function offset({ frames }: TurnLog, arrivals: Connection["arrivals"]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { seq, sent } of frames) {
    const arrival = arrivals.get(seq);
    if (arrival !== undefined) least = Math.min(least, arrival.received / 1000 - sent);
  }
  return least;
}

/** The deltas of each step, by their numbers among the turn's events. */
function deltasOf({ events }: TurnLog) {
  const of = new Map<number, number[]>();
  const found: number[] = [];
  let number = 0;
  for (const event of events) {
    if (event.type === "text") {
      const known = of.get(event.step) ?? [];
      of.set(event.step, known);
      const count = countMarks(event.marks);
      for (let n = 0; n < count; n++) {
        known.push(number + n);
        found.push(number + n);
      }
    }
    number += eventsIn(event);
  }
  const all = Float64Array.from(found);
  const before = (limit: number) => lowerBound(all, limit);
  return { of, before, between: (first: number, last: number) => before(last) - before(first) };
}

/** Where the reader waited: the middle and the longest of each way, in seconds. */
export interface Ways {
  /** From the yield until the frame went out, from there until it was received, and from there until it was painted. */
  sending: Way;
  travelling: Way;
  painting: Way;
  /** All of it, from yield to paint. */
  whole: Way;
}

export interface Way {
  median: number;
  longest: number;
}

const known = new WeakMap<Clocks, Ways | null>();

/**
 * Of the deltas whose frames were painted; null where there are none. Found once for the clocks: what has come since to the `steps` of
 * a turn that runs is not in them.
 */
export function waysOf(clocks: Clocks, steps: readonly { step: number; times: Float64Array }[]): Ways | null {
  let ways = known.get(clocks);
  if (ways === undefined) {
    ways = findWays(clocks, steps);
    known.set(clocks, ways);
  }
  return ways;
}

function findWays(clocks: Clocks, steps: readonly { step: number; times: Float64Array }[]): Ways | null {
  const ways = { sending: [] as number[], travelling: [] as number[], painting: [] as number[], whole: [] as number[] };
  for (const { step, times } of steps) {
    times.forEach((yielded, delta) => {
      const frame = clocks.frameOf(step, delta);
      if (frame === null || frame.received === null || frame.painted === null) return;
      ways.sending.push(frame.sent - yielded);
      ways.travelling.push(frame.received - frame.sent);
      ways.painting.push(frame.painted - frame.received);
      ways.whole.push(frame.painted - yielded);
    });
  }
  if (ways.whole.length === 0) return null;
  return {
    sending: wayOf(ways.sending),
    travelling: wayOf(ways.travelling),
    painting: wayOf(ways.painting),
    whole: wayOf(ways.whole),
  };
}

function wayOf(values: number[]): Way {
  const sorted = Float64Array.from(values).sort();
  return { median: sorted[sorted.length >> 1] as number, longest: sorted.at(-1) as number };
}
