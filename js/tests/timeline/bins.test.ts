import { expect, test } from "vitest";
import { countIn, eachColumn, nearest } from "../../src/timeline/bins";

function columns(times: number[], from: number, to: number, width: number): [number, number, number][] {
  const found: [number, number, number][] = [];
  eachColumn(Float64Array.from(times), { from, to }, width, (...column) => found.push(column));
  return found;
}

/** The same, by looking at each mark. */
function slowly(times: number[], from: number, to: number, width: number): [number, number, number][] {
  const found: [number, number, number][] = [];
  times.forEach((time, index) => {
    if (time < from || time > to) return;
    const column = Math.min(width - 1, Math.floor((time - from) * (width / (to - from))));
    const last = found.at(-1);
    if (last?.[0] === column) last[2] = index + 1;
    else found.push([column, index, index + 1]);
  });
  return found;
}

test("marks on one pixel are one", () => {
  expect(columns([0, 0.1, 0.11, 0.119, 0.5, 1], 0, 1, 100)).toEqual([
    [0, 0, 1],
    [10, 1, 2],
    [11, 2, 4],
    [50, 4, 5],
    [99, 5, 6],
  ]);
});

test("only what is in the range is visited, its ends included", () => {
  expect(columns([0, 1, 2, 3, 4], 1, 3, 10)).toEqual([
    [0, 1, 2],
    [5, 2, 3],
    [9, 3, 4],
  ]);
  expect(columns([0, 1], 2, 3, 10)).toEqual([]);
  expect(columns([], 0, 1, 10)).toEqual([]);
});

test("many marks: each is in exactly one column, each column is visited once, in any range", () => {
  let random = 7;
  const next = () => {
    random = (random * 16_807) % 2_147_483_647;
    return random / 2_147_483_647;
  };
  const times: number[] = [];
  let time = 0;
  for (let n = 0; n < 20_000; n++) {
    // Several at the same time too.
    time += next() < 0.2 ? 0 : next() / 100;
    times.push(time);
  }
  for (const [from, to, width] of [
    [0, time, 800],
    [time / 3, time / 2, 333],
    [time / 2, time / 2 + 0.01, 1000],
    [0, time, 1],
  ] as const) {
    const found = columns(times, from, to, width);
    expect(found).toEqual(slowly(times, from, to, width));
    expect(found.length).toBeLessThanOrEqual(width);
    const seen = found.reduce((sum, [, first, after]) => sum + after - first, 0);
    expect(countIn(Float64Array.from(times), { from, to })).toBe(seen);
  }
});

test("the nearest in time", () => {
  const times = Float64Array.from([1, 2, 2, 4]);
  expect([0, 1.4, 1.6, 2.9, 3.1, 9].map((time) => nearest(times, time))).toEqual([0, 0, 1, 2, 3, 3]);
  expect(nearest(new Float64Array(), 1)).toBe(-1);
});
