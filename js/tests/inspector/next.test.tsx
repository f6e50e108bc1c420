import { expect, test } from "vitest";
import { liveStore, makeView } from "../chat/script";
import { emptyComposer } from "../composer";
import { edge } from "../graph/samples";
import { condition, tell } from "./script";
import { setup } from "./setup";

const ways = [
  condition("decide_mode", "safe=True", true, { taken: true, values: { safe: "True" } }),
  condition("unsafe_response", "default", true),
];
const begun = [tell.turn("t1", "hi"), tell.step("t1", 1, "check_safety"), tell.finished("t1", 1, "check_safety")];

function shown(page: ReturnType<typeof setup>) {
  const next = page.page.getByRole("region", { name: "What comes next" });
  return {
    text: next.textContent?.replaceAll(/\s+/g, " ").trim() ?? "",
    conditions: [...next.querySelectorAll("li")].map((li) => [
      li.dataset.taken,
      li.textContent?.replaceAll(/\s+/g, " "),
    ]),
  };
}

test("held before an action: which, why there, and why that one", () => {
  const page = setup({ events: begun });
  page.tell(
    tell.paused("t1", {
      reason: "breakpoint",
      breakpoint: "before decide_mode if is_long",
      after: "check_safety",
      next_action: "decide_mode",
      needs: ["model"],
      conditions: ways,
    }),
  );
  const { text, conditions } = shown(page);
  expect(text).toContain("Held before decide_mode at a breakpoint, since is_long is true");
  expect(text).toContain("Next: decide_mode, needs model");
  expect(text).toContain("Out of check_safety, on the present state");
  expect(conditions).toEqual([
    ["true", "truesafe=True → to decide_mode nextsafe = True"],
    ["false", "else → to unsafe_response"],
  ]);
  expect(page.page.getByRole("status").textContent).toBe("Held before decide_mode");
});

test("held after an action, where nothing can be told of what comes", () => {
  const page = setup({ events: begun });
  const error = "The condition mode=poem raised KeyError: 'mode'";
  page.tell(
    tell.paused("t1", { reason: "breakpoint", breakpoint: "after check_safety", after: "check_safety", error }),
  );
  expect(shown(page).text).toContain("Held after check_safety at a breakpoint");
  expect(shown(page).text).toContain(error);
});

test("held at a delta: the generator is, and how far it is", () => {
  const page = setup({ events: [...begun, tell.step("t1", 2, "generate_poem"), tell.deltas(2, "A", " river")] });
  page.tell(tell.paused("t1", { at: "delta", next_action: "generate_poem" }));
  expect(shown(page).text).toContain("Held at a delta of generate_poem one delta further");
  expect(shown(page).text).toContain("The generator is held at its yield, 2 deltas in.");
  expect(page.page.getByRole("status").textContent).toBe("Held at a delta of generate_poem");
  page.tell(tell.resumed("t1"));
  expect(shown(page).text).toContain("Running generate_poem");
});

test("while an action runs: where it may lead", () => {
  const view = makeView();
  const transitions = [
    edge("prompt", "check_safety"),
    edge("check_safety", "decide_mode", "safe=True"),
    edge("check_safety", "unsafe_response"),
  ];
  const page = setup({
    store: liveStore({ ...view, graph: { ...view.graph, transitions } }),
    events: [tell.turn("t1", "hi"), tell.step("t1", 1, "prompt")],
  });
  expect(shown(page).text).toBe("Running prompt Then check_safety.");
  page.tell(tell.finished("t1", 1, "prompt"), tell.step("t1", 2, "check_safety"));
  expect(shown(page).text).toContain("Then decide_mode if safe=True, unsafe_response otherwise: decided when it ends.");
  page.tell(tell.controls(true));
  expect(shown(page).text).toContain("It will be held before that.");
});

test("while nothing runs: what the next turn begins with, and what that needs", () => {
  const page = setup();
  expect(shown(page).text).toBe("Nothing is running Next: prompt, needs promptIt is the entry point.");
  page.tell(tell.controls(true));
  expect(shown(page).text).toContain("The next turn will be held at its start");
  page.tell(
    ...begun,
    tell.taken("t1", 1, "check_safety", condition("prompt", "default", true, { taken: true })),
    tell.completed("t1"),
  );
  expect(shown(page).conditions).toEqual([["true", "always → to prompt taken"]]);
  page.tell(tell.composer({ ...emptyComposer, ended: true }));
  expect(shown(page).text).toBe("The application has ended");
});

