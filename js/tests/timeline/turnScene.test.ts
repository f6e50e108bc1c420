import { expect, test } from "vitest";
import { Kept } from "../../src/timeline/kept";
import { placeOfSpot, spotOfPlace, stepsOf, turnScene, wayOf } from "../../src/timeline/turnScene";
import { liveStore } from "../chat/script";
import { fakeStepping, tell } from "../inspector/script";
import { frame, logged } from "./script";

const begun = [
  tell.turn("t1", "What is a river?", { monotonic: 100 }),
  tell.step("t1", 1, "prompt", 100),
  tell.finished("t1", 1, "prompt", { duration: 0.25 }),
  tell.step("t1", 2, "generate_poem", 100.25),
  tell.deltas(2, "A", " river"),
];

function setup(...events: ReturnType<typeof tell.turn>[]) {
  const store = liveStore();
  store.apply([...begun, ...events]);
  const view = store.view.value;
  const turn = view?.turns[0];
  if (view === null || turn === undefined) throw new Error("no turn");
  return { store, view, turn, steps: stepsOf(view, turn) };
}

const NOTHING = { clocks: null, holds: [], heldSince: null, now: null, step: null };

test("a row for each step, with what it took and its deltas", () => {
  const { view, turn } = setup();
  const { rows, foot, end } = turnScene(view, turn, { ...NOTHING, step: 2 });
  expect(rows.map(({ label, note, chosen, times, bars }) => [label, note, chosen, [...times], bars])).toEqual([
    ["prompt", "step 1 · 250 ms", false, [], [{ from: 0, to: 0.25, status: "done" }]],
    [
      ...["generate_poem", "step 2 · running · 2 deltas", true],
      [expect.closeTo(0.2625, 9), expect.closeTo(0.275, 9)],
      [{ from: 0.25, to: expect.closeTo(0.275, 9), status: "running" }],
    ],
  ]);
  expect(foot).toEqual([]);
  expect(end).toBeCloseTo(0.275, 9);
});

test("what runs goes on until now, and no further than its turn", () => {
  const running = setup();
  const now = turnScene(running.view, running.turn, { ...NOTHING, now: 3 });
  expect([now.end, now.rows[1]?.bars[0]?.to]).toEqual([3, 3]);
  const over = setup(tell.finished("t1", 2, "generate_poem", { duration: 0.5 }), tell.completed("t1", 100.8));
  expect(turnScene(over.view, over.turn, { ...NOTHING, now: 3 }).end).toBeCloseTo(0.8, 9);
});

test("a step that is held is said to be", () => {
  const { view, turn } = setup(tell.paused("t1", { at: "delta", next_action: "generate_poem" }));
  expect(turnScene(view, turn, NOTHING).rows[1]?.note).toBe("step 2 · held · 2 deltas");
});

test("the clocks are at the foot, and the axis ends when all is painted", async () => {
  const ended = [tell.finished("t1", 2, "generate_poem", { duration: 0.5 }), tell.completed("t1", 100.8)];
  const { store, view, turn } = setup(...ended);
  const log = logged({
    events: [
      ...begun.slice(0, 4),
      { ...tell.paused("t1"), monotonic: 100.3 } as ReturnType<typeof tell.paused>,
      { ...tell.resumed("t1"), monotonic: 100.6 } as ReturnType<typeof tell.resumed>,
      ...begun.slice(4),
      { ...tell.paused("t1"), monotonic: 100.7 } as ReturnType<typeof tell.paused>,
      ...ended,
    ],
    frames: [frame(3, 100.7, 6, 8)],
  });
  const arrivals = new Map([[3, { received: 9000, painted: 9200 }]]);
  const kept = new Kept(
    fakeStepping(
      store,
      () => new Promise<never>(() => {}),
      async () => log,
    ),
    arrivals,
  );
  await kept.ask("b1", turn);
  const { clocks, holds } = kept.clocksOf("b1", turn);
  const near = (value: number) => expect.closeTo(value, 9);
  // The second one lasted until the turn's end.
  expect(holds.value).toEqual([
    { from: near(0.3), to: near(0.6) },
    { from: near(0.7), to: near(0.8) },
  ]);
  const scene = turnScene(view, turn, { ...NOTHING, clocks: clocks.value, holds: holds.value ?? [] });
  expect(scene.foot.map(({ label, times }) => [label, [...times]])).toEqual([
    ["Sent", [near(0.7)]],
    ["Received", [near(0.7)]],
    ["Painted", [near(0.9)]],
  ]);
  expect(scene.end).toBeCloseTo(0.9, 9);
  expect([...wayOf(clocks.value, { step: 2, delta: 1 }, 2)]).toEqual([
    [2, near(0.7)],
    [3, near(0.7)],
    [4, near(0.9)],
  ]);
  expect(wayOf(clocks.value, null, 2).size).toBe(0);
});

test("a place is a delta of a step, and the other way round", () => {
  const { steps } = setup();
  expect(placeOfSpot(steps, { step: 2, delta: 1 }, 2)).toEqual({ row: 1, mark: 1 });
  expect(placeOfSpot(steps, null, 1)).toEqual({ row: 0, mark: null });
  expect(placeOfSpot(steps, null, 7)).toBeNull();
  expect(spotOfPlace(steps, { row: 1, mark: 1 })).toEqual({ step: 2, delta: 1 });
  expect([spotOfPlace(steps, { row: 1, mark: null }), spotOfPlace(steps, null)]).toEqual([null, null]);
});
