// What a plot shows: rows of marks on one time axis. Times are in seconds since the turn began.
import { nearest } from "./bins";
import type { Range } from "./scale";

export type Tone = "yield" | "sent" | "received" | "painted";

export interface Row {
  label: string;
  /** What else is said beside the label. */
  note: string;
  tone: Tone;
  /** What went on meanwhile, behind the marks. */
  bars: readonly Bar[];
  times: Float64Array;
  /** Whether it is the step that is chosen. */
  chosen: boolean;
}

export interface Bar extends Range {
  status: "running" | "done" | "stopped" | "failed";
}

/** A mark of a row; `mark` is null for the row itself. */
export interface Place {
  row: number;
  mark: number | null;
}

export interface Scene {
  rows: readonly Row[];
  /** The last rows, which are always in sight. */
  foot: readonly Row[];
  /** Where the axis ends. */
  end: number;
  /** When the turn was held. */
  holds: readonly Range[];
}

export const EMPTY: Scene = { rows: [], foot: [], end: 0, holds: [] };

/** The marks of all rows. */
export function countMarksOf({ rows }: Scene): number {
  return rows.reduce((count, { tone, times }) => count + (tone === "yield" ? times.length : 0), 0);
}

/** So many deltas further with PageUp and PageDown. */
const PAGE = 100;

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -PAGE,
  PageDown: PAGE,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * Where a key leads: along a row, or to the row above or below, there to what is nearest in time. From nowhere it leads to the
 * last row that has marks. Null where the key means nothing.
 */
export function moved(scene: Scene, place: Place | null, key: string): Place | null {
  const by = STEPS[key];
  const rows = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (by === undefined && rows === undefined) return null;
  const { rows: all } = scene;
  if (place === null || all[place.row] === undefined) return first(all, key);
  if (by !== undefined) {
    const { length } = all[place.row]?.times ?? [];
    if (length === 0) return place;
    if (place.mark === null) return { row: place.row, mark: entry(length, key) };
    return { row: place.row, mark: Math.max(0, Math.min(length - 1, place.mark + by)) };
  }
  const row = neighbour(all, place.row, rows ?? 0);
  if (row === undefined) return place;
  const time = timeOf(scene, place) ?? 0;
  const mark = nearest(all[row]?.times ?? new Float64Array(), time);
  return { row, mark: mark < 0 ? null : mark };
}

/** The next row of deltas. */
function neighbour(rows: readonly Row[], from: number, by: number): number | undefined {
  for (let row = from + by; rows[row] !== undefined; row += by) if (rows[row]?.tone === "yield") return row;
  return undefined;
}

function first(rows: readonly Row[], key: string): Place | null {
  const row = rows.findLastIndex(({ tone, times }) => tone === "yield" && times.length > 0);
  if (row < 0) return rows.length === 0 ? null : { row: rows.length - 1, mark: null };
  return { row, mark: entry(rows[row]?.times.length ?? 0, key) };
}

/** Where a key leads in a row of which no mark was chosen: to its last one, or its first. */
function entry(length: number, key: string): number {
  return ["End", "ArrowLeft", "PageUp"].includes(key) ? length - 1 : 0;
}

/** When it was; of a row, when it began. */
export function timeOf({ rows }: Scene, { row, mark }: Place): number | undefined {
  const found = rows[row];
  return mark === null ? found?.bars[0]?.from : found?.times[mark];
}
