import { signal } from "@preact/signals";
import { act, cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { choosersOf } from "../../src/chat/choosing";
import { controlOf } from "../../src/inspector";
import type { View } from "../../src/protocol.gen";
import type { WireEvent } from "../../src/store/fold";
import { past } from "../../src/store/past";
import { choiceOf } from "../../src/timeline/choice";
import { Lab } from "../../src/timeline/Lab";
import { Logs } from "../../src/timeline/log";
import { Replay } from "../../src/timeline/Replay";
import { mountView } from "../../src/views";
import { liveStore, makeView } from "../chat/script";
import { press } from "../chat/setup";
import { fakeStepping, tell } from "../inspector/script";
import { logged } from "./script";

afterEach(cleanup);

const turn = (name: string, ...deltas: string[]): WireEvent[] => [
  tell.turn(name, `prompt of ${name}`, { monotonic: 100 }),
  tell.step(name, 1, "prompt", 100.1),
  tell.finished(name, 1, "prompt"),
  tell.step(name, 2, "generate_poem", 100.5),
  tell.deltas(2, ...deltas),
  tell.finished(name, 2, "generate_poem"),
  tell.completed(name, 102),
];

const FAULTS = ["stall", "awkward bytes", "burst"];

function viewOf(session: Partial<View["session"]>): View {
  const view = makeView();
  return { ...view, session: { ...view.session, faults: FAULTS, recording: null, ...session } };
}

interface Given {
  events?: WireEvent[];
  session?: Partial<View["session"]>;
  log?: () => Promise<ReturnType<typeof logged>>;
}

function setup({ events = [], session = {}, log }: Given = {}) {
  const store = liveStore(viewOf(session));
  store.apply(events);
  const actions = fakeStepping(store, undefined, () => log?.() ?? Promise.resolve(logged({ events })));
  const given = {
    store,
    actions,
    arrivals: new Map(),
    control: controlOf(store, actions),
    choosers: choosersOf(store),
  };
  const playhead = signal<number | null>(null);
  const ofTurn = { branch: "b1", choice: choiceOf(store), logs: new Logs(actions.log), playhead };
  const leaving = new AbortController();
  const chat = document.createElement("div");
  document.body.append(chat);
  const never = () => new Promise<never>(() => {});
  act(() => mountView("chat", chat, leaving.signal, { ...given, load: never, session: "s" }));
  function LastTurn() {
    const last = store.view.value?.turns.at(-1);
    return last === undefined ? null : <Replay {...given} {...ofTurn} turn={last} />;
  }
  const { container } = render(
    <>
      <LastTurn />
      <Lab {...given} />
    </>,
  );
  const page = within(container as HTMLElement);
  const settle = async () => {
    for (let n = 0; n < 3; n++) await act(async () => {});
  };
  return {
    ...{ store, page, playhead, settle, chat: within(chat), did: actions.did },
    tell: (...told: WireEvent[]) => act(() => store.apply(told)),
    rewind: (step: number) => act(() => store.reset(past(store.view.value as View, step))),
    which: () => page.getByRole("status").textContent,
    button: (name: string) => page.getByRole<HTMLButtonElement>("button", { name }),
    click: async (name: string) => {
      act(() => page.getByRole("button", { name }).click());
      await settle();
    },
    slider: () => page.getByRole<HTMLInputElement>("slider", { name: "Where the replay is" }),
    banner: () => within(chat).queryByRole("group", { name: "The past" })?.querySelector("p")?.textContent,
    answer: () =>
      within(chat)
        .getAllByRole("article")
        .filter((each) => each.dataset.role === "assistant")
        .at(-1)
        ?.querySelector(".bcw-text")?.textContent,
    leave: () => act(() => leaving.abort()),
  };
}

describe("a replay", () => {
  const events = turn("t1", "One", " two", " three");

  test("begins where the turn is shown, and is shown in the chat", async () => {
    const page = setup({ events });
    expect(page.slider().getAttribute("aria-valuetext")).toBe("not replaying");
    expect(page.button("Back to now").getAttribute("aria-disabled")).toBe("true");
    await page.click("Delta back");
    expect(page.answer()).toBe("One two");
    expect(page.banner()).toBe("Replaying turn 1 at 0.53 s");
    expect(page.slider().getAttribute("aria-valuetext")).toBe("0.53 s of 2.00 s · 2 of 3 deltas · generate_poem");
    expect(page.which()).toBe("Replaying what was recorded: nothing runs.");
    expect(page.playhead.value).toBeCloseTo(0.525);
    await page.click("Delta back");
    expect(page.answer()).toBe("One");
    await page.click("Step back");
    expect(page.chat.getAllByRole("article")).toHaveLength(1);
    await page.click("Step forward");
    expect(page.answer()).toBe("One two three");
    await page.click("Back to now");
    expect(page.banner()).toBe(undefined);
    expect(page.playhead.value).toBe(null);
    expect(page.which()).toBe("The source runs at its own pace, and nothing is replayed.");
    page.leave();
  });

  test("does what was asked for last while the turn was fetched", async () => {
    let answer = () => {};
    const log = () => new Promise<ReturnType<typeof logged>>((done) => (answer = () => done(logged({ events }))));
    const page = setup({ events, log });
    await page.click("Play");
    await page.click("Delta back");
    act(() => void fireEvent.keyDown(page.slider(), { key: "Home" }));
    expect([page.banner(), page.page.queryByText("Fetching what was told of it …") === null]).toEqual([
      undefined,
      false,
    ]);
    answer();
    await page.settle();
    expect(page.banner()).toBe("Replaying turn 1 at 0.00 s");
    expect(page.slider().getAttribute("aria-valuetext")).toContain("0 of 3 deltas");
    page.leave();
  });

  test("does nothing when the reader wanted back before it was there", async () => {
    let answer = () => {};
    const log = () => new Promise<ReturnType<typeof logged>>((done) => (answer = () => done(logged({ events }))));
    const page = setup({ events, log });
    await page.click("Play");
    await page.click("Back to now");
    answer();
    await page.settle();
    expect([page.banner(), page.page.queryByText("Fetching what was told of it …")]).toEqual([undefined, null]);
    page.leave();
  });

  test("by the slider, in time and with the keys", async () => {
    const page = setup({ events });
    const slide = async (value: string) => {
      act(() => void fireEvent.input(page.slider(), { target: { value } }));
      await page.settle();
    };
    const key = async (key: string) => {
      act(() => void fireEvent.keyDown(page.slider(), { key }));
      await page.settle();
    };
    await slide("512");
    expect(page.chat.getAllByRole("article")).toHaveLength(1);
    await slide("513");
    expect(page.answer()).toBe("One");
    expect(page.slider().max).toBe("2000");
    await key("ArrowRight");
    expect(page.answer()).toBe("One two");
    await key("End");
    expect(page.answer()).toBe("One two three");
    await key("PageDown");
    await key("PageDown");
    expect(page.banner()).toBe("Replaying turn 1 at 0.00 s");
    await key("Home");
    expect(page.chat.queryAllByRole("article")).toHaveLength(0);
    page.leave();
  });

  test("is left by Escape in another view, and by a turn that begins", async () => {
    const page = setup({ events });
    await page.click("Delta back");
    act(() => void press(page.chat.getByRole("textbox", { name: "Message" }), "Escape"));
    expect(page.banner()).toBe(undefined);
    await page.click("Delta back");
    expect(page.banner()).toContain("Replaying");
    page.tell(tell.turn("t2", "next"));
    expect(page.banner()).toBe(undefined);
    expect(page.chat.getAllByRole("article").length).toBeGreaterThan(2);
    page.leave();
  });

  test("plays until it is paused", async () => {
    const page = setup({ events });
    await page.click("Play");
    expect(page.button("Pause replay")).toBeTruthy();
    await page.click("Pause replay");
    expect(page.button("Play")).toBeTruthy();
    await page.click("Backwards");
    expect(page.button("Backwards").getAttribute("aria-pressed")).toBe("true");
    page.leave();
  });

  test("of a turn that one has gone back to within shows what is left of it", async () => {
    let told = events;
    const page = setup({ events, log: async () => logged({ events: told }) });
    await page.click("Delta back");
    expect(page.answer()).toBe("One two");
    told = events.slice(0, 3);
    page.rewind(1);
    expect(page.banner()).toBe(undefined);
    await page.click("Step back");
    expect(page.slider().getAttribute("aria-valuetext")).toBe("0.00 s of 0.10 s · 0 of 0 deltas");
    page.leave();
  });

  test("says why there is none", async () => {
    const page = setup({ events, log: () => Promise.reject(new Error("There is no such turn, or no such event.")) });
    await page.click("Play");
    expect(page.page.getByText("It cannot be replayed: There is no such turn, or no such event.")).toBeTruthy();
    expect(page.banner()).toBe(undefined);
    page.leave();
  });

  test("of a turn in which nothing ran there is none", async () => {
    const page = setup({ events: [events[0] as WireEvent, tell.failed("t1")] });
    await page.click("Play");
    expect(page.page.getByText("No action ran in this turn: there is nothing to replay.")).toBeTruthy();
    expect(page.banner()).toBe(undefined);
    page.leave();
  });

  test("of a turn that runs says that it goes on", async () => {
    const page = setup({ events: events.slice(0, -2) });
    await page.click("Delta back");
    expect(page.which()).toBe("Replaying what was recorded: the turn itself goes on unseen.");
    page.leave();
  });
});

test.each<[string, Parameters<typeof tell.paused>[1]]>([
  ["The source is held at a delta until the turn is continued.", { at: "delta", next_action: "generate_poem" }],
  [
    "Held before generate_poem until the turn is continued: no source runs.",
    { at: "action", next_action: "generate_poem" },
  ],
])("of a turn that is held it says: %s", (words, held) => {
  const page = setup({ events: turn("t1", "One").slice(0, -2) });
  page.tell(tell.paused("t1", held));
  expect(page.which()).toBe(words);
  page.tell(tell.resumed("t1"));
  expect(page.which()).toBe("The source runs at its own pace, and nothing is replayed.");
});

describe("the pace", () => {
  const number = (page: ReturnType<typeof setup>) =>
    page.page.getByRole<HTMLInputElement>("spinbutton", { name: "Hold the source at each delta for" });

  test("is asked for, and said in words", () => {
    const page = setup();
    act(() => void fireEvent.change(number(page), { target: { value: "0.2" } }));
    expect(page.did).toEqual([["set-pace", 0.2]]);
    expect(page.which()).toBe("The source is held 0.20 s at each delta: the generator itself waits.");
    page.tell({ ...(tell.controls(false) as Extract<WireEvent, { type: "controls-changed" }>), pace: 0.2 });
    page.tell(tell.accepted("s1"));
    expect(page.which()).toContain("held 0.20 s");
    expect(page.page.getByRole<HTMLInputElement>("slider", { name: "Seconds at each delta" }).value).toBe("0.2");
    act(() => void fireEvent.change(number(page), { target: { value: "900" } }));
    act(() => void fireEvent.change(number(page), { target: { value: "" } }));
    act(() => void fireEvent.change(number(page), { target: { value: "-1" } }));
    expect(page.did.slice(1)).toEqual([
      ["set-pace", 60],
      ["set-pace", 0],
    ]);
    page.leave();
  });

  test("is another thing than a replay", async () => {
    const page = setup({ events: turn("t1", "One", " two") });
    act(() => void fireEvent.change(number(page), { target: { value: "1" } }));
    await page.click("Delta back");
    expect(page.which()).toBe("Replaying what was recorded: nothing runs.");
    await page.click("Back to now");
    expect(page.which()).toBe("The source is held 1.00 s at each delta: the generator itself waits.");
    page.leave();
  });
});

describe("faults", () => {
  const pressed = (page: ReturnType<typeof setup>) =>
    FAULTS.filter((name) => page.button(name).getAttribute("aria-pressed") === "true");
  const controls = (fault: string | null) =>
    ({ ...tell.controls(false), fault }) as Extract<WireEvent, { type: "controls-changed" }>;

  test("one is armed until it is taken", async () => {
    const page = setup();
    await page.click("stall");
    expect(pressed(page)).toEqual(["stall"]);
    page.tell(controls("stall"), tell.accepted("s1"));
    expect(pressed(page)).toEqual(["stall"]);
    expect(page.page.getByText(/^The next streamed answer, and only that: stall\./)).toBeTruthy();
    page.tell(controls(null));
    expect(pressed(page)).toEqual([]);
    expect(page.page.getByText("Nothing will go wrong on purpose.")).toBeTruthy();
    await page.click("burst");
    await page.click("burst");
    expect(page.did).toEqual([
      ["set-fault", "stall"],
      ["set-fault", "burst"],
      ["set-fault", null],
    ]);
    page.leave();
  });

  test("are the offline model's alone", () => {
    const page = setup({ session: { faults: [] } });
    expect(page.page.getByText(/^Only the offline model can be made to go wrong/)).toBeTruthy();
    page.leave();
  });
});

test("of a recording there is nothing to hold and nothing to go wrong", async () => {
  const page = setup({ events: turn("t1", "One", " two"), session: { recording: "lesson.jsonl" } });
  expect(page.which()).toBe("This is a recording: it can be replayed, and nothing runs.");
  expect(page.page.queryByRole("group", { name: "Pace" })).toBe(null);
  expect(page.page.queryByRole("group", { name: "Faults" })).toBe(null);
  await page.click("Delta back");
  expect(page.answer()).toBe("One");
  expect(page.which()).toBe("Replaying what was recorded: nothing runs.");
  page.leave();
});
