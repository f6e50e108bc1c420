import { expect, test } from "vitest";
import type { Turn } from "../../src/protocol.gen";
import { clocksOf, type Ways, waysOf } from "../../src/timeline/clocks";
import { Kept } from "../../src/timeline/kept";
import { Logs, type TurnLog } from "../../src/timeline/log";
import { TurnEvents } from "../../src/timeline/replayEvents";
import { wayLines } from "../../src/timeline/words";
import { liveStore } from "../chat/script";
import { fakeStepping, mark, tell } from "../inspector/script";
import { frame, logged } from "./script";

const BEGAN = 100;

/** Two steps: one without deltas, then one with five, of which something else comes between the second and third. */
const events = [
  tell.turn("t1", "hi", { monotonic: BEGAN }),
  tell.step("t1", 1, "prompt"),
  tell.finished("t1", 1, "prompt"),
  tell.step("t1", 2, "generate_poem"),
  tell.deltas(2, "A", " ri"),
  tell.notice("t1", "a remark"),
  tell.deltas(2, "ver", " at", " night"),
  tell.finished("t1", 2, "generate_poem"),
  tell.completed("t1"),
];

/** While it runs, and when it has ended; other branches, and where one goes back to within it, have other ends. */
const turn = (ended: number | null = null): Turn => ({
  ...{ key: "t1", status: ended === null ? "running" : "completed", started: BEGAN, ended },
  ...{ prompt: "hi", request: null, siblings: [], editable: false },
});

const log: TurnLog = {
  events,
  frames: [frame(7, 100.1, -2, 4), frame(8, 100.2, 4, 5), frame(9, 100.4, 5, 8), frame(10, 100.5, 9, 12)],
  whole: true,
};

const arrived = (received: number, painted: number | null) => ({ received, painted });
const arrivals = new Map([
  [7, arrived(5_130, 5_140)],
  [8, arrived(5_210, 5_220)],
  [9, arrived(5_450, 5_470)],
  [10, arrived(5_512, null)],
]);

test("the page's clock is put by its fastest frame", () => {
  const { frames, page, untold } = clocksOf(log, BEGAN, arrivals);
  const near = (value: number) => expect.closeTo(value, 6);
  expect(page).toBe("this");
  expect(frames).toEqual([
    { seq: 7, sent: near(0.1), received: near(0.12), painted: near(0.13), deltas: 0 },
    { seq: 8, sent: near(0.2), received: near(0.2), painted: near(0.21), deltas: 1 },
    { seq: 9, sent: near(0.4), received: near(0.44), painted: near(0.46), deltas: 2 },
    { seq: 10, sent: near(0.5), received: near(0.502), painted: null, deltas: 1 },
  ]);
  // On the kernel's clock, and only what was painted.
  expect(untold).toEqual([
    { seq: 7, received: near(100.12), painted: near(100.13) },
    { seq: 8, received: near(100.2), painted: near(100.21) },
    { seq: 9, received: near(100.44), painted: near(100.46) },
  ]);
});

test("each delta is in the frame that carried it; one that nothing carried is in none", () => {
  const { frameOf } = clocksOf(log, BEGAN, arrivals);
  expect([0, 1, 2, 3, 4, 5].map((delta) => frameOf(2, delta)?.seq)).toEqual([8, 9, 9, undefined, 10, undefined]);
  expect(frameOf(1, 0)).toBeNull();
});

test("what another page has told is shown as that, and not told again", () => {
  const told = { ...log, frames: [{ ...frame(7, 100.1, 0, 9), received: 100.2, painted: 100.3 }] };
  const { frames, page, untold } = clocksOf(told, BEGAN, new Map());
  expect(page).toBe("another");
  expect(frames[0]).toMatchObject({ received: expect.closeTo(0.2, 6), painted: expect.closeTo(0.3, 6) });
  expect(untold).toEqual([]);
});

