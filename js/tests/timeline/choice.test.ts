import { describe, expect, test } from "vitest";
import { Choice } from "../../src/inspector/choice";
import type { Message } from "../../src/protocol.gen";
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

describe("a message", () => {
  const find = ({ store }: ReturnType<typeof setup>, key: string) =>
    store.view.value?.messages.find((each) => each.key === key) as Message;

  test("is chosen with its step and its first delta, and let go when it is chosen again", () => {
    const page = setup();
    const { store, choice, inspector } = page;
    const answer = find(page, "t1:1:text");
    choice.choose({ step: 1, delta: 1 });
    expect(choice.message.value).toBe("t1:1:text");
    choice.chooseMessage(answer);
    expect([choice.message.value, choice.step.value, store.past.value]).toEqual([null, null, null]);
    choice.chooseMessage(answer);
    expect([choice.spot.value, inspector.chosen.value]).toEqual([{ step: 1, delta: 0 }, 1]);
    expect(store.past.value?.step.step).toBe(1);
    choice.chooseMessage(find(page, "t2:3:text"));
    expect([choice.message.value, choice.spot.value, store.past.value]).toEqual([
      "t2:3:text",
      { step: 3, delta: 0 },
      null,
    ]);
  });

  test("besides the answer is chosen with its step, and stays the chosen one until something else is", () => {
    const page = setup();
    const { store, choice } = page;
    store.apply([tell.message("t2", 3, "{}", "data")]);
    const other = store.view.value?.messages.at(-1) as Message;
    expect(other.key).not.toBe("t2:3:text");
    choice.chooseMessage(other);
    expect([choice.message.value, choice.step.value, choice.spot.value]).toEqual([other.key, 3, null]);
    choice.choose({ step: 3, delta: 0 });
    expect(choice.message.value).toBe("t2:3:text");
    choice.chooseStep(2);
    expect([choice.message.value, choice.step.value]).toEqual([null, 2]);
  });
});
