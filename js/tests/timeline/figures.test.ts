import fc from "fast-check";
import { describe, expect, test } from "vitest";
import fixtures from "../../../tests/interop/fixtures/timeline.json";
import type { Figures, Step, View } from "../../src/protocol.gen";
import { figures, type Marks, marksOf, marksOfLane, textOf } from "../../src/timeline/figures";
import { mark } from "../inspector/script";

interface Case {
  view: View;
  figures: Record<string, Figures>;
}

// The same file holds the Python side: tests/interop/test_timeline.py.
const cases = fixtures as unknown as Case[];

describe("figures", () => {
  test("there are cases", () => expect(cases.length).toBeGreaterThan(10));

  test.each(cases.map((each, n) => [n, each] as const))("fixture %i", (_, { view, figures: expected }) => {
    const before = structuredClone(view);
    const found = Object.fromEntries(view.turns.map(({ key }) => [key, figures(view, key)]));
    expect(found).toEqual(expected);
    expect(view).toEqual(before);
  });

  test("of a turn that is not in the view there are none", () => {
    expect(figures((cases[0] as Case).view, "another")).toBe(null);
  });
});

describe("marks", () => {
  const given = fc.array(fc.tuple(fc.nat(3_000_000), fc.nat(100_000)), { maxLength: 50 });
  const stepOf = (deltas: [number, number][], started: number): Step => ({
    ...((cases[0] as Case).view.steps[0] as Step),
    started,
    marks: deltas.map(([ticks, length]) => mark(ticks, length)).join(""),
  });

  test("are times since the turn began, and the ends of texts", () => {
    fc.assert(
      fc.property(given, (deltas) => {
        let ticks = 0;
        let end = 0;
        const expected = deltas.map(([since, length]) => {
          ticks += since;
          end += length;
          return [0.5 + ticks / 10_000, end];
        });
        const { times, ends } = marksOf(stepOf(deltas, 100.5), 100);
        expect([...times].map((time, index) => [time, ends[index]])).toEqual(expected);
      }),
    );
  });

  test("are read once for each step object", () => {
    const step = stepOf([[1, 2]], 7);
    expect(marksOf(step, 7)).toBe(marksOf(step, 7));
    expect(marksOf({ ...step, marks: step.marks + mark(3, 4) }, 7).ends).toEqual(new Uint32Array([2, 6]));
  });

  test("that come bit by bit, in steps by turns, are the same, and those before stay as they were", () => {
    fc.assert(
      fc.property(given, given, fc.array(fc.boolean()), (one, other, order) => {
        const came = [one, other].map((deltas) => ({ deltas, held: 0 }));
        const kept: [Marks, Marks][] = [];
        for (const first of order) {
          const stream = came[first ? 0 : 1] as (typeof came)[0];
          stream.held = Math.min(stream.held + 7, stream.deltas.length);
          const step = stepOf(stream.deltas.slice(0, stream.held), 100);
          const marks = marksOf(step, 100);
          kept.push([marks, { times: marks.times.slice(), ends: marks.ends.slice() }]);
          expect(marks.ends.length).toBe(stream.held);
          expect(marks.ends.at(-1) ?? 0).toBe(sum(stream.deltas.slice(0, stream.held).map(([, length]) => length)));
        }
        for (const [marks, before] of kept) expect(marks).toEqual(before);
      }),
    );
  });

  test("of a lane are those of its steps", () => {
    const { view, figures: expected } = cases.find(({ view }) => view.steps.some(({ marks }) => marks)) as Case;
    const turn = view.turns.find(({ key }) => view.steps.some((step) => step.turn === key && step.marks)) as {
      key: string;
      started: number;
    };
    const steps = view.steps.filter((step) => step.turn === turn.key);
    const lane = {
      label: "lane",
      figures: expected[turn.key] as Figures,
      marks: steps.map(({ marks }) => marks),
      texts: steps.map(() => ""),
      frames: [],
    };
    expect(marksOfLane(lane)).toEqual(steps.map((step) => marksOf(step, turn.started)));
  });
});

test("a text that was replaced is not what its deltas said", () => {
  const { view } = cases.find(({ view }) =>
    view.messages.some(({ key, revision }) => key.endsWith(":text") && revision === 0),
  ) as Case;
  const message = view.messages.find(
    ({ key, revision }) => key.endsWith(":text") && revision === 0,
  ) as View["messages"][0];
  const step = view.steps.find(({ turn, step }) => turn === message.turn && step === message.step) as Step;
  expect(textOf(view, step)).toBe(message.text);
  expect(textOf({ ...view, messages: [{ ...message, revision: 1 }] }, step)).toBe(null);
  expect(textOf({ ...view, messages: [] }, step)).toBe(null);
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
