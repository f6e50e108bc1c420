import { expect, test } from "vitest";
import { Choice } from "../../src/inspector/choice";
import { choiceOf } from "../../src/timeline/choice";
import { liveStore } from "../chat/script";
import { tell } from "../inspector/script";

function setup() {
  const store = liveStore();
  store.apply([
    tell.turn("t1", "one"),
    tell.step("t1", 1, "generate_poem"),
    tell.deltas(1, "A", " river"),
    tell.finished("t1", 1, "generate_poem"),
    tell.completed("t1"),
    tell.turn("t2", "two"),
    tell.step("t2", 2, "prompt"),
    tell.finished("t2", 2, "prompt"),
    tell.step("t2", 3, "generate_poem"),
    tell.deltas(3, "Night"),
  ]);
  return { store, choice: choiceOf(store), inspector: new Choice(store) };
}

test("a delta of a running step is chosen, and with it the step", () => {
  const { store, choice, inspector } = setup();
  choice.choose({ step: 3, delta: 0 });
  expect([choice.spot.value, choice.step.value, inspector.chosen.value]).toEqual([{ step: 3, delta: 0 }, 3, 3]);
  expect(store.past.value).toBeNull();
});

test("one of an earlier step shows the past, which further deltas of it do not make anew", () => {
  const { store, choice, inspector } = setup();
  choice.choose({ step: 1, delta: 0 });
  const past = store.past.value;
  expect(past?.step.step).toBe(1);
  choice.choose({ step: 1, delta: 1 });
  expect(store.past.value).toBe(past);
  expect([choice.spot.value?.delta, inspector.chosen.value]).toEqual([1, 1]);
});

test("a step that is chosen elsewhere is chosen here, without a delta", () => {
  const { choice, inspector } = setup();
  choice.choose({ step: 3, delta: 0 });
  inspector.choose(2);
  expect([choice.step.value, choice.spot.value]).toEqual([2, null]);
  inspector.choose(null);
  expect([choice.step.value, choice.spot.value]).toEqual([null, null]);
});

test("back to now nothing is chosen", () => {
  const { store, choice, inspector } = setup();
  choice.choose({ step: 1, delta: 1 });
  store.past.value = null;
  expect([choice.step.value, choice.spot.value, inspector.isFollowing]).toEqual([null, null, true]);
  choice.choose({ step: 3, delta: 0 });
  choice.chooseStep(null);
  expect([choice.step.value, choice.spot.value]).toEqual([null, null]);
});

test("all views of a store have one choice", () => {
  const { store, choice } = setup();
  expect(choiceOf(store)).toBe(choice);
  expect(setup().choice).not.toBe(choice);
});
