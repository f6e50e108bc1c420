import { cleanup, fireEvent, render, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import type { Lane, StepFigures } from "../../src/protocol.gen";
import { Comparison } from "../../src/timeline/Comparison";
import { lanesScene, readLanes, readPlace, wayBelow } from "../../src/timeline/compare";
import { mark } from "../inspector/script";

afterEach(cleanup);

const step = (number: number, start: number, end: number, more: Partial<StepFigures> = {}): StepFigures => ({
  ...{ step: number, action: `action_${number}`, start, end, status: "done", streaming: true },
  ...{ first_delta: null, deltas: 0, characters: 0, thinned: false },
  ...more,
});

const figures: Lane["figures"] = {
  ...{ turn: "t1", status: "completed", began: 100, ended: 2, first_delta: null, first_text: 0.75, deltas: 3 },
  ...{ characters: 10, rate: 4, longest_gap: { seconds: 0.5, at: 0.75, step: 2, delta: 1 }, thinned: false },
  steps: [step(1, 0, 0.5), step(2, 0.5, 1.5), step(3, 1.5, 2)],
};

const streamed: Lane = {
  label: "streamed",
  figures,
  // Deltas of two steps, the first of none.
  marks: ["", mark(2500, 1) + mark(5000, 6), mark(1000, 3)],
  texts: ["", "A river", "end"],
  frames: [
    { seq: 8, first: 0, last: 2, sent: 1.3, received: 1.35, painted: 1.4 },
    { seq: 9, first: 2, last: 3, sent: 1.65, received: null, painted: null },
  ],
};

const none = { first_delta: null, deltas: 0, characters: 0, rate: null, longest_gap: null };
const whole: Lane = {
  label: "not streamed",
  figures: { ...figures, ...none, ended: 2.5, first_text: 2, steps: [step(1, 0, 0.5), step(2, 0.5, 2)] },
  marks: ["", ""],
  texts: ["", "A river"],
  frames: [],
};

const lanes = readLanes([streamed, whole]);

test("each turn has its deltas, and below them what is known of their frames", () => {
  const { rows, end } = lanesScene(lanes);
  expect(rows.map(({ label, tone, times }) => [label, tone, [...times]])).toEqual([
    ["streamed", "yield", [0.75, 1.25, 1.6]],
    ["Sent", "sent", [1.3, 1.65]],
    ["Received", "received", [1.35]],
    ["Painted", "painted", [1.4]],
    ["not streamed", "yield", [2]],
  ]);
  expect(end).toBe(2.5);
  expect(rows.map(({ note }) => note).filter((note) => note.includes("first"))).toEqual([
    "3 deltas, first text after 750 ms",
    "not streamed, first text after 2.0 s",
  ]);
});

test("a mark is a delta of one of the steps, with the text up to it and its frame", () => {
  expect(readPlace(lanes, { row: 0, mark: 1 })).toMatchObject({
    ...{ action: "action_2, streamed", delta: 1, of: 2, at: 1.25, gap: 0.5, text: "A river", from: 1, length: 6 },
    frame: { seq: 8, deltas: 2, sent: 1.3, painted: 1.4 },
  });
  expect(readPlace(lanes, { row: 0, mark: 2 })).toMatchObject({
    ...{ action: "action_3, streamed", delta: 0, of: 1, text: "end", gap: expect.closeTo(0.1, 9) },
    frame: { seq: 9, painted: null },
  });
  expect(wayBelow(lanes, { row: 0, mark: 1 })).toEqual(
    new Map([
      [1, 1.3],
      [2, 1.35],
      [3, 1.4],
    ]),
  );
  expect(wayBelow(lanes, { row: 0, mark: 2 })).toEqual(new Map([[1, 1.65]]));
});

test("what was not streamed is one mark, the answer", () => {
  expect(readPlace(lanes, { row: 4, mark: 0 })).toMatchObject({ of: 0, at: 2, gap: 1.5, text: "A river", frame: null });
  expect(wayBelow(lanes, { row: 4, mark: 0 }).size).toBe(0);
});

test("a mark of a frame, and a row, are no deltas", () => {
  expect(readPlace(lanes, { row: 1, mark: 0 })).toBeNull();
  expect(readPlace(lanes, { row: 0, mark: null })).toBeNull();
  expect(readPlace(lanes, null)).toBeNull();
});

test("the figures are beside each other, and the keys lead from turn to turn", () => {
  const { container } = render(<Comparison lanes={[streamed, whole]} />);
  const page = within(container as HTMLElement);
  expect(page.getAllByRole("row").map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["turn", "first text", "deltas", "a second", "longest gap", "frames", "took"],
    ["streamed", "750 ms", "3", "4.0", "500 ms", "2", "2.0 s"],
    ["not streamed", "2.0 s", "not streamed", "–", "–", "–", "2.5 s"],
  ]);
  const plot = page.getByRole("application", { name: "Turns in time" });
  const delta = () => page.getByRole("region", { name: "Delta" }).textContent;
  fireEvent.keyDown(plot, { key: "End" });
  expect(delta()).toContain("The answer at once, not streamed: at 2.000 s, 1.5 s after its step began.");
  fireEvent.keyDown(plot, { key: "ArrowUp" });
  expect(delta()).toContain("Delta 1 of 1, action_3, streamed: at 1.600 s");
});

test("without turns it says so", () => {
  const { container } = render(<Comparison />);
  expect(container.textContent).toBe("There is no turn to compare.");
});

test("of a turn that still runs it says that it is shown so far", () => {
  const running = { status: "running", ended: null } as const;
  const still = {
    ...streamed,
    label: "still",
    figures: { ...streamed.figures, ...running, steps: streamed.figures.steps.map((each) => ({ ...each, end: null })) },
  };
  const silent = { ...whole, label: "silent", figures: { ...whole.figures, ...running, first_text: null } };
  const { container } = render(<Comparison lanes={[streamed, still, silent]} />);
  const rows = [...container.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  expect(rows.map((row) => [row[2], row.at(-1)])).toEqual([
    ["3", "2.0 s"],
    ["3", "so far"],
    ["0", "so far"],
  ]);
  expect(container.textContent).toContain(
    "So far: still, silent still ran when this was made, and are each shown as far as that.",
  );
  const notes = lanesScene(readLanes([still, silent]))
    .rows.filter(({ tone }) => tone === "yield")
    .map(({ note }) => note);
  expect(notes).toEqual(["3 deltas so far, first text after 750 ms", "0 deltas so far, nothing to read so far"]);
});
