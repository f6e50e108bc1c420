// What was told of a turn, one event after the other: deltas, which travel together, are taken apart again by their marks.
import { countMarks, MARKED_DELTAS, readMarks, TICKS_PER_SECOND } from "../inspector/marks";
import type { WireEvent } from "../store/fold";

type Text = Extract<WireEvent, { type: "text" }>;

/** A delta as the bridge tells it. */
export interface TextDelta {
  type: "text-delta";
  time: number;
  monotonic: number;
  turn: string;
  step: number;
  text: string;
}

export type TurnEvent = Exclude<WireEvent, Text> | TextDelta;

/** Events that the fold takes at once: one, or the deltas of one step that follow each other. */
export interface Item {
  /** The number of its first event. */
  first: number;
  count: number;
  event: WireEvent;
}

interface Run extends Item {
  event: Text;
  /** Where each delta ends in the text, and its mark in the marks. */
  ends: Uint32Array;
  cuts: Uint32Array;
  /** How many deltas of text of its step came before. */
  before: number;
  /** How many of them have a mark each in the view. */
  marked: number;
}

/** The events of one turn, by number from 0 on. */
export class TurnEvents {
  readonly items: readonly Item[];
  readonly count: number;
  /** When each was told, in seconds since the turn began; never falling. */
  readonly times: Float64Array;
  /** The numbers of those that are a delta, of text or of another part. */
  readonly deltas: Uint32Array;
  /** The numbers of those by which a step begins. */
  readonly steps: Uint32Array;
  /** Whether the turn's end is among them. */
  readonly ended: boolean;
  readonly #began: { time: number; monotonic: number; turn: string };

  constructor(events: readonly WireEvent[]) {
    this.items = itemsOf(events);
    const last = this.items.at(-1);
    this.count = last === undefined ? 0 : last.first + last.count;
    this.ended = last !== undefined && ["turn-completed", "turn-stopped", "turn-failed"].includes(last.event.type);
    const [first] = events;
    this.#began = first !== undefined && "time" in first ? first : { time: 0, monotonic: 0, turn: "" };
    this.times = this.#timesOf();
    const numbers = (wanted: (item: Item) => boolean) =>
      Uint32Array.from(this.items.filter(wanted).flatMap(({ first, count }) => range(first, count)));
    this.deltas = numbers(({ event }) => event.type === "text" || event.type === "part-delta");
    this.steps = numbers(({ event }) => event.type === "step-started");
  }

  get seconds(): number {
    return this.times.at(-1) ?? 0;
  }

  /** How many events had been told by then. */
  toldAt(seconds: number): number {
    return upperBound(this.times, seconds + 1e-9);
  }

  /** The item that the event belongs to: its place among all. */
  itemOf(number: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.items[middle] as Item).first <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The event with that number, a delta by itself. */
  at(number: number): TurnEvent {
    const item = this.items[this.itemOf(number)];
    if (item === undefined || number >= this.count) throw new Error(`no event ${number} of ${this.count}`);
    if (!isRun(item)) return item.event as TurnEvent;
    const { time, monotonic, turn } = this.#began;
    const at = this.times[number] as number;
    const index = number - item.first;
    return {
      type: "text-delta",
      time: rounded(time + at),
      monotonic: rounded(monotonic + at),
      turn,
      step: item.event.step,
      text: item.event.text.slice(index === 0 ? 0 : item.ends[index - 1], item.ends[index]),
    };
  }

  /** The first `count` events of an item as one. */
  part(item: Item, count: number): WireEvent {
    if (!isRun(item) || count >= item.count) return item.event;
    const { step, text, marks } = item.event;
    return {
      type: "text",
      step,
      text: text.slice(0, item.ends[count - 1]),
      marks: marks.slice(0, item.cuts[count - 1]),
    };
  }

  /** Which delta of text of its step the event is, from 0 on; null where it is none, and where it has no mark of its own in the view. */
  spotOf(number: number): { step: number; delta: number } | null {
    const item = this.items[this.itemOf(number)];
    if (item === undefined || !isRun(item) || number >= item.first + item.marked) return null;
    return { step: item.event.step, delta: item.before + number - item.first };
  }

