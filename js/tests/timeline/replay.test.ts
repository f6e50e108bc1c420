import { afterEach, describe, expect, test, vi } from "vitest";
import fixtures from "../../../tests/interop/fixtures/fold.json";
import { decodeMarks } from "../../src/inspector/marks";
import type { Message, Turn, View } from "../../src/protocol.gen";
import { fold, type WireEvent } from "../../src/store/fold";
import { before, past } from "../../src/store/past";
import { createStore, shownOf } from "../../src/store/store";
import { TurnEvents } from "../../src/timeline/replayEvents";
import { Player, playerOf } from "../../src/timeline/replayPlayer";
import { Views } from "../../src/timeline/replayViews";
import { liveStore } from "../chat/script";
import { mark, tell } from "../inspector/script";

interface Case {
  before: View;
  events: WireEvent[];
  after: View;
}

const cases = fixtures as unknown as Case[];

const turnOf = (event: WireEvent) => ("turn" in event ? event.turn : null);

/** Of each case whose last turn has ended: the view before it, what was told of it, and the view at the end. */
const lastTurns = cases.flatMap(({ before: first, events, after }) => {
  const turn = after.turns.at(-1);
  const begin = events.findLastIndex((event) => event.type === "turn-started");
  if (turn === undefined || begin < 0 || turn.status === "running") return [];
  const told = events.slice(begin).filter((event) => turnOf(event) === null || turnOf(event) === turn.key);
  return [{ first: events.slice(0, begin).reduce(fold, first), told, after, turn }];
});

/** Each delta an event of its own. */
function single(events: readonly WireEvent[]): WireEvent[] {
  return events.flatMap((event): WireEvent[] => {
    if (event.type !== "text") return [event];
    let from = 0;
    let last = 0;
    return decodeMarks(event.marks, Number.POSITIVE_INFINITY).map(({ at, length }) => {
      const ticks = Math.round(at * 10_000);
      const text = event.text.slice(from, from + length);
      const alone: WireEvent = { ...event, text, marks: mark(ticks - last, length) };
      from += length;
      last = ticks;
      return alone;
    });
  });
}

/** What a replay shows of the view. */
const seen = ({ turns, steps, messages, nodes, taken, decisions, status, held }: View) => ({
  turns: turns.map(({ key, status, ended, prompt }) => ({ key, status, ended, prompt })),
  ...{ steps, messages, taken, decisions, status, held },
  nodes: Object.fromEntries(Object.entries(nodes).map(([name, { status }]) => [name, status])),
});

describe("the views of a turn", () => {
  test("there are cases", () => expect(lastTurns.length).toBeGreaterThan(10));

  test.each(lastTurns.map((each, n) => [n, each] as const))("fixture %i", (_, { first, told, after, turn }) => {
    const events = new TurnEvents(told);
    const alone = single(told);
    expect(events.count).toBe(alone.length);
    const trimmed = before(after, turn.key);
    // The view does not say when a call was answered: one of before has the result that a later turn has brought.
    const unanswered = (messages: readonly Message[]) => messages.map((message) => ({ ...message, result: null }));
    const left = first.messages.filter((message) => message.turn !== replaced(told));
    expect(unanswered(trimmed.messages)).toEqual(unanswered(left));
    const start = { ...trimmed, messages: left };
    expect(start.steps).toEqual(first.steps.filter((step) => step.turn !== replaced(told)));

    const expected = [start];
    for (const event of alone) expected.push(fold(expected.at(-1) as View, event));
    const numbers = expected.map((_, number) => number);
    const views = new Views(after, turn, events);
    const check = (number: number) => expect(seen(views.at(number))).toEqual(seen(expected[number] as View));
    numbers.forEach(check);
    [...numbers].reverse().forEach(check);
    for (const number of numbers) check((number * 7) % numbers.length);
    const end = seen(views.at(events.count));
    expect(end.messages).toEqual(after.messages);
    expect(end.steps).toEqual(after.steps);
  });

  const replaced = (told: readonly WireEvent[]) => (told[0]?.type === "turn-started" ? told[0].replaces : null);

  test("of many deltas a part is shown without the others being folded", () => {
    const pieces = Array.from({ length: 20_000 }, (_, n) => (n % 7 === 0 ? "🙂" : `w${n} `));
    const { store, told, turn } = lived(
      tell.deltas(2, ...pieces.slice(0, 9_000)),
      tell.deltas(2, ...pieces.slice(9_000)),
    );
    const events = new TurnEvents(told);
    expect(events.count).toBe(told.length - 2 + pieces.length);
    const views = new Views(store.view.value as View, turn, events);
    const first = events.deltas[0] as number;
    for (const number of [1, 19_999, 12_345, 9_000, 9_001, 20_000, 2]) {
      const message = views.at(first + number).messages.at(-1);
      expect(message?.text).toBe(pieces.slice(0, number).join(""));
    }
    expect(events.items).toHaveLength(told.length - 1);
  });

  test("a turn whose end was taken back has an end", () => {
    const { store, told, turn } = lived(tell.deltas(2, "a", "b"));
    const cut = told.slice(0, -1);
    const views = new Views(store.view.value as View, turn, new TurnEvents(cut));
    const count = new TurnEvents(cut).count;
    expect(views.at(count).status).toBe("idle");
    expect(views.at(count).turns.at(-1)?.status).toBe("completed");
    expect(views.at(count - 1).status).toBe("running");
  });
});

