import { signal } from "@preact/signals";
import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { choosersOf } from "../../src/chat/choosing";
import { controlOf } from "../../src/inspector";
import type { FrameSent, Logged, Turn, View } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import { past } from "../../src/store/past";
import type { Store } from "../../src/store/store";
import { choiceOf } from "../../src/timeline/choice";
import { Logs } from "../../src/timeline/log";
import { TurnEvents } from "../../src/timeline/replayEvents";
import type { TurnProps } from "../../src/timeline/Timeline";
import { Wire } from "../../src/timeline/Wire";
import { eventsFor, eventWords, frameRows, pretty, rowsFor, sizeWords } from "../../src/timeline/wireRows";
import { liveStore } from "../chat/script";
import { fakeStepping, tell } from "../inspector/script";
import { logged } from "./script";

afterEach(cleanup);

function turnOf(...deltas: string[]): WireEvent[] {
  return [
    tell.turn("t1", "Say it", { monotonic: 1000 }),
    tell.step("t1", 1, "generate_poem", 1000.1),
    tell.deltas(1, ...deltas),
    tell.finished("t1", 1, "generate_poem"),
    tell.completed("t1", 1002),
  ];
}

function frame(seq: number, first: number, last: number, body: string | null = `{"seq":${seq}}`): FrameSent {
  return { seq, sent: 1000 + seq / 10, first, last, body, received: null, painted: null };
}

describe("frames", () => {
  const events = new TurnEvents(turnOf("One", " two", " three"));
  const frames = frameRows(
    [frame(4, -3, 2), frame(5, 2, 4, '{"a":"é"}'), frame(6, 4, 4), frame(7, 4, 7, null), frame(8, 7, 9)],
    events,
    1000,
  );

  test("are those that carried any of the turn's events", () => {
    expect(frames.map(({ frame, from, to, deltas, size }) => [frame.seq, from, to, deltas, size])).toEqual([
      [4, 0, 2, 0, 9],
      [5, 2, 4, 2, 10],
      [7, 4, 7, 1, null],
    ]);
    expect(frames[0]?.sent).toBeCloseTo(0.4);
  });

  test.each<[number, number, [number, number]]>([
    [0, 1, [0, 1]],
    [2, 3, [1, 2]],
    [3, 5, [1, 3]],
    [0, 7, [0, 3]],
  ])("events %i to %i were in", (from, to, [first, last]) => {
    expect(rowsFor("frames", { from, to }, frames)).toEqual({ from: first, to: last });
    expect(rowsFor("sse", { from, to }, frames)).toEqual({ from, to });
  });

  test("stand for their events", () => {
    expect(eventsFor("frames", 1, frames)).toEqual({ from: 2, to: 4 });
    expect(eventsFor("events", 1, frames)).toEqual({ from: 1, to: 2 });
    expect(rowsFor("frames", { from: 0, to: 1 }, [])).toEqual({ from: 0, to: 0 });
  });
});

test("words", () => {
  expect([sizeWords(999), sizeWords(1234)]).toEqual(["999 B", "1.2 KB"]);
  expect([pretty('{"a":1}'), pretty("{")]).toEqual(['{\n  "a": 1\n}', "{"]);
  const events = new TurnEvents(turnOf("a\n\tb", "x".repeat(300)));
  const words = Array.from({ length: events.count }, (_, number) => eventWords(events.at(number)));
  expect(words).toEqual([
    ...["Say it", "1 generate_poem", "“a↵⇥b”", `“${"x".repeat(200)}…”`],
    ...["1 generate_poem: done", ""],
  ]);
});

interface Given {
  told: WireEvent[];
  frames?: FrameSent[];
  log?: () => Promise<ReturnType<typeof logged>>;
}