test("without any page nothing but sending is known", () => {
  const { frames, page } = clocksOf(log, BEGAN, new Map());
  expect(page).toBeNull();
  expect(frames.map(({ received, painted }) => [received, painted])).toEqual(Array(4).fill([null, null]));
});

test("the ways of the deltas, at the median and at most", () => {
  const clocks = clocksOf(log, BEGAN, arrivals);
  const ways = waysOf(clocks, [{ step: 2, times: Float64Array.from([0.1, 0.3, 0.35, 0.4, 0.45]) }]);
  // Of the frames 8, 9 and 9: the last one was not painted.
  expect(ways?.sending).toEqual({ median: expect.closeTo(0.1, 6), longest: expect.closeTo(0.1, 6) });
  expect(ways?.travelling).toEqual({ median: expect.closeTo(0.04, 6), longest: expect.closeTo(0.04, 6) });
  expect(ways?.painting).toEqual({ median: expect.closeTo(0.02, 6), longest: expect.closeTo(0.02, 6) });
  expect(ways?.whole).toEqual({ median: expect.closeTo(0.11, 6), longest: expect.closeTo(0.16, 6) });
  expect(waysOf(clocksOf(log, BEGAN, new Map()), [])).toBeNull();
});

test("of a mark that stands for several deltas neither frame nor event is told", () => {
  // A delta each millisecond, a thousand in each frame; beyond the 20,000th of the turn the view has one mark a frame.
  const before = tell.deltas(1, "a", "b");
  const many: TurnLog = {
    events: [
      tell.turn("t1", "hi", { monotonic: BEGAN }),
      ...[tell.step("t1", 1, "prompt"), before, tell.finished("t1", 1, "prompt")],
      tell.step("t1", 2, "generate_poem"),
      { type: "text", step: 2, text: "x".repeat(24_998), marks: mark(10, 1).repeat(24_998) },
    ],
    frames: Array.from({ length: 25 }, (_, n) => frame(n + 1, BEGAN + n + 1, 6 + n * 1000, 6 + (n + 1) * 1000)),
    whole: false,
  };
  const painted = new Map(many.frames.map(({ seq }) => [seq, arrived(seq * 1000, seq * 1000)]));
  const clocks = clocksOf(many, BEGAN, painted);
  expect([0, 999, 1000, 19_997, 19_998, 20_002].map((delta) => clocks.frameOf(2, delta)?.seq)).toEqual([
    ...[1, 1, 2, 20],
    ...[undefined, undefined],
  ]);
  const times = Float64Array.from({ length: 20_003 }, (_, n) => (n < 19_998 ? n / 1000 : n - 19_977));
  const ways = waysOf(clocks, [{ step: 2, times }]) as Ways;
  expect(ways.whole.longest).toBeCloseTo(1, 6);
  expect(wayLines(ways, true)[0]).toMatch(/^From yield to paint, of the first 20,000 deltas: .* 1\.0 s at most\.$/);
  const turnEvents = new TurnEvents(many.events);
  const event = turnEvents.numberOf({ step: 2, delta: 19_997 });
  expect(event).toBe(6 + 19_997);
  expect(turnEvents.spotOf(event as number)).toEqual({ step: 2, delta: 19_997 });
  expect(turnEvents.numberOf({ step: 2, delta: 19_998 })).toBeNull();
  expect(turnEvents.spotOf(6 + 19_998)).toBeNull();
});

test("a log is fetched a part at a time, once", async () => {
  const asked: [string, number][] = [];
  const parts = [
    logged({ events: events.slice(0, 5), more: true, frames: log.frames.slice(0, 3) }),
    logged({ events: events.slice(5), first: 6, frames: log.frames.slice(2) }),
  ];
  const logs = new Logs(async (turn, start) => {
    asked.push([turn, start]);
    return parts[asked.length - 1] ?? logged({});
  });
  expect(await Promise.all([logs.of("b1", turn()), logs.of("b1", turn())])).toEqual([log, log]);
  expect(await logs.of("b1", turn())).toEqual(log);
  expect(asked).toEqual([
    ["t1", 0],
    ["t1", 6],
  ]);
});

