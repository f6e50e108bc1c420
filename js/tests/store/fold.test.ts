import { describe, expect, test } from "vitest";
import fixtures from "../../../tests/interop/fixtures/fold.json";
import type { View } from "../../src/protocol.gen";
import { fold, type WireEvent } from "../../src/store/fold";

interface Case {
  before: View;
  events: WireEvent[];
  after: View;
}

// The same file holds the Python fold: tests/interop/test_fold.py.
const cases = fixtures as unknown as Case[];

describe("fold", () => {
  test("there are cases", () => expect(cases.length).toBeGreaterThan(20));

  test.each(cases.map((c, n) => [n, c] as const))("fixture %i", (_, { before, events, after }) => {
    const frozen = deepFreeze(before);
    expect(events.reduce(fold, frozen)).toEqual(after);
  });

  test("what an event does not touch keeps its identity", () => {
    const { before, events } = cases.find((c) => c.events.some((e) => e.type === "text")) as Case;
    const upTo = events.findIndex((e) => e.type === "text");
    const view = events.slice(0, upTo).reduce(fold, before);
    const next = fold(view, events[upTo] as WireEvent);
    expect(next.nodes).toBe(view.nodes);
    expect(next.graph).toBe(view.graph);
    expect(next.messages.filter((message, n) => message !== view.messages[n])).toHaveLength(1);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
