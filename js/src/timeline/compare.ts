// Several turns on one time axis: for each a row of its deltas, and below it rows of what became of them.
import { count, seconds } from "../inspector/words";
import type { Figures, Lane, LaneFrame, StepFigures } from "../protocol.gen";
import { lowerBound } from "./bins";
import { type Marks, marksOfLane } from "./figures";
import type { ReadDelta } from "./Readout";
import type { Place, Row, Scene } from "./scene";
import { footOf, TONES } from "./turnScene";

/** Whether the turn still ran when it was taken for the comparison, which shows it as far as it had come then. */
export function isRunning({ status }: Figures): boolean {
  return status === "running";
}

/** A lane, with its marks read. */
export interface ReadLane {
  lane: Lane;
  marks: readonly Marks[];
  /** Where its rows begin. */
  row: number;
  rows: readonly Row[];
}

export function readLanes(lanes: readonly Lane[]): ReadLane[] {
  let row = 0;
  return lanes.map((lane) => {
    const marks = marksOfLane(lane);
    const rows = rowsOf(lane, marks);
    const read = { lane, marks, row, rows };
    row += rows.length;
    return read;
  });
}

export function lanesScene(lanes: readonly ReadLane[]): Scene {
  const rows = lanes.flatMap((each) => each.rows);
  const ends = rows.flatMap(({ bars, times }) => [...bars.map(({ to }) => to), times.at(-1) ?? 0]);
  return { rows, foot: [], end: Math.max(0, ...lanes.map(({ lane }) => lane.figures.ended ?? 0), ...ends), holds: [] };
}

function rowsOf({ label, figures, frames }: Lane, marks: readonly Marks[]): Row[] {
  const { first_text, deltas } = figures;
  const soFar = isRunning(figures) ? " so far" : "";
  const streamed = Float64Array.from(marks.flatMap(({ times }) => [...times]));
  // What was said at once is one mark, when it could be read.
  const times = deltas > 0 || first_text === null ? streamed : Float64Array.of(first_text);
  const came = first_text === null ? `nothing to read${soFar}` : `first text after ${seconds(first_text)}`;
  const row: Row = {
    label,
    note: deltas > 0 || soFar !== "" ? `${count(deltas, "delta")}${soFar}, ${came}` : `not streamed, ${came}`,
    tone: "yield",
    bars: figures.steps.map(({ start, end, status }) => ({ from: start, to: end ?? times.at(-1) ?? start, status })),
    times,
    chosen: false,
  };
  const told = frames.map((frame) => ({ ...frame, deltas: frame.last - frame.first }));
  return [row, ...footOf(told).filter((each) => each.times.length > 0)];
}

/** The lane of a row, and the step and delta of one of its marks. */
function find(lanes: readonly ReadLane[], { row, mark }: Place) {
  const read = lanes.findLast((each) => each.row <= row);
  if (read === undefined || read.row !== row || mark === null) return null;
  let before = 0;
  for (const [index, { times }] of read.marks.entries()) {
    if (mark < before + times.length) return { read, index, delta: mark - before };
    before += times.length;
  }
  return { read, index: null, delta: 0 };
}

export function readPlace(lanes: readonly ReadLane[], place: Place | null): ReadDelta | null {
  const found = place === null ? null : find(lanes, place);
  if (found === null || place?.mark == null) return null;
  const { read, index, delta } = found;
  const { lane, marks } = read;
  if (index === null) return atOnce(lane);
  const step = lane.figures.steps[index] as StepFigures;
  const { times, ends } = marks[index] as Marks;
  const at = times[delta] as number;
  const from = ends[delta - 1] ?? 0;
  const end = ends[delta] as number;
  const frame = frameOf(lane, place.mark);
  return {
    action: `${step.action}, ${lane.label}`,
    ...{ delta, at, from, thinned: step.thinned },
    of: times.length,
    gap: at - (times[delta - 1] ?? step.start),
    text: lane.texts[index]?.slice(0, end) ?? null,
    length: end - from,
    frame: frame && { ...frame, deltas: frame.last - frame.first },
  };
}

/** An answer that came as a whole. */
function atOnce({ label, figures, texts }: Lane): ReadDelta {
  const at = figures.first_text ?? 0;
  const index = figures.steps.findIndex(({ end }) => end === at);
  const text = texts[index] ?? texts.join("");
  return {
    action: label,
    ...{ delta: 0, of: 0, at, from: 0, text, frame: null, thinned: false },
    gap: at - (figures.steps[index]?.start ?? 0),
    length: text.length,
  };
}

function frameOf({ frames }: Lane, delta: number): LaneFrame | null {
  const found =
    frames[
      lowerBound(
        Float64Array.from(frames, ({ last }) => last),
        delta + 1,
      )
    ];
  return found !== undefined && found.first <= delta ? found : null;
}

/** When each clock showed what became of a mark: by its row. */
export function wayBelow(lanes: readonly ReadLane[], place: Place | null): Map<number, number> {
  const found = place === null ? null : find(lanes, place);
  const frame = found === null || place?.mark == null ? null : frameOf(found.read.lane, place.mark);
  const way = new Map<number, number>();
  if (found === null || frame === null) return way;
  for (const tone of TONES) {
    const row = found.read.rows.findIndex((each) => each.tone === tone);
    if (row > 0 && frame[tone] !== null) way.set(found.read.row + row, frame[tone]);
  }
  return way;
}