test("of a turn that runs, and where it did not come, it is fetched again", async () => {
  let asked = 0;
  const logs = new Logs(async () => {
    asked += 1;
    if (asked === 1) throw new Error("There is no such turn.");
    return logged({ events: events.slice(0, 3) });
  });
  await expect(logs.of("b1", turn())).rejects.toThrow("There is no such turn.");
  expect((await logs.of("b1", turn())).whole).toBe(false);
  expect((await logs.of("b1", turn())).events).toHaveLength(3);
  expect(asked).toBe(3);
});

test("of a turn that runs, what no frame had carried is asked for again, in the midst of deltas too", async () => {
  const [begin, step, ...rest] = [
    tell.turn("t1", "hi", { monotonic: BEGAN }),
    tell.step("t1", 1, "prompt"),
    tell.deltas(1, "ab", "🙂", "cde", "f"),
    tell.notice("t1", "a remark"),
  ];
  const answers = [
    logged({
      events: [begin, step, ...rest] as typeof events,
      frames: [frame(7, 100.1, -2, 2), frame(8, 100.2, 2, 4)],
    }),
    logged({ events: [tell.deltas(1, "cde", "f"), ...rest.slice(1), tell.completed("t1")], first: 4 }),
  ];
  const asked: number[] = [];
  const logs = new Logs(async (_turn, start) => {
    asked.push(start);
    return answers[asked.length - 1] as ReturnType<typeof logged>;
  });
  await logs.of("b1", turn());
  const whole = await logs.of("b1", turn());
  expect(asked).toEqual([0, 4]);
  expect(whole.events).toEqual([
    begin,
    step,
    tell.deltas(1, "ab", "🙂"),
    tell.deltas(1, "cde", "f"),
    rest[1],
    tell.completed("t1"),
  ]);
  expect(whole.frames.map(({ seq }) => seq)).toEqual([7, 8]);
});

test("a frame that was sent while the answer was made may have more events than it: none of them is left out", async () => {
  const begin = tell.turn("t1", "hi", { monotonic: BEGAN });
  const answers = [
    logged({ events: [begin], frames: [frame(7, 100.1, 0, 3)] }),
    logged({ events: [tell.step("t1", 1, "prompt"), tell.deltas(1, "a")], first: 1, frames: [frame(7, 100.1, 0, 3)] }),
  ];
  const asked: number[] = [];
  const logs = new Logs(async (_turn, start) => {
    asked.push(start);
    return answers[asked.length - 1] as ReturnType<typeof logged>;
  });
  await logs.of("b1", turn());
  expect((await logs.of("b1", turn())).events).toHaveLength(3);
  expect(asked).toEqual([0, 1]);
});

test("where one has gone back to within the turn, and in another branch, it is another log", async () => {
  let told = events;
  const logs = new Logs(async () => logged({ events: told }));
  expect((await logs.of("b1", turn(102))).events).toHaveLength(9);
  told = events.slice(0, 3);
  expect((await logs.of("b1", turn(101))).events).toHaveLength(3);
  told = events.slice(0, 4);
  expect((await logs.of("b2", turn(102))).events).toHaveLength(4);
  expect((await logs.of("b1", turn(102))).events).toHaveLength(9);
});

test("so are its clocks", async () => {
  const answer = async () => logged({ events, frames: [frame(8, 100.2, 4, 5)] });
  const kept = new Kept(fakeStepping(liveStore(), undefined, answer), new Map());
  await kept.ask("b1", turn(102));
  expect(kept.clocksOf("b1", turn(102)).asking.value).toBe("known");
  expect(kept.clocksOf("b1", turn(101)).clocks.value).toBeNull();
  expect(kept.clocksOf("b2", turn(102)).clocks.value).toBeNull();
});
