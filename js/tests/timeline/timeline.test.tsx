import { act, fireEvent } from "@testing-library/preact";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Choice } from "../../src/inspector/choice";
import { LIVE_MS } from "../../src/timeline/live";
import { liveStore, makeView } from "../chat/script";
import { tell } from "../inspector/script";
import { frame, logged } from "./script";
import { setup } from "./setup";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const first = [
  tell.turn("t1", "What is a river?", { monotonic: 100 }),
  tell.step("t1", 1, "prompt", 100),
  tell.finished("t1", 1, "prompt", { duration: 0.25 }),
  tell.step("t1", 2, "generate_poem", 100.25),
  tell.deltas(2, "A", " river\n", "is"),
];
const ended = [
  tell.finished("t1", 2, "generate_poem", { duration: 0.5, first_delta: 0.0125, deltas: 3 }),
  tell.completed("t1", 100.75),
];
const second = [
  tell.turn("t2", "And night?", { monotonic: 200 }),
  tell.step("t2", 3, "generate_poem", 200),
  tell.deltas(3, "It", " falls"),
];

test("without a turn it says so, and that none has come", () => {
  const { page, tell: told, delta } = setup();
  expect(page.getByText("No turn has begun yet: the deltas of the first one appear here.")).toBeTruthy();
  told(tell.turn("t1", "hi"));
  expect(page.getByText("No delta has come yet.")).toBeTruthy();
  told(tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt"), tell.completed("t1"));
  expect(page.getByText("There were no deltas: no action of this turn streams.")).toBeTruthy();
  expect(delta()).toBe("Point at a mark, or choose one with the arrow keys, to read what came.");
});

test("the keys lead from delta to delta, each with its text and the text up to it", () => {
  const { press, delta } = setup({ events: [...first, ...ended] });
  press("ArrowRight");
  expect(delta()).toBe("Delta 1 of 3, generate_poem: at 0.263 s, 13 ms after its step began.AA");
  press("ArrowRight");
  expect(delta()).toBe("Delta 2 of 3, generate_poem: at 0.275 s, 13 ms after the one before.·river↵A river\n");
  press("End");
  expect(delta()).toContain("Delta 3 of 3");
  press("ArrowUp");
  expect(delta()).toBe("Step 1, prompt, is chosen: done, no deltas of text.");
  press("ArrowDown", "Home");
  expect(delta()).toContain("Delta 1 of 3");
  press("Escape");
  expect(delta()).toContain("Point at a mark");
});

test("room is kept for a delta from the first one on that is looked at: before it would be a gap", () => {
  const { page, press } = setup({ events: [...first, ...ended] });
  const isRoomy = () => page.getByRole("region", { name: "Delta" }).hasAttribute("data-roomy");
  expect(isRoomy()).toBe(false);
  press("ArrowRight");
  expect(isRoomy()).toBe(true);
  press("Escape");
  expect(isRoomy()).toBe(true);
});

test("the keys of the plot are not the browser's, others are", () => {
  const { plot } = setup({ events: first });
  const key = (key: string, more = {}) => fireEvent.keyDown(plot(), { key, bubbles: true, cancelable: true, ...more });
  expect(["ArrowRight", "ArrowUp", "Home", "+", "-", "0"].map((each) => key(each))).toEqual(Array(6).fill(false));
  expect(key("ArrowLeft", { shiftKey: true })).toBe(false);
  expect([key("Tab"), key("x"), key("+", { ctrlKey: true })]).toEqual([true, true, true]);
});

test("a step that is chosen elsewhere brings its turn, a delta chosen here its step", () => {
  const { page, store, change, press, delta } = setup({ events: [...first, ...ended, ...second] });
  const turn = page.getByRole("combobox", { name: "Turn" }) as HTMLSelectElement;
  const inspector = new Choice(store);
  expect(turn.value).toBe("");
  change(() => inspector.choose(2));
  expect(turn.value).toBe("t1");
  press("ArrowRight");
  expect(delta()).toContain("Delta 1 of 3");
  expect([inspector.chosen.value, store.past.value?.step.step]).toEqual([2, 2]);
  change(() => inspector.choose(3));
  expect(turn.value).toBe("t2");
  press("End");
  expect(delta()).toContain("Delta 2 of 2");
  expect([inspector.chosen.value, store.past.value]).toEqual([3, null]);
});

test("another turn can be picked, and the newest is followed again", () => {
  const { page, figures, tell: told } = setup({ events: [...first, ...ended, ...second] });
  const turn = page.getByRole("combobox", { name: "Turn" });
  expect(figures().textContent).toContain("2 deltas");
  fireEvent.change(turn, { target: { value: "t1" } });
  expect(figures().textContent).toContain("3 deltas");
  fireEvent.change(turn, { target: { value: "" } });
  told(tell.completed("t2", 201), tell.turn("t3", "More", { monotonic: 300 }));
  expect(figures().textContent).toContain("No delta has come yet.");
});

describe("of an earlier turn", () => {
  const BACK = "Back to the newest turn";

  test("it is said which one is shown, why, and how to get back", () => {
    const { page, store, press, tell: told } = setup({ events: [...first, ...ended] });
    press("End");
    expect(page.queryByRole("button", { name: BACK })).toBeNull();
    told(...second);
    expect(page.getByText(/^This is turn/).textContent).toBe(
      "This is turn 1 of 2, since step 2 of it is chosen. Back to the newest turn",
    );
    const turn = page.getByRole("combobox", { name: "Turn" }) as HTMLSelectElement;
    expect(turn.value).toBe("t1");
    act(() => page.getByRole("button", { name: BACK }).click());
    expect([turn.value, store.past.value, store.chosen.value]).toEqual(["", null, null]);
    expect(document.activeElement).toBe(turn);
    expect(page.queryByRole("button", { name: BACK })).toBeNull();
    fireEvent.change(turn, { target: { value: "t1" } });
    expect(page.getByText(/^This is turn/).textContent).toContain("This is turn 1 of 2. Back");
  });

  test("what is let go frees every timeline that followed it, and what was picked stays", () => {
    const store = liveStore();
    const [one, other] = [setup({ store, events: [...first, ...ended, ...second] }), setup({ store })];
    const picks = () =>
      [one, other].map(({ page }) => (page.getByRole("combobox", { name: "Turn" }) as HTMLSelectElement).value);
    const inspector = new Choice(store);
    one.change(() => inspector.choose(2));
    expect(picks()).toEqual(["t1", "t1"]);
    one.press("Escape");
    expect(picks()).toEqual(["", ""]);
    fireEvent.change(other.page.getByRole("combobox", { name: "Turn" }), { target: { value: "t1" } });
    other.press("End", "Escape");
    expect(picks()).toEqual(["", "t1"]);
    // What is chosen then is shown, wherever it is.
    one.press("End");
    expect(picks()).toEqual(["t2", "t2"]);
  });

  test("back from a replay does not lead to what was chosen before it", async () => {
    const events = [
      ...first,
      tell.failed("t1"),
      ...second,
      tell.finished("t2", 3, "generate_poem"),
      tell.completed("t2", 201),
    ];
    const page = setup({
      events,
      log: async () => logged({ events: events.slice(-5) }),
    });
    page.change(() => new Choice(page.store).choose(2));
    const turn = page.page.getByRole("combobox", { name: "Turn" }) as HTMLSelectElement;
    expect(turn.value).toBe("t1");
    fireEvent.change(turn, { target: { value: "t2" } });
    act(() => page.page.getByRole("button", { name: "Delta back" }).click());
    await page.settle();
    expect(page.store.past.value?.replay?.words).toContain("Replaying turn 2");
    act(() => page.page.getByRole("button", { name: "Back to now" }).click());
    expect([turn.value, page.store.past.value, page.store.chosen.value]).toEqual(["t2", null, null]);
  });
});

test("figures in words", () => {
  const { figures } = setup({ events: [...first, ...ended] });
  expect([...figures().querySelectorAll("li")].map((line) => line.textContent)).toEqual([
    "First delta after 263 ms: 250 ms for the action before it, and 13 ms in generate_poem.",
    "3 deltas, 10 characters; 80 deltas a second, from the first to the last of each step.",
    "Longest gap 13 ms, before delta 2 of generate_poem.",
    "It was completed after 750 ms.",
  ]);
});

test("what passed while no action ran is not the actions'", () => {
  const { figures } = setup({
    events: [
      tell.turn("t1", "Say it", { monotonic: 100 }),
      tell.step("t1", 1, "prompt", 105),
      tell.finished("t1", 1, "prompt"),
      tell.step("t1", 2, "generate_poem", 110),
      tell.deltas(2, "One"),
    ],
  });
  expect(figures().querySelector("li")?.textContent).toMatch(
    /^First delta after 10\.0 s: 10\.0 s for the action before it \(9\.9 s of it while no action ran\), and 12 ms in generate_poem\.$/,
  );
});

test("a text that was replaced has times and lengths only; thinned deltas are said to be", () => {
  const { press, delta, figures, tell: told } = setup({ events: first });
  told(tell.replaced("t1", 2, "Another text"));
  press("End");
  expect(delta()).toContain("2 characters; the text was replaced later.");
  told({ type: "text", step: 2, text: "!", marks: "AB", thinned: true });
  expect(figures().textContent).toContain("There were so many deltas that one mark may stand for several");
  expect(delta()).toContain("It may stand for several.");
});

test("when a turn is over its frames are asked for once, and when they were painted is told", async () => {
  const asked: string[] = [];
  const page = setup({
    events: [...first, ...ended],
    log: async (turn) => {
      asked.push(turn);
      return logged({ events: [...first, ...ended], frames: [frame(4, 100.3, 0, 6), frame(5, 100.4, 6, 9)] });
    },
    arrivals: new Map([
      [4, { received: 50_010, painted: 50_020 }],
      [5, { received: 50_100, painted: 50_115 }],
    ]),
  });
  await page.settle();
  expect(asked).toEqual(["t1"]);
  const near = (value: number) => expect.closeTo(value, 6);
  expect(page.told()).toEqual([
    [
      "painted",
      { seq: 4, received: near(100.31), painted: near(100.32) },
      { seq: 5, received: near(100.4), painted: near(100.415) },
    ],
  ]);
  page.press("Home");
  expect(page.delta()).toContain(
    "Sent 37 ms later in frame 4, together with 1 other; received after another 10 ms; painted after another 10 ms.",
  );
  page.press("End");
  expect(page.delta()).toContain("in frame 5, alone; received after another 0.0 ms; painted after another 15 ms.");
  expect(page.figures().textContent).toContain("From yield to paint: 58 ms at the median, 128 ms at most.");
  expect(page.figures().textContent).toContain("This page’s clock is not the kernel’s");
  expect(page.figures().textContent).toContain("Painted is when the page was ready to be painted");
});

/** A turn of which the kernel tells what was told so far: a frame for each delta, which this page painted 10 ms after it was sent. */
function streaming() {
  vi.useFakeTimers();
  const asked: { at: number; start: number }[] = [];
  const arrivals = new Map<number, { received: number; painted: number | null }>();
  const events = first.slice(0, 4);
  const frames = [frame(1, 100.25, 0, 4)];
  let answers = true;
  const page = setup({
    events,
    arrivals,
    log: (_turn, start) => {
      asked.push({ at: performance.now(), start });
      const rest = frames.filter(({ last }) => last > start);
      return answers ? Promise.resolve(logged({ events: events.slice(start), first: start, frames: rest })) : never;
    },
  });
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    await page.settle();
  };
  return {
    ...{ page, asked, arrivals, pass },
    delta: () => {
      const event = tell.deltas(2, "word ");
      const seq = frames.length + 1;
      frames.push(frame(seq, 100.25 + seq / 100, events.length, events.length + 1));
      arrivals.set(seq, { received: seq * 10, painted: seq * 10 + 10 });
      events.push(event);
      page.tell(event);
    },
    end: () => {
      events.push(...ended);
      page.tell(...ended);
    },
    hush: () => {
      answers = false;
    },
  };
}

