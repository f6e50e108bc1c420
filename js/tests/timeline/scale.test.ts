import { describe, expect, test } from "vitest";
import { ALL, panned, type Sight, seen, ticks, tickWords, withTime, zoomed } from "../../src/timeline/scale";

const END = 10;

describe("zoom", () => {
  test("what is at the pointer stays where it is", () => {
    let sight: Sight = ALL;
    for (const factor of [0.5, 0.5, 0.8, 1.25]) {
      const before = seen(sight, END);
      sight = zoomed(sight, END, factor, 4);
      const after = seen(sight, END);
      const share = ({ from, to }: { from: number; to: number }) => (4 - from) / (to - from);
      expect(share(after)).toBeCloseTo(share(before), 9);
      expect(after.to - after.from).toBeCloseTo((before.to - before.from) * factor, 9);
    }
  });

  test("at an end it keeps to the end", () => {
    expect(seen(zoomed(ALL, END, 0.5, 0), END)).toEqual({ from: 0, to: 5 });
    expect(seen(zoomed(ALL, END, 0.5, 10), END)).toEqual({ from: 5, to: 10 });
  });

  test("no further out than all, which is followed then", () => {
    const sight = zoomed(zoomed(ALL, END, 0.25, 5), END, 100, 5);
    expect(sight).toEqual(ALL);
    expect(seen(sight, 20)).toEqual({ from: 0, to: 20 });
  });

  test("no further in than a millisecond", () => {
    const { from, to } = seen(zoomed(ALL, END, 1e-12, 5), END);
    expect(to - from).toBeCloseTo(0.001, 12);
    expect((from + to) / 2).toBeCloseTo(5, 9);
  });

  test("of a turn without a length too", () => {
    expect(seen(zoomed(ALL, 0, 0.5, 0), 0)).toEqual({ from: 0, to: 0.001 });
  });
});

describe("pan", () => {
  const middle: Sight = { span: 2, to: 6 };

  test("so far, and not beyond the ends", () => {
    expect(seen(panned(middle, END, 1), END)).toEqual({ from: 5, to: 7 });
    expect(seen(panned(middle, END, -100), END)).toEqual({ from: 0, to: 2 });
    expect(seen(panned(middle, END, 100), END)).toEqual({ from: 8, to: 10 });
  });

  test("at the end it follows what comes, elsewhere it stays", () => {
    expect(seen(panned(middle, END, 100), 20)).toEqual({ from: 18, to: 20 });
    expect(seen(middle, 20)).toEqual({ from: 4, to: 6 });
  });

  test("where all is seen there is nothing to move", () => {
    expect(panned(ALL, END, 3)).toEqual(ALL);
  });

  test("a time is brought in sight, with room around it", () => {
    expect(withTime(middle, END, 5)).toBe(middle);
    expect(seen(withTime(middle, END, 3), END).from).toBeCloseTo(2.8, 9);
    expect(seen(withTime(middle, END, 7), END).to).toBeCloseTo(7.2, 9);
  });
});

describe("ticks", () => {
  test.each([
    [0, 10, 800, ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s", "9 s", "10 s"]],
    [0, 1, 300, ["0.0 s", "0.5 s", "1.0 s"]],
    [1.2301, 1.2321, 400, ["1.2305 s", "1.2310 s", "1.2315 s", "1.2320 s"]],
    [0, 90, 320, ["0 s", "50 s"]],
  ])("from %f to %f, %i pixels wide", (from, to, width, words) => {
    const found = ticks({ from, to }, width);
    expect(found.map((time) => tickWords(time, { from, to }, width))).toEqual(words);
  });
});
