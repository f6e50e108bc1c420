import { expect, test } from "vitest";
import { moved, type Place, type Row, type Scene } from "../../src/timeline/scene";

const row = (...times: number[]): Row => ({
  ...{ label: "", note: "", tone: "yield", chosen: false },
  bars: [{ from: times[0] ?? 0.5, to: 9, status: "done" }],
  times: Float64Array.from(times),
});

const scene: Scene = { rows: [row(), row(1, 2, 3), row(2.2, 2.9)], foot: [row(1)], end: 9, holds: [] };
const at = (row: number, mark: number | null): Place => ({ row, mark });

test.each([
  ["ArrowRight", at(1, 0), at(1, 1)],
  ["ArrowRight", at(1, 2), at(1, 2)],
  ["ArrowLeft", at(1, 2), at(1, 1)],
  ["ArrowLeft", at(1, 0), at(1, 0)],
  ["Home", at(1, 2), at(1, 0)],
  ["End", at(1, 0), at(1, 2)],
  ["PageDown", at(1, 0), at(1, 2)],
  ["ArrowDown", at(1, 2), at(2, 1)],
  ["ArrowUp", at(2, 0), at(1, 1)],
  ["ArrowUp", at(1, 1), at(0, null)],
  ["ArrowUp", at(0, null), at(0, null)],
  ["ArrowDown", at(2, 1), at(2, 1)],
  ["ArrowDown", at(0, null), at(1, 0)],
  ["ArrowRight", at(0, null), at(0, null)],
  ["ArrowRight", at(1, null), at(1, 0)],
  ["End", at(1, null), at(1, 2)],
  ["ArrowLeft", at(1, null), at(1, 2)],
  ["ArrowRight", null, at(2, 0)],
  ["End", null, at(2, 1)],
  ["ArrowUp", null, at(2, 0)],
  ["ArrowRight", at(7, 1), at(2, 0)],
])("%s leads from %o to %o", (key, from, to) => {
  expect(moved(scene, from, key)).toEqual(to);
});

test("other keys lead nowhere, and without deltas there is the last row", () => {
  expect(moved(scene, at(1, 0), "x")).toBeNull();
  expect(moved({ ...scene, rows: [row(), row()] }, null, "ArrowRight")).toEqual(at(1, null));
  expect(moved({ ...scene, rows: [] }, null, "ArrowRight")).toBeNull();
});
