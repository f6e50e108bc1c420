// The marks of a step's deltas: when each came and how long it was. src/burr_chat_widget/protocol/marks.py writes them, and
// says how.

export interface Mark {
  /** Seconds since the step began. */
  at: number;
  /** In UTF-16 code units, as strings count here. */
  length: number;
}

export const TICKS_PER_SECOND = 10_000;
/** Of a turn so many deltas have a mark each; after them one mark stands for several. transport/coalesce.py has the same. */
export const MARKED_DELTAS = 20_000;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** By character code: there may be tens of thousands of digits. */
const VALUES = new Uint8Array(128);
for (let value = 0; value < DIGITS.length; value++) VALUES[DIGITS.charCodeAt(value)] = value;

/** Hand out the marks one after the other, as ticks since the one before and length, until `take` says false. */
export function readMarks(marks: string, take: (ticks: number, length: number) => boolean | undefined): void {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; at < marks.length; shift += 5) {
      const digit = VALUES[marks.charCodeAt(at++)] ?? 0;
      value += (digit & 31) * 2 ** shift;
      if (digit < 32) break;
    }
    return value;
  };
  while (at < marks.length && take(number(), number()) !== false);
}

/** The first `limit` marks. */
export function decodeMarks(marks: string, limit: number): Mark[] {
  const found: Mark[] = [];
  let ticks = 0;
  if (limit > 0) {
    readMarks(marks, (since, length) => {
      ticks += since;
      return found.push({ at: ticks / TICKS_PER_SECOND, length }) < limit;
    });
  }
  return found;
}

/** How many marks there are: each has two last digits. */
export function countMarks(marks: string): number {
  let last = 0;
  for (let at = 0; at < marks.length; at++) {
    if ((VALUES[marks.charCodeAt(at)] ?? 0) < 32) last += 1;
  }
  return last >> 1;
}