async function setup({ told, frames = [], log }: Given) {
  const store: Store = liveStore();
  store.apply(told);
  const asked: string[] = [];
  const actions = fakeStepping(store, undefined, (turn) => {
    asked.push(turn);
    return log?.() ?? Promise.resolve(logged({ events: told, frames }));
  });
  const choice = choiceOf(store);
  const props: Omit<TurnProps, "turn"> = {
    ...{ store, actions, choice, arrivals: new Map(), control: controlOf(store, actions), choosers: choosersOf(store) },
    ...{ branch: "b1", logs: new Logs(actions.log), playhead: signal(null) },
  };
  const shown = signal(0);
  const Present = () => <Wire {...props} turn={store.view.value?.turns[shown.value] as Turn} />;
  const { container } = render(<Present />);
  const page = within(container as HTMLElement);
  const details = container.querySelector("details") as HTMLDetailsElement;
  /** What was fetched is shown, and what is done when it is. */
  const settle = async () => {
    for (let n = 0; n < 3; n++) await act(async () => {});
  };
  const open = async () => {
    act(() => {
      details.open = true;
      details.dispatchEvent(new Event("toggle"));
    });
    await settle();
  };
  const list = (name: string) => page.getByRole("listbox", { name });
  return {
    ...{ store, page, choice, asked, open, list, settle, shown },
    rows: (name: string) => within(list(name)).getAllByRole("option"),
    marked: (name: string) =>
      within(list(name))
        .queryAllByRole("option", { selected: true })
        .map((row) => Number(row.getAttribute("aria-posinset")) - 1),
    active: (name: string) => {
      const id = list(name).getAttribute("aria-activedescendant");
      return id === null ? null : Number(document.getElementById(id)?.getAttribute("aria-posinset")) - 1;
    },
    press: (name: string, key: string) => act(() => void fireEvent.keyDown(list(name), { key })),
  };
}

const NAMES = ["Burr events", "Frames", "Server-sent events"];
const FRAMES = [frame(1, 0, 2), frame(2, 2, 5), frame(3, 5, 7)];

