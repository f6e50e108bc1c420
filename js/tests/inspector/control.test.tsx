import { act, cleanup, fireEvent } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { liveStore, makeView } from "../chat/script";
import { press } from "../chat/setup";
import { emptyComposer } from "../composer";
import { tell } from "./script";
import { setup } from "./setup";

const NAMES = ["Continue", "Pause", "Step", "Step delta", "Stop"];

const begun = [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt")];
const running = [...begun, tell.step("t1", 2, "generate_poem")];
const held = [...begun, tell.paused("t1", { after: "prompt", next_action: "check_safety" })];
const heldAtDelta = [...running, tell.deltas(2, "A"), tell.paused("t1", { at: "delta", next_action: "generate_poem" })];
const askless = () => liveStore(makeView({ composer: { ...emptyComposer, action: "check_safety" } }));

describe("the buttons", () => {
  const open = (page: ReturnType<typeof setup>) =>
    NAMES.filter((name) => page.button(name).getAttribute("aria-disabled") === "false");

  test.each([
    ["while nothing runs and a message is needed", [], ["Pause"]],
    ["while a turn runs", running, ["Pause", "Step delta", "Stop"]],
    ["while it is held between two actions", held, ["Continue", "Step", "Step delta", "Stop"]],
    ["while it is held at a delta", heldAtDelta, ["Continue", "Step", "Step delta", "Stop"]],
  ])("%s, do what can be done", (_, events, expected) => {
    expect(open(setup({ events }))).toEqual(expected);
  });

  test("begin a turn where it takes nothing", () => {
    const page = setup({ store: askless() });
    expect(open(page)).toEqual(["Continue", "Pause", "Step", "Step delta"]);
    fireEvent.click(page.button("Step"));
    page.tell(tell.accepted("s1"));
    fireEvent.click(page.button("Step delta"));
    expect(page.actions.did).toEqual(["step-action", "step-delta"]);
  });

  test("go on in the middle of a turn, though a message could be said there", () => {
    const asking = { ...emptyComposer, action: "check_safety", input: "prompt" };
    const page = (goes_on: boolean) => setup({ store: liveStore(makeView({ composer: { ...asking, goes_on } })) });
    expect(open(page(false))).toEqual(["Pause"]);
    cleanup();
    expect(open(page(true))).toEqual(["Continue", "Pause", "Step", "Step delta"]);
  });

  test("say what Stop takes back", () => {
    expect(setup({ events: held }).button("Stop").title).toContain(
      "End the turn: what it did to the state is taken back",
    );
  });

  test("ask the kernel for what they are called", () => {
    const page = setup({ events: held });
    for (const name of ["Continue", "Step", "Step delta"]) {
      fireEvent.click(page.button(name));
      // Until the kernel has answered nothing more is asked.
      fireEvent.click(page.button("Step"));
      page.tell(tell.accepted(`s${page.actions.did.length}`));
    }
    fireEvent.click(page.button("Stop"));
    expect(page.actions.did).toEqual(["resume", "step-action", "step-delta"]);
    expect(page.actions.asked).toEqual([{ stop: "t1" }]);
  });

  test("Pause is pressed while the next action will be waited before, and takes it back", () => {
    const page = setup({ events: running });
    expect(page.button("Pause").getAttribute("aria-pressed")).toBe("false");
    fireEvent.click(page.button("Pause"));
    // At once, and still when the kernel has it.
    expect(page.button("Pause").getAttribute("aria-pressed")).toBe("true");
    page.tell(tell.controls(true), tell.accepted("s1"));
    expect(page.button("Pause").getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(page.button("Pause"));
    expect(page.actions.did).toEqual([
      ["pause", false],
      ["pause", true],
    ]);
  });

  test("say why they do nothing, where they are and when they are pressed, until that is over", () => {
    const page = setup({ events: running });
    const why = "It is running: pause it first.";
    expect(page.button("Step").getAttribute("aria-description")).toBe(why);
    expect(page.button("Step").title).toContain(why);
    fireEvent.click(page.button("Step"));
    expect(page.page.getByText(why)).toBeTruthy();
    expect(page.actions.did).toEqual([]);
    page.tell(tell.paused("t1", { next_action: "decide_mode" }));
    expect(page.page.queryByText(why)).toBeNull();
  });

  test("say what the kernel says when it refuses", () => {
    const page = setup({ events: held });
    fireEvent.click(page.button("Step"));
    page.tell(tell.refused("s1", "The chat is closed."));
    expect(page.page.getByText("Not done: The chat is closed.")).toBeTruthy();
    expect(page.button("Step").getAttribute("aria-disabled")).toBe("false");
  });

  test("say that the kernel is busy when it does not answer, and that it is gone", () => {
    const page = setup({ events: held });
    fireEvent.click(page.button("Step"));
    act(() => {
      page.store.connection.value = "waiting";
    });
    expect(page.page.getByText("The kernel is busy. It is done when it answers.")).toBeTruthy();
    act(() => {
      page.store.lost.value = "Run the cells again.";
      page.store.connection.value = "lost";
    });
    expect(page.page.getByText("Run the cells again.")).toBeTruthy();
    expect(page.page.getByRole("region", { name: "What comes next" }).textContent).toContain("The kernel is gone");
    expect(page.page.getByRole("status").textContent).toBe("Disconnected");
    expect(open(page)).toEqual([]);
  });
});

describe("the keys", () => {
  const key = (page: ReturnType<typeof setup>, name: string, more: KeyboardEventInit = {}) =>
    press(page.host, name, more);

  test.each([
    ["F8", {}, "resume"],
    ["\\", { ctrlKey: true }, "resume"],
    ["F10", {}, "step-action"],
    ["'", { ctrlKey: true }, "step-action"],
    ["F11", {}, "step-delta"],
    [";", { ctrlKey: true }, "step-delta"],
  ])("%s %o asks for %s, and is kept from the browser", (name, more, asked) => {
    const page = setup({ events: held });
    expect(key(page, name, more)).toBe(false);
    expect(page.actions.did).toEqual([asked]);
  });

  test("F8 pauses what runs, Shift+F8 stops it", () => {
    const page = setup({ events: running });
    key(page, "F8");
    key(page, "F8", { shiftKey: true });
    expect(page.actions.did).toEqual([["pause", false]]);
    expect(page.actions.asked).toEqual([{ stop: "t1" }]);
  });

  test.each([
    ["s", { ctrlKey: true }],
    ["F10", { altKey: true }],
    ["F11", { metaKey: true }],
    ["F10", { shiftKey: true }],
    ["F9", {}],
    ["'", {}],
    ["F10", { isComposing: true }],
  ])("%s %o is left alone", (name, more) => {
    const page = setup({ events: held });
    expect(key(page, name, more)).toBe(true);
    expect(page.actions.did).toEqual([]);
  });

  test("count inside only", () => {
    const page = setup({ events: held });
    expect(press(document.body, "F10")).toBe(true);
    expect(page.actions.did).toEqual([]);
  });

  test("are shown on the buttons", () => {
    const page = setup();
    const shown = NAMES.map((name) => [
      page.button(name).querySelector("kbd")?.textContent,
      page.button(name).getAttribute("aria-keyshortcuts"),
    ]);
    expect(shown).toEqual([
      ["F8", "F8 Control+\\"],
      ["F8", "F8 Control+\\"],
      ["F10", "F10 Control+'"],
      ["F11", "F11 Control+;"],
      ["⇧F8", "Shift+F8"],
    ]);
  });
});

test("a breakpoint with a condition is made to hold always", () => {
  const page = setup({ events: [tell.controls(false, ["prompt", "after"])] });
  const view = page.store.view.peek();
  if (view === null) throw new Error("no view");
  expect(page.page.queryByRole("button", { name: /Hold always/ })).toBe(null);
  const breakpoints = [{ action: "prompt", when: "after" as const, condition: "is_long" }];
  page.change(() => page.store.reset({ ...view, breakpoints }));
  const list = page.page.getByRole("list", { name: "Breakpoints" });
  expect(list.textContent).toContain("after prompt if is_long");
  fireEvent.click(page.button("Hold always after prompt"));
  expect(page.actions.did).toEqual([["set-breakpoint", "prompt", "after", false]]);
  // As asked for, until the kernel says so.
  expect(list.textContent).not.toContain("if is_long");
  expect(document.activeElement).toBe(page.button("Remove the breakpoint after prompt"));
});

test("breakpoints are listed and taken away", () => {
  const page = setup({ events: [tell.controls(false, ["decide_mode", "before"], ["prompt", "after"])] });
  expect(page.page.getByRole("list", { name: "Breakpoints" }).textContent).toContain("after prompt");
  fireEvent.click(page.button("Remove the breakpoint before decide_mode"));
  expect(page.actions.did).toEqual([["set-breakpoint", "decide_mode", "before", true]]);
  const listed = () => page.page.queryAllByRole("listitem").map((item) => item.textContent);
  expect(listed()).toEqual(["after prompt×"]);
  page.tell(tell.refused("s1", "There is no such action."));
  expect(listed()).toEqual(["before decide_mode×", "after prompt×"]);
});
