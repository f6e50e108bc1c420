import { describe, expect, test } from "vitest";
import fixtures from "../../../tests/interop/fixtures/sse.json";
import type { WireEvent } from "../../src/store/fold";
import { type TurnEvent, TurnEvents } from "../../src/timeline/replayEvents";
import { linesOf, serverSent } from "../../src/timeline/sse";

interface Case {
  events: TurnEvent[];
  log: WireEvent[];
  sse: string[];
}

// The same file holds the Python side: tests/interop/test_sse.py.
const cases = fixtures as unknown as Case[];

describe("server-sent events", () => {
  test.each(cases.map((each, n) => [n, each] as const))("fixture %i", (_, { events, log, sse }) => {
    const told = new TurnEvents(log);
    const numbers = events.map((_, number) => number);
    expect(told.count).toBe(events.length);
    expect(numbers.map((number) => told.at(number))).toEqual(events);
    expect(numbers.map((number) => serverSent(told.at(number), number))).toEqual(sse);
  });

  test("one is three lines, however many its text has", () => {
    const event: TurnEvent = { type: "text-delta", time: 2, monotonic: 1.5, turn: "t1", step: 3, text: "a\r\n\u2028b" };
    expect(linesOf(event, 7)).toEqual([
      "id: 7",
      "event: text-delta",
      'data: {"type":"text-delta","time":2.0,"monotonic":1.5,"turn":"t1","step":3,"text":"a\\r\\n\u2028b"}',
    ]);
    expect(serverSent(event, 7).split("\n")).toHaveLength(5);
  });
});