  /** The number of the event of the delta that has that mark, null where none has it alone. */
  numberOf({ step, delta }: { step: number; delta: number }): number | null {
    const has = (item: Item): item is Run =>
      isRun(item) && item.event.step === step && item.before <= delta && delta < item.before + item.marked;
    const run = this.items.find(has);
    return run === undefined ? null : run.first + delta - run.before;
  }

  #timesOf(): Float64Array {
    const times = new Float64Array(this.count);
    /** When the step of the deltas that come began, and how long after that the last one was. */
    let start = 0;
    let ticks = 0;
    let last = 0;
    for (const { event, first } of this.items) {
      if (event.type === "text") {
        let number = first;
        readMarks(event.marks, (since) => {
          ticks += since;
          last = Math.max(last, start + ticks / TICKS_PER_SECOND);
          times[number] = last;
          number += 1;
          return true;
        });
        continue;
      }
      last = Math.max(last, event.monotonic - this.#began.monotonic);
      if (event.type === "step-started") {
        start = event.monotonic - this.#began.monotonic;
        ticks = 0;
      }
      times[first] = last;
    }
    return times;
  }
}

/** The first `count` of these events, each delta counted as one. */
export function headOf(events: readonly WireEvent[], count: number): WireEvent[] {
  const head: WireEvent[] = [];
  let rest = count;
  for (const event of events) {
    if (rest <= 0) break;
    const inside = event.type === "text" ? countMarks(event.marks) : 1;
    head.push(inside <= rest || event.type !== "text" ? event : cut(event, rest));
    rest -= inside;
  }
  return head;
}

/** The first `count` deltas, of which it has more. */
function cut(event: Text, count: number): Text {
  let end = 0;
  let marks = 0;
  let left = count;
  readMarks(event.marks, (ticks, length) => {
    end += length;
    marks += digits(ticks) + digits(length);
    left -= 1;
    return left > 0;
  });
  return { ...event, text: event.text.slice(0, end), marks: event.marks.slice(0, marks) };
}

function isRun(item: Item): item is Run {
  return item.event.type === "text";
}

function itemsOf(events: readonly WireEvent[]): Item[] {
  const joined: WireEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === "text" && last?.type === "text" && last.step === event.step) {
      joined[joined.length - 1] = { ...last, text: last.text + event.text, marks: last.marks + event.marks };
    } else joined.push(event);
  }
  const streamed = new Map<number, number>();
  let first = 0;
  let deltas = 0;
  return joined.map((event) => {
    if (event.type !== "text") return { first: first++, count: 1, event };
    const before = streamed.get(event.step) ?? 0;
    const run = runOf(event, first, before, MARKED_DELTAS - deltas);
    streamed.set(event.step, before + run.count);
    deltas += run.count;
    first += run.count;
    return run;
  });
}

/** `marks`: of so many deltas at most each has one in the view. */
function runOf(event: Text, first: number, before: number, marks: number): Run {
  const count = countMarks(event.marks);
  const ends = new Uint32Array(count);
  const cuts = new Uint32Array(count);
  let index = 0;
  let end = 0;
  let cut = 0;
  readMarks(event.marks, (ticks, length) => {
    end += length;
    cut += digits(ticks) + digits(length);
    ends[index] = end;
    cuts[index] = cut;
    index += 1;
    return true;
  });
  return { first, count, event, ends, cuts, before, marked: Math.max(0, Math.min(count, marks)) };
}

/** How many digits a number has in marks. */
function digits(number: number): number {
  let count = 1;
  for (let rest = number; rest >= 32; rest = Math.floor(rest / 32)) count += 1;
  return count;
}

/** To the ticks of marks, which is as much as is known. */
function rounded(seconds: number): number {
  return Math.round(seconds * TICKS_PER_SECOND) / TICKS_PER_SECOND;
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** How many of the sorted values are not above `most`. */
export function upperBound(values: Float64Array | Uint32Array, most: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