const never = new Promise<never>(() => {});

test("while it runs each mark gets its clocks, by at most one question a second, of what is not known yet", async () => {
  const { page, asked, pass, delta, end } = streaming();
  await pass(0);
  expect(asked.map(({ start }) => start)).toEqual([0]);
  for (let n = 0; n < 100; n++) {
    delta();
    await pass(50);
  }
  await pass(LIVE_MS);
  const gaps = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
  expect(gaps).toHaveLength(5);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(LIVE_MS);
  expect(asked.map(({ start }) => start)).toEqual([0, 4, 24, 44, 64, 84]);
  page.press("End");
  expect(page.delta()).toContain("Delta 100 of 100");
  expect(page.delta()).toMatch(/Sent .* in frame 101, alone; received after another .*; painted after another 10 ms\./);
  expect(page.figures().textContent).toContain("The turn is running.");
  expect(page.figures().textContent).toContain("From yield to paint:");
  // What the kernel is told of it, it is told once.
  expect(page.told()).toEqual([]);
  expect(page.page.queryByRole("button", { name: "Show when it was sent and painted" })).toBeNull();
  const before = asked.length;
  await pass(60_000);
  expect(asked).toHaveLength(before);
  end();
  expect(page.delta()).toContain("in frame 101, alone");
  await pass(0);
  expect(asked.slice(before).map(({ start }) => start)).toEqual([0]);
  expect(page.told()[0]).toHaveLength(101);
});

