import { expect, test } from "vitest";
import type { Turn, View } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import { SeenHolds } from "../../src/timeline/holds";
import { turnScene } from "../../src/timeline/turnScene";
import { liveStore } from "../chat/script";
import { tell } from "../inspector/script";

/** A turn that began at 100 s, and what is seen of its holds as it is told. */
function setup() {
  const store = liveStore();
  const holds = new SeenHolds();
  const view = () => store.view.value as View;
  const turn = () => view().turns[0] as Turn;
  return {
    holds,
    /** `now` is in seconds since it began. */
    tell(now: number | null, ...events: WireEvent[]) {
      store.apply(events);
      holds.see(view(), turn(), now);
    },
    shown(now: number, pace = 0) {
      const known = { clocks: null, holds: holds.over.value, heldSince: holds.since.value, now, step: null };
      return turnScene({ ...view(), pace }, turn(), known).holds;
    },
  };
}

const near = (value: number) => expect.closeTo(value, 9);
const begun = [tell.turn("t1", "hi", { monotonic: 100 }), tell.step("t1", 1, "generate_poem", 100.25)];
/** Two, 12.5 ms apart. */
const deltas = tell.deltas(1, "A", " river");

test("one that goes on is seen from the last that was told until now", () => {
  const turn = setup();
  turn.tell(null, ...begun, deltas);
  expect(turn.shown(2)).toEqual([]);
  turn.tell(0.3, tell.paused("t1", { at: "delta", next_action: "generate_poem" }));
  expect(turn.shown(2)).toEqual([{ from: near(0.275), to: 2 }]);
  expect(turn.shown(3)).toEqual([{ from: near(0.275), to: 3 }]);
});

test("it stays when the turn goes on, and ends where that was seen", () => {
  const turn = setup();
  turn.tell(null, ...begun, deltas, tell.paused("t1", { at: "delta" }));
  turn.tell(2, tell.resumed("t1"));
  expect(turn.shown(4)).toEqual([{ from: near(0.275), to: 2 }]);
  turn.tell(5, tell.finished("t1", 1, "generate_poem", { duration: 4 }));
  expect(turn.shown(5)).toEqual([{ from: near(0.275), to: 2 }]);
});

test("from delta to delta there is one after the other", () => {
  const turn = setup();
  turn.tell(null, ...begun, tell.paused("t1"));
  expect(turn.shown(1)).toEqual([{ from: near(0.25), to: 1 }]);
  // Resumed and held again between two looks.
  turn.tell(1.5, tell.resumed("t1"), deltas, tell.paused("t1", { at: "delta" }));
  expect(turn.shown(3)).toEqual([
    { from: near(0.25), to: near(0.275) },
    { from: near(0.275), to: 3 },
  ]);
  // Told again, as when the state was changed.
  turn.tell(3, tell.paused("t1", { at: "delta" }));
  expect(turn.shown(3)).toHaveLength(2);
});

test("it ends with its turn", () => {
  const turn = setup();
  turn.tell(null, ...begun, deltas, tell.paused("t1", { at: "delta" }));
  turn.tell(3, tell.completed("t1", 102.5));
  expect(turn.holds.since.value).toBeNull();
  expect(turn.shown(9)).toEqual([{ from: near(0.275), to: near(2.5) }]);
});

test("a slowed source is held at its last delta, for as long as its pace", () => {
  const turn = setup();
  turn.tell(null, ...begun, deltas);
  expect(turn.shown(1, 2)).toEqual([{ from: near(0.275), to: 1 }]);
  expect(turn.shown(9, 2)).toEqual([{ from: near(0.275), to: near(2.275) }]);
  // Too short to be seen.
  expect([turn.shown(9, 0.05), turn.shown(0.3, 2)]).toEqual([[], []]);
  turn.tell(9, tell.finished("t1", 1, "generate_poem", { duration: 4 }));
  expect(turn.shown(9, 2)).toEqual([]);
});
