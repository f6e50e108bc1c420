// A turn as a plot: a row for each of its steps, and at the foot one for each clock of what happened to the deltas then.
import { count, seconds } from "../inspector/words";
import type { Held, Step, Turn, View } from "../protocol.gen";
import type { Spot } from "./choice";
import type { Clocks, FrameTimes } from "./clocks";
import { marksOf } from "./figures";
import type { Range } from "./scale";
import type { Place, Row, Scene } from "./scene";

export interface Knowledge {
  clocks: Clocks | null;
  /** When it was held, and since when it is held. */
  holds: readonly Range[];
  heldSince: number | null;
  /** How far a running turn has come, in seconds since it began; null where that is not known. */
  now: number | null;
  /** The step that is chosen. */
  step: number | null;
}

/** The clocks below the yields. */
export const TONES = ["sent", "received", "painted"] as const;

const LABELS: Record<(typeof TONES)[number], [label: string, note: string]> = {
  sent: ["Sent", "a frame at a time"],
  received: ["Received", "by the page"],
  painted: ["Painted", "by the page"],
};

export function stepsOf({ steps }: View, { key }: Turn): Step[] {
  return steps.filter(({ turn }) => turn === key);
}

export function turnScene(view: View, turn: Turn, known: Knowledge): Scene {
  const { started: began } = turn;
  const steps = stepsOf(view, turn);
  const last = lastKnown(turn, steps, known.now);
  const foot = known.clocks === null || known.clocks.frames.length === 0 ? [] : footOf(known.clocks.frames);
  const end = foot.reduce((end, { times }) => Math.max(end, times.at(-1) ?? 0), last);
  const held = view.held !== null && turn.status === "running" ? view.held : null;
  return {
    rows: steps.map((step, index) => {
      const { times } = marksOf(step, began);
      const from = step.started - began;
      const to = step.duration === null ? last : from + step.duration;
      return {
        label: step.action,
        note: noteOf(step, times.length, index === steps.length - 1 ? held : null),
        tone: "yield",
        bars: [{ from, to, status: step.status }],
        times,
        chosen: step.step === known.step,
      };
    }),
    foot,
    end,
    holds:
      turn.status === "running"
        ? [...known.holds, ...holdsNow(view, steps, began, known.heldSince, last)]
        : known.holds,
  };
}

/** So long a hold is seen, in seconds: shorter ones would only flicker. */
const SEEN = 0.1;

/** How the source is held now: by a hold, or after a delta by the pace. */
function holdsNow(
  { held, pace }: View,
  steps: readonly Step[],
  began: number,
  since: number | null,
  now: number,
): Range[] {
  if (held !== null) return [{ from: since ?? now, to: now }];
  const step = steps.at(-1);
  const delta = step?.status === "running" ? marksOf(step, began).times.at(-1) : undefined;
  if (delta === undefined || Math.min(now - delta, pace) < SEEN) return [];
  return [{ from: delta, to: Math.min(now, delta + pace) }];
}

/** The times of each clock, as far as there are any. */
export function footOf(frames: readonly Pick<FrameTimes, (typeof TONES)[number]>[]): Row[] {
  return TONES.map((tone): Row => {
    const [label, note] = LABELS[tone];
    const times = Float64Array.from(frames.flatMap((frame) => frame[tone] ?? []));
    return { label, note: times.length === 0 ? "not known" : note, tone, bars: [], times, chosen: false };
  });
}

/** When each clock at the foot showed what became of a delta: by its row, those of the steps counted before them. */
export function wayOf(clocks: Clocks | null, spot: Spot | null, rows: number): Map<number, number> {
  const frame = spot === null ? null : (clocks?.frameOf(spot.step, spot.delta) ?? null);
  const way = new Map<number, number>();
  TONES.forEach((tone, index) => {
    const time = frame?.[tone] ?? null;
    if (time !== null) way.set(rows + index, time);
  });
  return way;
}

/** How far the turn is known to have come: until `now`, or until the last thing that was told of it. */
export function lastKnown({ ended, started: began }: Turn, steps: readonly Step[], now: number | null): number {
  if (ended !== null) return ended - began;
  const times = steps.map((step) => {
    const from = step.started - began;
    return Math.max(from + (step.duration ?? 0), marksOf(step, began).times.at(-1) ?? 0);
  });
  return Math.max(0, now ?? 0, ...times);
}

function noteOf(
  { step, status, streaming, duration, thinned, deltas }: Step,
  marks: number,
  held: Held | null,
): string {
  const facts = [`step ${step}`];
  if (held !== null && status === "running") facts.push("held");
  else if (status !== "done") facts.push(status);
  if (marks > 0) facts.push(count(thinned ? Math.max(deltas, marks) : marks, "delta"));
  else if (streaming && status !== "running") facts.push("no deltas of text");
  if (duration !== null) facts.push(seconds(duration));
  return facts.join(" · ");
}

/** The place of a delta in the plot, and the other way round. */
export function placeOfSpot(steps: readonly Step[], spot: Spot | null, step: number | null): Place | null {
  const row = steps.findIndex((each) => each.step === step);
  if (row < 0) return null;
  return { row, mark: spot?.step === step ? spot.delta : null };
}

export function spotOfPlace(steps: readonly Step[], place: Place | null): Spot | null {
  const step = place === null ? undefined : steps[place.row]?.step;
  return step === undefined || place?.mark == null ? null : { step, delta: place.mark };
}