test("what is not answered yet is not asked again", async () => {
  const { asked, pass, delta, hush } = streaming();
  hush();
  for (let n = 0; n < 100; n++) {
    delta();
    await pass(100);
  }
  expect(asked).toHaveLength(1);
});

test("a page that is not looked at asks nothing, and asks when it is", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  const { asked, pass, delta } = streaming();
  delta();
  await pass(10_000);
  expect(asked).toEqual([]);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
  expect(asked).toHaveLength(1);
});

test("of a turn with more deltas than have marks, the clocks are asked for on demand", async () => {
  const { page, asked, pass } = streaming();
  page.tell({ type: "text", step: 2, text: "!", marks: "AB", thinned: true });
  await pass(10_000);
  expect(asked).toHaveLength(0);
  fireEvent.click(page.page.getByRole("button", { name: "Show when it was sent and painted" }));
  await pass(0);
  expect(asked).toHaveLength(1);
});

test("what does not come can be asked for again, and is followed from there on", async () => {
  vi.useFakeTimers();
  let fails = true;
  let asked = 0;
  const page = setup({
    events: first,
    log: async () => {
      asked += 1;
      if (fails) throw new Error("The kernel is gone.");
      return logged({ events: first });
    },
  });
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    await page.settle();
  };
  await pass(0);
  expect(page.figures().textContent).toContain("When it was sent and painted did not come: The kernel is gone.");
  page.tell(tell.deltas(2, " wide"));
  await pass(10_000);
  expect(asked).toBe(1);
  fails = false;
  fireEvent.click(page.page.getByRole("button", { name: "Try again" }));
  await pass(0);
  expect(page.figures().textContent).toContain("No frame of this turn is remembered");
  await pass(LIVE_MS);
  const before = asked;
  page.tell(tell.deltas(2, " and long"));
  await pass(LIVE_MS);
  expect(asked).toBe(before + 1);
  page.tell(...ended);
  await pass(0);
  expect(asked).toBe(before + 2);
});

