// A turn as a stream, in numbers. src/burr_chat_widget/protocol/timeline.py makes the same `Figures` of the same view, and says
// what each of them is; tests/interop holds the two together.
import { countMarks, readMarks, TICKS_PER_SECOND } from "../inspector/marks";
import type { Figures, FirstDelta, Gap, Lane, Step, StepFigures, View } from "../protocol.gen";

export interface Marks {
  /** When each delta of text came, in seconds since the turn began; never falling. */
  times: Float64Array;
  /** Where each ends in the text of its step, in UTF-16 code units: one begins where the one before ends. */
  ends: Uint32Array;
}

const known = new WeakMap<Step, Marks>();

/**
 * The marks of a step; `began` is its turn's `started`. They are read once for each step object.
 *
 * Parts that are not text (reasoning, calls of tools, data, progress) have no marks. Where `thinned`, one mark may stand for several
 * deltas. What the deltas say is in `textOf`.
 */
export function marksOf(step: Step, began: number): Marks {
  let marks = known.get(step);
  if (marks === undefined) {
    marks = decode(step.marks, step.started - began);
    known.set(step, marks);
  }
  return marks;
}

/** The marks of each step of a lane, as `marksOf`. */
export function marksOfLane(lane: Lane): Marks[] {
  return lane.figures.steps.map(({ start }, index) => decode(lane.marks[index] ?? "", start));
}

interface Read {
  marks: string;
  start: number;
  count: number;
  ticks: number;
  end: number;
  /** Has room for more than `count`. */
  times: Float64Array;
  ends: Uint32Array;
}

const NOTHING: Read = {
  ...{ marks: "", start: 0, count: 0, ticks: 0, end: 0 },
  ...{ times: new Float64Array(), ends: new Uint32Array() },
};

/** What was read last: of a step that runs, which has some marks more each time, only these are read. */
let last = NOTHING;

function decode(marks: string, start: number): Marks {
  const known = last.start === start && marks.startsWith(last.marks) ? last : NOTHING;
  const more = marks.slice(known.marks.length);
  const total = known.count + countMarks(more);
  let { count, ticks, end, times, ends } = known;
  if (total > times.length) {
    const room = known === NOTHING ? total : 2 * total;
    times = grown(new Float64Array(room), times);
    ends = grown(new Uint32Array(room), ends);
  }
  readMarks(more, (since, length) => {
    ticks += since;
    end += length;
    times[count] = start + ticks / TICKS_PER_SECOND;
    ends[count] = end;
    count += 1;
  });
  // Those that were handed out stay as they are: what comes is written behind them.
  last = { marks, start, count, ticks, end, times, ends };
  return { times: times.subarray(0, count), ends: ends.subarray(0, count) };
}

function grown<T extends Float64Array | Uint32Array>(room: T, before: T): T {
  room.set(before);
  return room;
}

/** The text that the marks of a step divide; null where it was replaced as a whole, and is no longer what the deltas said. */
export function textOf(view: View, step: Step): string | null {
  const message = view.messages.find(({ key }) => key === `${step.turn}:${step.step}:text`);
  return message === undefined || message.revision > 0 ? null : message.text;
}

/** The figures of a turn, by its key; of a running one as far as it has come. Null where the view does not have it. */
export function figures(view: View, key: string): Figures | null {
  const turn = view.turns.find((each) => each.key === key);
  if (turn === undefined) return null;
  const { started: began } = turn;
  const ended = turn.ended === null ? null : turn.ended - began;
  const spoke = stepsThatSpoke(view, key);
  const steps: StepFigures[] = [];
  let first: FirstDelta | null = null;
  let firstText: number | null = null;
  let gap: Gap | null = null;
  let intervals = 0;
  let streamed = 0;
  for (const step of view.steps) {
    if (step.turn !== key) continue;
    const marks = marksOf(step, began);
    const { times } = marks;
    const each = stepFigures(step, step.started - began, ended, marks);
    steps.push(each);
    if (first === null && each.first_delta !== null) {
      const { start: before, first_delta: at } = each;
      first = { at, before, own: at - before, step: each.step };
    }
    firstText ??= times[0] ?? (spoke.has(each.step) ? each.end : null);
    gap = longer(gap, times, each.step);
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    if (times.length > 1 && span > 0) {
      intervals += each.deltas - 1;
      streamed += span;
    }
  }
  return {
    turn: key,
    status: turn.status,
    began,
    ended,
    first_delta: first,
    first_text: firstText,
    deltas: total(steps, ({ deltas }) => deltas),
    characters: total(steps, ({ characters }) => characters),
    rate: streamed > 0 ? intervals / streamed : null,
    longest_gap: gap,
    thinned: steps.some(({ thinned }) => thinned),
    steps,
  };
}

function stepFigures(step: Step, start: number, turnEnded: number | null, { times, ends }: Marks): StepFigures {
  return {
    step: step.step,
    action: step.action,
    start,
    // One that was broken off has no duration: it has ended with its turn.
    end: step.duration === null ? turnEnded : start + step.duration,
    status: step.status,
    streaming: step.streaming,
    first_delta: step.first_delta === null ? (times[0] ?? null) : start + step.first_delta,
    deltas: step.thinned ? Math.max(times.length, step.deltas) : times.length,
    characters: ends.at(-1) ?? 0,
    thinned: step.thinned,
  };
}

/** The gap given, or the first one of this step that is longer. */
function longer(gap: Gap | null, times: Float64Array, step: number): Gap | null {
  let seconds = gap?.seconds ?? Number.NEGATIVE_INFINITY;
  let delta = 0;
  for (let index = 1; index < times.length; index++) {
    const wait = (times[index] as number) - (times[index - 1] as number);
    if (wait > seconds) {
      seconds = wait;
      delta = index;
    }
  }
  return delta === 0 ? gap : { seconds, at: times[delta - 1] as number, step, delta };
}

/** Kinds of messages that are an answer. */
const SAID = ["text", "code", "error"];

function stepsThatSpoke(view: View, turn: string): Set<number | null> {
  const said = view.messages.filter(
    (message) => message.turn === turn && message.role !== "user" && SAID.includes(message.kind) && message.text !== "",
  );
  return new Set(said.map(({ step }) => step));
}

function total(steps: readonly StepFigures[], of: (step: StepFigures) => number): number {
  return steps.reduce((sum, step) => sum + of(step), 0);
}