describe("the events of a turn", () => {
  const { told } = lived(tell.deltas(2, "One", " two"), tell.deltas(2, "", " three"));
  const events = new TurnEvents(told);

  test("have numbers, times and places", () => {
    const names = Array.from({ length: events.count }, (_, number) => events.at(number).type);
    expect(names).toEqual([
      ...["turn-started", "step-started", "step-finished", "step-started"],
      ...["text-delta", "text-delta", "text-delta", "text-delta", "step-finished", "turn-completed"],
    ]);
    expect([...events.times].map((time) => Number(time.toFixed(4)))).toEqual([
      ...[0, 0.1, 0.1, 0.5, 0.5125, 0.525, 0.5375, 0.55, 0.55, 2],
    ]);
    expect([...events.deltas]).toEqual([4, 5, 6, 7]);
    expect([...events.steps]).toEqual([1, 3]);
    expect(events.spotOf(6)).toEqual({ step: 2, delta: 2 });
    expect(events.spotOf(3)).toBe(null);
    expect(events.numberOf({ step: 2, delta: 3 })).toBe(7);
    expect(events.numberOf({ step: 2, delta: 4 })).toBe(null);
    expect(events.numberOf({ step: 1, delta: 0 })).toBe(null);
    expect(() => events.at(10)).toThrow("no event 10");
  });

  test.each([
    [0, 1],
    [0.0999, 1],
    [0.1, 3],
    [0.5125, 5],
    [1.9, 9],
    [2, 10],
    [99, 10],
  ])("at %d s so many are told", (seconds, count) => expect(events.toldAt(seconds)).toBe(count));

  test("a delta that is longer than a frame, and so came in several, is one", () => {
    const long = [
      { ...tell.deltas(2, "x".repeat(100)), text: "x".repeat(60) },
      { ...tell.deltas(2, "", ""), text: "x".repeat(40), marks: "" },
      tell.deltas(2, "y"),
    ] as WireEvent[];
    const joined = new TurnEvents(lived(...long).told);
    expect([...joined.deltas].map((number) => joined.at(number))).toMatchObject([
      { text: "x".repeat(100) },
      { text: "y" },
    ]);
  });
});

/** A turn that has been told to a store: `prompt` in no time, then a poem in two seconds. */
function lived(...deltas: WireEvent[]) {
  const store = liveStore();
  store.apply(exchange("t0", 100, tell.deltas(2, "earlier")));
  const told = exchange("t1", 1000, ...deltas);
  store.apply(told);
  return { store, told, turn: store.view.value?.turns.at(-1) as Turn };
}

function exchange(turn: string, monotonic: number, ...deltas: WireEvent[]): WireEvent[] {
  return [
    tell.turn(turn, `prompt of ${turn}`, { monotonic }),
    tell.step(turn, 1, "prompt", monotonic + 0.1),
    { ...tell.finished(turn, 1, "prompt"), monotonic: monotonic + 0.1 } as WireEvent,
    tell.step(turn, 2, "generate_poem", monotonic + 0.5),
    ...deltas,
    { ...tell.finished(turn, 2, "generate_poem"), monotonic: monotonic + 0.5 } as WireEvent,
    tell.completed(turn, monotonic + 2),
  ];
}