test("a recording has no frames, and says so", async () => {
  const view = makeView();
  const store = liveStore({ ...view, session: { ...view.session, recording: "lesson.jsonl" } });
  const events = [...first, ...ended];
  const page = setup({ store, events, log: async () => logged({ events }) });
  await page.settle();
  expect(page.figures().textContent).toContain("This is a recording");
});

test("a turn that a recording does not hold says so, and cannot be replayed or looked at on the wire", async () => {
  const view = makeView();
  const store = liveStore({ ...view, session: { ...view.session, recording: "lesson.jsonl" } });
  const events = [...first, ...ended, ...second, tell.completed("t2", 201)];
  const words = "This turn is not in the recording.";
  const { page, figures, settle } = setup({
    store,
    events,
    log: async (turn) => {
      if (turn === "t1") throw new Error(words);
      return logged({ events: [...second, tell.completed("t2", 201)] });
    },
  });
  const offered = () => [page.queryByRole("region", { name: "Replay" }), page.queryByText(/^On the wire/)];
  await settle();
  expect(offered()).not.toContain(null);
  fireEvent.change(page.getByRole("combobox", { name: "Turn" }), { target: { value: "t1" } });
  await settle();
  expect(offered()).toEqual([null, null]);
  expect(figures().textContent).toContain(words);
  expect(page.queryByRole("button", { name: "Try again" })).toBeNull();
  // What is seen of it is there all the same.
  expect(figures().textContent).toContain("3 deltas");
  fireEvent.change(page.getByRole("combobox", { name: "Turn" }), { target: { value: "t2" } });
  await settle();
  expect(offered()).not.toContain(null);
});

test("zoom and fit", () => {
  const { page, press, tell: told } = setup({ events: [...first, ...ended] });
  const rests = () =>
    ["Zoom in", "Zoom out", "Fit"].map((name) => page.getByRole("button", { name }).getAttribute("aria-disabled"));
  expect(rests()).toEqual([null, "true", "true"]);
  fireEvent.click(page.getByRole("button", { name: "Zoom in" }));
  expect(rests()).toEqual([null, "false", "false"]);
  press("0");
  expect(rests()).toEqual([null, "true", "true"]);
  press("+");
  expect(rests()).toEqual([null, "false", "false"]);
  fireEvent.click(page.getByRole("button", { name: "Fit" }));
  expect(rests()).toEqual([null, "true", "true"]);
  press("+");
  told(...second);
  expect(rests()).toEqual([null, "true", "true"]);
});

test("of a kernel that is gone the timeline stays", () => {
  const { store, change, figures } = setup({ events: first });
  change(() => {
    store.connection.value = "lost";
  });
  expect(figures().textContent).toContain("3 deltas");
});
