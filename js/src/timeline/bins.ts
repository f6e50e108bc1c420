// Marks by the pixel: those that would fall on the same one are drawn once. Times are in ascending order, in seconds.
import type { Range } from "./scale";

/** The first place at which `times` is not below `time`, from `start` on. */
export function lowerBound(times: Float64Array, time: number, start = 0): number {
  let low = start;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Visit each pixel column, from 0 to before `width`, that has marks: it has those from `first` to before `after`. It takes
 * a search for each column, not a look at each mark.
 */
export function eachColumn(
  times: Float64Array,
  { from, to }: Range,
  width: number,
  visit: (column: number, first: number, after: number) => void,
): void {
  const perSecond = width / (to - from);
  const columnOf = (at: number) => Math.min(width - 1, Math.floor(((times[at] as number) - from) * perSecond));
  let at = lowerBound(times, from);
  while (at < times.length && (times[at] as number) <= to) {
    const column = columnOf(at);
    let after = lowerBound(times, Math.min(from + (column + 1) / perSecond, to), at + 1);
    // The column's edge is rounded, and the last one has what is at the very end.
    while (after < times.length && (times[after] as number) <= to && columnOf(after) === column) after += 1;
    visit(column, at, after);
    at = after;
  }
}

/** How many of the times are in the range. */
export function countIn(times: Float64Array, { from, to }: Range): number {
  let after = lowerBound(times, to);
  while (after < times.length && (times[after] as number) <= to) after += 1;
  return after - lowerBound(times, from);
}

/** The place of what is nearest in time; -1 where there is nothing. */
export function nearest(times: Float64Array, time: number): number {
  const after = lowerBound(times, time);
  if (after === 0) return times.length === 0 ? -1 : 0;
  if (after === times.length) return after - 1;
  return (times[after] as number) - time < time - (times[after - 1] as number) ? after : after - 1;
}