describe("the wire view", () => {
  const told = turnOf("One", " two", " three");

  test("asks for nothing before it is opened, and shows the turn three times", async () => {
    const page = await setup({ told, frames: FRAMES });
    expect(page.asked).toEqual([]);
    await page.open();
    expect(page.asked).toEqual(["t1"]);
    expect(NAMES.map((name) => page.rows(name).length)).toEqual([7, 3, 7]);
    expect(page.rows("Burr events")[3]?.textContent).toContain("text-delta“ two”");
    expect(page.rows("Frames")[1]?.textContent).toBe("#20.200 s3 deltas9 B");
    expect(page.rows("Server-sent events")[2]?.textContent).toMatch(
      /^id: 2event: text-deltadata: \{"type":"text-delta"/,
    );
    expect(NAMES.map(page.marked)).toEqual([[], [], []]);
  });

  test("one that is chosen marks its counterparts", async () => {
    const page = await setup({ told, frames: FRAMES });
    await page.open();
    act(() => page.rows("Burr events")[3]?.click());
    expect(NAMES.map(page.marked)).toEqual([[3], [1], [3]]);
    expect(page.page.getByRole("region", { name: "What is sent" }).textContent).toMatch(
      /^id: 3\nevent: text-delta\ndata: /,
    );
    expect(page.page.getByRole("region", { name: "The frame as JSON" }).textContent).toBe('{\n  "seq": 2\n}');
    expect(page.choice.spot.value).toEqual({ step: 1, delta: 1 });

    act(() => page.rows("Frames")[1]?.click());
    expect(NAMES.map(page.marked)).toEqual([[2, 3, 4], [1], [2, 3, 4]]);
    expect(NAMES.map(page.active)).toEqual([null, 1, null]);
    expect(page.page.getByRole("region", { name: "The event as JSON" }).textContent).toContain('"text": "One"');

    act(() => page.rows("Server-sent events")[6]?.click());
    expect(NAMES.map(page.marked)).toEqual([[6], [2], [6]]);
  });

  test("of another turn nothing is chosen", async () => {
    const other: WireEvent[] = [tell.turn("t2", "And", { monotonic: 2000 }), tell.completed("t2", 2001)];
    const answers = [logged({ events: told, frames: FRAMES }), logged({ events: other })];
    const page = await setup({ told: [...told, ...other], log: () => Promise.resolve(answers.shift() as Logged) });
    await page.open();
    act(() => page.rows("Burr events")[6]?.click());
    act(() => {
      page.shown.value = 1;
    });
    expect(page.page.queryByRole("listbox")).toBeNull();
    await page.settle();
    expect(["Burr events", "Server-sent events"].map((name) => page.rows(name).length)).toEqual([2, 2]);
    expect(["Burr events", "Server-sent events"].map(page.marked)).toEqual([[], []]);
  });

  test("without frames there is no empty list of them, and the keys pass it by", async () => {
    const page = await setup({ told });
    await page.open();
    expect(page.page.queryByRole("listbox", { name: "Frames" })).toBeNull();
    expect(page.page.getByText("No page was shown the turn as it happened.")).not.toBeNull();
    page.press("Burr events", "ArrowRight");
    expect(document.activeElement).toBe(page.list("Server-sent events"));
  });

  test("by keyboard", async () => {
    const page = await setup({ told, frames: FRAMES });
    await page.open();
    page.press("Burr events", "ArrowDown");
    expect(page.active("Burr events")).toBe(0);
    page.press("Burr events", "ArrowDown");
    page.press("Burr events", "End");
    page.press("Burr events", "ArrowDown");
    expect(NAMES.map(page.marked)).toEqual([[6], [2], [6]]);
    page.list("Burr events").focus();
    page.press("Burr events", "ArrowRight");
    expect(document.activeElement).toBe(page.list("Frames"));
    page.press("Frames", "ArrowUp");
    expect(NAMES.map(page.marked)).toEqual([[2, 3, 4], [1], [2, 3, 4]]);
    page.press("Frames", "Home");
    page.press("Frames", "ArrowLeft");
    expect(document.activeElement).toBe(page.list("Burr events"));
    page.press("Burr events", "ArrowLeft");
    expect(document.activeElement).toBe(page.list("Burr events"));
    expect(page.marked("Frames")).toEqual([0]);
  });

  test("a delta that is chosen in another view is chosen here", async () => {
    const page = await setup({ told, frames: FRAMES });
    act(() => page.choice.choose({ step: 1, delta: 2 }));
    await page.open();
    expect(NAMES.map(page.marked)).toEqual([[4], [1], [4]]);
    act(() => page.choice.choose({ step: 1, delta: 0 }));
    expect(NAMES.map(page.marked)).toEqual([[2], [1], [2]]);
  });

  test("of twenty thousand rows those in sight are made", async () => {
    const page = await setup({ told: turnOf(...Array.from({ length: 20_000 }, (_, n) => `w${n} `)) });
    await page.open();
    expect(page.page.getByText("No page was shown the turn as it happened.")).toBeTruthy();
    page.press("Server-sent events", "End");
    page.press("Server-sent events", "PageUp");
    expect(page.active("Server-sent events")).toBeGreaterThan(19_990);
    for (const name of ["Burr events", "Server-sent events"]) {
      expect(page.rows(name).length).toBeLessThan(40);
      expect(page.rows(name)[0]?.getAttribute("aria-setsize")).toBe("20004");
    }
    expect(page.marked("Burr events")).toEqual(page.marked("Server-sent events"));
  });

  test("says what did not come, and asks again", async () => {
    const answers = [() => Promise.reject(new Error("It is gone.")), () => Promise.resolve(logged({ events: told }))];
    const page = await setup({ told, log: () => (answers.shift() as () => Promise<ReturnType<typeof logged>>)() });
    await page.open();
    expect(page.page.getByText(/did not come: It is gone\./)).toBeTruthy();
    act(() => page.page.getByRole("button", { name: "Try again" }).click());
    await page.settle();
    expect(page.rows("Burr events")).toHaveLength(7);
  });

  test("of a turn that one has gone back to within shows what is left of it", async () => {
    let left = [...told.slice(0, 4), tell.step("t1", 2, "prompt"), tell.finished("t1", 2, "prompt"), ...told.slice(4)];
    const page = await setup({ told: left, log: async () => logged({ events: left }) });
    await page.open();
    expect(page.rows("Burr events")).toHaveLength(9);
    act(() => page.rows("Burr events")[8]?.click());
    left = told.slice(0, 4);
    act(() => page.store.reset(past(page.store.view.value as View, 1)));
    await page.settle();
    expect(page.rows("Burr events")).toHaveLength(6);
    expect(page.marked("Burr events")).toEqual([]);
  });

  test("of a turn that runs shows how far it was, and can be read again", async () => {
    const running = told.slice(0, 3);
    const page = await setup({ told: running });
    await page.open();
    expect(page.rows("Burr events")).toHaveLength(5);
    running.push(tell.deltas(1, " four"));
    act(() => page.page.getByRole("button", { name: "Read again" }).click());
    await page.settle();
    expect(page.rows("Burr events")).toHaveLength(6);
  });
});
