// The marks of a step's deltas: when each came and how long it was. src/burr_chat_widget/protocol/marks.py writes them, and
// says how.

export interface Mark {
  /** Seconds since the step began. */
  at: number;
  /** In UTF-16 code units, as strings count here. */
  length: number;
}

const TICKS_PER_SECOND = 10_000;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** The first `limit` marks. */
export function decodeMarks(marks: string, limit: number): Mark[] {
  const found: Mark[] = [];
  let ticks = 0;
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; at < marks.length; shift += 5) {
      const digit = VALUES.get(marks[at++] ?? "") ?? 0;
      value += (digit & 31) * 2 ** shift;
      if (digit < 32) break;
    }
    return value;
  };
  while (at < marks.length && found.length < limit) {
    ticks += number();
    found.push({ at: ticks / TICKS_PER_SECOND, length: number() });
  }
  return found;
}

/** How many marks there are: each has two last digits. */
export function countMarks(marks: string): number {
  let last = 0;
  for (let at = 0; at < marks.length; at++) {
    if ((VALUES.get(marks[at] ?? "") ?? 0) < 32) last += 1;
  }
  return last >> 1;
}
