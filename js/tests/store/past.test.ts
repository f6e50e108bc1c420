import { describe, expect, test } from "vitest";
import fixtures from "../../../tests/interop/fixtures/past.json";
import { Choice } from "../../src/inspector/choice";
import type { View } from "../../src/protocol.gen";
import { past } from "../../src/store/past";
import { createStore, shownOf } from "../../src/store/store";
import { makeView, say } from "../chat/script";

interface Case {
  view: View;
  step: number;
  after: View;
}

// The same file holds the Python side: tests/interop/test_past.py.
const cases = fixtures as unknown as Case[];

describe("past", () => {
  test("there are cases", () => expect(cases.length).toBeGreaterThan(10));

  test.each(cases.map((each, n) => [n, each] as const))("fixture %i", (_, { view, step, after }) => {
    const before = structuredClone(view);
    expect(past(view, step)).toEqual(after);
    expect(view).toEqual(before);
  });
});

describe("a store that shows the past", () => {
  const turn = (name: string, first: number) => [
    say.turn(name, `prompt of ${name}`),
    say.step(name, first, "prompt"),
    say.finished(name, first, "prompt"),
    say.step(name, first + 1, "generate_poem"),
    say.text(first + 1, "A poem"),
    say.finished(name, first + 1, "generate_poem"),
    say.completed(name),
  ];

  function lookBack() {
    const store = createStore();
    store.reset(makeView());
    store.apply([...turn("t1", 1), ...turn("t2", 3)]);
    const view = store.view.value as View;
    new Choice(store).choose(1);
    return { store, shown: shownOf(store), view };
  }

  test("shows it, and awaits nothing there", () => {
    const { store, shown, view } = lookBack();
    store.setPending({ request: "r1", text: "more" });
    expect(shown.messages.value.map(({ text }) => text)).toEqual(["prompt of t1"]);
    expect(shown.pending.value).toBe(null);
    expect(store.view.value).toBe(view);
    store.past.value = null;
    expect(shown.messages.value).toBe(view.messages);
    expect(shown.pending.value?.text).toBe("more");
  });

  test("goes on unseen", () => {
    const { store, shown } = lookBack();
    const before = shown.view.value;
    store.reset(structuredClone(store.view.value as View));
    expect(store.past.value?.isNew.value).toBe(false);
    store.apply([say.turn("t3", "third"), say.step("t3", 5, "prompt")]);
    expect(shown.view.value).toBe(before);
    store.reset({ ...(store.view.value as View) });
    expect(shown.view.value).toBe(before);
    expect(store.past.value?.isNew.value).toBe(true);
  });

  test.each([
    ["the step is gone", (view: View): View => ({ ...view, steps: view.steps.slice(1) })],
    ["it is the newest", (view: View): View => ({ ...view, steps: view.steps.slice(0, 1) })],
    ["another branch is shown", (view: View): View => ({ ...view, branch: "b2" })],
    [
      "its number is another turn's",
      (view: View): View => ({ ...view, steps: view.steps.map((step) => ({ ...step, turn: "t9" })) }),
    ],
  ])("ends when %s", (_, change) => {
    const { store, view } = lookBack();
    store.reset(change(view));
    expect(store.past.value).toBe(null);
  });
});
