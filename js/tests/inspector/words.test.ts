import { expect, test } from "vitest";
import { figures } from "../../src/chat/words";
import { seconds } from "../../src/inspector/words";
import type { Turn, View } from "../../src/protocol.gen";
import { liveStore } from "../chat/script";
import { tell } from "./script";

const BORDERS: [number, string][] = [
  [0.0004, "0.4 ms"],
  [0.9994, "999 ms"],
  [0.9995, "1.0 s"],
  [59.94, "59.9 s"],
  [59.95, "1 min 0 s"],
  [59.99, "1 min 0 s"],
  [60, "1 min 0 s"],
  [119.4, "1 min 59 s"],
  [119.5, "2 min 0 s"],
  [119.99, "2 min 0 s"],
];

test.each(BORDERS)("%d seconds are %s", (value, words) => expect(seconds(value)).toBe(words));

test.each(BORDERS.slice(1))("in the chat too %d seconds are %s", (duration, words) => {
  const store = liveStore();
  store.apply([
    ...[tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"), tell.finished("t1", 1, "prompt", { duration })],
    tell.completed("t1"),
  ]);
  const view = store.view.value as View;
  expect(figures(view, view.turns[0] as Turn)).toBe(`total ${words}`);
});