describe("a player", () => {
  let frames: ((now: number) => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (run: (now: number) => void) => frames.push(run));
  vi.stubGlobal("cancelAnimationFrame", () => {
    frames = [];
  });
  afterEach(() => {
    frames = [];
  });
  /** An animation frame at each of these milliseconds. */
  function pass(...times: number[]): void {
    for (const now of times) {
      const due = frames;
      frames = [];
      for (const run of due) run(now);
    }
  }

  function setup() {
    const { store, told, turn } = lived(tell.deltas(2, "One", " two", " three"));
    const player = new Player(store);
    const shown = shownOf(store);
    player.show(turn, new TurnEvents(told), 0);
    const text = () => shown.messages.value.filter(({ turn, role }) => turn === "t1" && role !== "user").at(-1)?.text;
    return { store, shown, player, turn, told, text };
  }

  test("shows what had been told by then, in time", () => {
    const { player, text, shown } = setup();
    expect(shown.messages.value.map((message) => message.text)).toEqual(["prompt of t0", "earlier"]);
    player.play();
    pass(5000, 5511);
    expect(text()).toBe(undefined);
    expect(shown.view.value?.nodes.generate_poem).toEqual({ status: "running", visits: 2 });
    pass(5513);
    expect(text()).toBe("One");
    pass(5537);
    expect(text()).toBe("One two");
    expect(player.playing.value).toBe(true);
    pass(7100);
    expect(text()).toBe("One two three");
    expect(player.playing.value).toBe(false);
    expect(player.seconds.value).toBe(2);
    expect(shown.view.value?.status).toBe("idle");
  });

  test("backwards, and at another speed", () => {
    const { player, text } = setup();
    player.backwards.value = true;
    player.speed.value = 0.1;
    player.play();
    expect(text()).toBe("One two three");
    pass(0, 14_650);
    expect(player.seconds.value).toBeCloseTo(0.535);
    expect(text()).toBe("One two");
    player.speed.value = 10;
    pass(14_652);
    expect(text()).toBe("One");
    pass(20_000);
    expect(player.told.value).toBe(0);
    expect(player.playing.value).toBe(false);
  });

  test("by deltas and by steps", () => {
    const { player, text } = setup();
    const told: number[] = [];
    const moves = [
      ...[() => player.moveByDelta(1), () => player.moveByDelta(1), () => player.moveByDelta(-1)],
      ...[() => player.moveByStep(-1), () => player.moveByStep(-1), () => player.moveByStep(-1)],
      ...[
        () => player.moveByStep(1),
        () => player.moveByStep(1),
        () => player.moveByStep(1),
        () => player.moveByStep(1),
      ],
      ...[() => player.moveByDelta(1), () => player.moveByDelta(-1)],
    ];
    for (const move of moves) {
      move();
      told.push(player.told.value);
    }
    expect(told).toEqual([5, 6, 5, 3, 1, 0, 1, 3, 9, 9, 9, 6]);
    expect(text()).toBe("One two");
    expect(player.seconds.value).toBeCloseTo(0.525);
  });

  test("says where it is, and which step runs", () => {
    const { player, store } = setup();
    expect(store.past.value?.replay?.words).toBe("Replaying turn 2 at 0.00 s");
    expect(player.step.value).toBe(null);
    player.goToTime(0.52);
    expect(store.past.value?.replay?.words).toBe("Replaying turn 2 at 0.52 s");
    expect(store.past.value?.step).toMatchObject({ step: 2, action: "generate_poem", status: "running" });
    expect(player.step.value?.step).toBe(2);
    player.goToTime(-1);
    expect(player.seconds.value).toBe(0);
    player.goToTime(99);
    expect(player.seconds.value).toBe(2);
  });

  test("ends when the reader goes back to now, and stays where it was", () => {
    const { player, store, text } = setup();
    player.play();
    expect(player.turn.value).toBe("t1");
    store.past.value = null;
    expect(player.turn.value).toBe(null);
    expect(player.playing.value).toBe(false);
    expect(frames).toEqual([]);
    expect(text()).toBe("One two three");
    player.play();
    expect(frames).toEqual([]);
  });

  test.each<[string, (view: View) => View]>([
    ["another turn begins", (view) => fold(view, tell.turn("t2", "next"))],
    ["another branch is shown", (view) => ({ ...view, branch: "b2" })],
    ["one goes back to within the turn", (view) => past(view, 1)],
    ["the turn is gone", (view) => ({ ...view, turns: view.turns.slice(0, -1) })],
  ])("ends when %s", (_, change) => {
    const { store, player } = setup();
    const view = store.view.value as View;
    store.reset({ ...view, pausing: true });
    expect(player.turn.value).toBe("t1");
    expect(store.past.value?.isNew.value).toBe(false);
    store.reset(change(view));
    expect(store.past.value).toBe(null);
    expect(player.turn.value).toBe(null);
  });

  test("of a turn that runs shows how far it was, and says that more has come", () => {
    const store = liveStore();
    const told = exchange("t1", 1000, tell.deltas(2, "One", " two")).slice(0, -2);
    store.apply(told);
    const player = new Player(store);
    player.show(store.view.value?.turns[0] as Turn, new TurnEvents(told), 0);
    player.goTo(99);
    expect(shownOf(store).messages.value.at(-1)?.text).toBe("One two");
    expect(store.past.value?.isNew.value).toBe(false);
    store.apply([tell.deltas(2, " three")]);
    expect(store.past.value?.isNew.value).toBe(true);
    expect(shownOf(store).messages.value.at(-1)?.text).toBe("One two");
  });

  test("of a turn that was held ends when one goes back to before what is held", () => {
    const store = liveStore();
    const told = exchange("t1", 1000, tell.deltas(2, "One", " two")).slice(0, -2);
    store.apply(told);
    const player = new Player(store);
    player.show(store.view.value?.turns[0] as Turn, new TurnEvents(told), 0);
    store.reset(past(store.view.value as View, 1));
    expect(store.past.value).toBe(null);
  });

  test("of a turn that runs goes on when the turn ends", () => {
    const store = liveStore();
    const told = exchange("t1", 1000, tell.deltas(2, "One", " two"));
    store.apply(told.slice(0, -2));
    const player = new Player(store);
    player.show(store.view.value?.turns[0] as Turn, new TurnEvents(told.slice(0, -2)), 0);
    store.reset(told.slice(-2).reduce(fold, store.view.value as View));
    expect(player.turn.value).toBe("t1");
  });

  test("is one for all copies of a store", () => {
    const store = createStore();
    expect(playerOf({ ...store, view: store.view })).toBe(playerOf(store));
    expect(playerOf(createStore())).not.toBe(playerOf(store));
  });
});