const whole = [
  tell.turn("t1", "a"),
  tell.step("t1", 1, "check_safety"),
  tell.finished("t1", 1, "check_safety"),
  tell.taken("t1", 1, "check_safety", condition("prompt", "default", true, { taken: true, values: { n: "1" } })),
  tell.completed("t1"),
];
const begunAgain = [
  tell.turn("t2", "b"),
  tell.step("t2", 2, "prompt"),
  tell.finished("t2", 2, "prompt"),
  tell.taken("t2", 2, "prompt", condition("prompt", "n < 5", true, { taken: true, values: { n: "2" } })),
];

test.each([
  ["stopped", tell.stopped("t2")],
  ["failed", tell.failed("t2")],
])("after a turn that was %s: what was decided before it, on values that are still so", (_, end) => {
  const page = setup({ events: [...whole, ...begunAgain, end] });
  expect(shown(page).text).toContain("As decided after check_safety");
  expect(shown(page).conditions).toEqual([["true", "always → to prompt takenn = 1"]]);
});

test("where nothing comes next: why, as far as the kernel can tell", () => {
  const page = setup({ events: whole });
  const none = condition("prompt", "n < 1", false, { values: { n: "1" } });
  page.tell(tell.composer({ ...emptyComposer, ended: true, after: "check_safety", conditions: [none] }));
  expect(shown(page).text).toContain("The application has ended Out of check_safety, on the present state");
  expect(shown(page).conditions).toEqual([["false", "falsen < 1 → to promptn = 1"]]);
  const view = page.store.view.peek();
  if (view === null) throw new Error("no view");
  const nodes = { prompt: { status: "idle", visits: 0 } } as const;
  const composer = { ...emptyComposer, enabled: false, hint: "n is gone" };
  page.change(() => page.store.reset({ ...view, nodes, composer }));
  expect(shown(page).text).toBe("Nothing comes next n is gone");
});

test("what the next action needs and nobody gave is said", () => {
  const hint = "action 'prompt' needs input 'client'; pass inputs={'client': ...} or .bind() it";
  const page = setup({ events: [tell.composer({ ...emptyComposer, action: "prompt", enabled: false, hint })] });
  expect(shown(page).text).toContain(`Next: prompt${hint}`);
});

test("after a step since which the state was changed by hand", () => {
  const page = setup({ events: whole });
  const view = page.store.view.peek();
  if (view === null) throw new Error("no view");
  page.change(() => page.store.reset({ ...view, steps: view.steps.map((step) => ({ ...step, by_hand: ["n"] })) }));
  expect(shown(page).text).toContain("Out of check_safety, on the present state");
  expect(shown(page).conditions).toEqual([["true", "always → to prompt nextn = 1"]]);
});

test("before the first step of an application that has gone on before: why that comes next", () => {
  const conditions = [condition("prompt", "n < 5", true, { taken: true, values: { n: "2" } })];
  const page = setup({ events: [tell.composer({ ...emptyComposer, action: "prompt", after: "answer", conditions })] });
  expect(shown(page).text).toContain("Next: prompt");
  expect(shown(page).text).toContain("Out of answer, on the present state");
  expect(shown(page).conditions).toEqual([["true", "truen < 5 → to prompt nextn = 2"]]);
});

test("after a first turn that was stopped it is the entry point again", () => {
  const page = setup({ events: [...begunAgain, tell.stopped("t2")] });
  expect(shown(page).text).toBe("Nothing is running Next: prompt, needs promptIt is the entry point.");
});

test("held before the first action of a turn: what it was given, and why it is the one", () => {
  const first = setup({
    events: [tell.turn("t1", "a"), tell.paused("t1", { reason: "pause", next_action: "prompt" })],
  });
  expect(shown(first).text).toBe("Held before prompt pausedNext: prompt, given promptIt is the entry point.");
  const later = setup({
    events: [...whole, tell.turn("t2", "b"), tell.paused("t2", { reason: "pause", next_action: "prompt" })],
  });
  expect(shown(later).text).toContain("given promptAs decided after check_safety");
});

test("held at a delta: where the action may lead", () => {
  const view = makeView();
  const transitions = [edge("generate_poem", "prompt")];
  const page = setup({
    store: liveStore({ ...view, graph: { ...view.graph, transitions } }),
    events: [...begun, tell.step("t1", 2, "generate_poem"), tell.deltas(2, "A")],
  });
  page.tell(tell.paused("t1", { at: "delta", next_action: "generate_poem" }));
  expect(shown(page).text).toContain("1 delta in.Then prompt.");
});

test("held at a breakpoint whose condition raised", () => {
  const page = setup({ events: begun });
  const breakpoint = "before decide_mode if is_long, which raised KeyError: 'text, if there is one'";
  page.tell(tell.paused("t1", { reason: "breakpoint", breakpoint, after: "check_safety", next_action: "decide_mode" }));
  expect(shown(page).text).toBe(
    "Held before decide_mode at a breakpoint, since is_long raised KeyError: 'text, if there is one'",
  );
});
