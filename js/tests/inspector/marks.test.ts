import fc from "fast-check";
import { expect, test } from "vitest";
import { countMarks, decodeMarks } from "../../src/inspector/marks";
import { mark } from "./script";

test("marks are read as they were written, as many as are asked for", () => {
  const given = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: 0, max: 100_000 })), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(given, fc.nat(60), (deltas, limit) => {
      const marks = deltas.map(([ticks, length]) => mark(ticks, length)).join("");
      let ticks = 0;
      const all = deltas.map(([since, length]) => {
        ticks += since;
        return { at: ticks / 10_000, length };
      });
      expect(decodeMarks(marks, limit)).toEqual(all.slice(0, limit));
      expect(countMarks(marks)).toBe(deltas.length);
    }),
  );
});

test("the example of protocol/marks.py: 3 characters after 40 ms, 1 after 0.1 ms more", () => {
  // 400 is 16 + 12 * 32: the digits w (16, another follows) and M (12).
  expect(decodeMarks("wMDBB", 9)).toEqual([
    { at: 0.04, length: 3 },
    { at: 0.0401, length: 1 },
  ]);
});
