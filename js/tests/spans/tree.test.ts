import { describe, expect, it } from "vitest";
import { type Row, rowsOf } from "../../src/spans/tree";
import {
  applicationWords,
  outcomeWords,
  progressWords,
  rowWords,
  runningWords,
  tally,
  traceWords,
} from "../../src/spans/words";
import { compared, many, span, step, traced } from "./samples";

const child = (number: number, more = {}) =>
  span(number, { kind: "application", name: `${number}`.repeat(64), ...more });

/** Titles and statuses, indented. */
function outline(rows: readonly Row[], depth = 0): string[] {
  return rows.flatMap((row) => [`${"  ".repeat(depth)}${row.title}: ${row.status}`, ...outline(row.rows, depth + 1)]);
}

describe("the tree", () => {
  it("titles applications by their actions, those of a single one in one row", () => {
    expect(outline(rowsOf(compared("running")))).toEqual([
      "answer: done",
      "  look up: done",
      "    read the page: done",
      "search → answer: running",
      "  search: done",
      "  answer: running",
      "application: waiting",
    ]);
  });

  it("says which action of an application runs", () => {
    expect(rowsOf(compared("running")).map((row) => row.current)).toEqual([null, "answer", null]);
    expect(rowsOf(compared("done")).map((row) => row.current)).toEqual([null, null, null]);
  });

  it("tells siblings apart by what they were given and the others were not", () => {
    const [first] = rowsOf(compared("done"));
    expect(first?.apart).toEqual([["question", "'where does the river end'"]]);
    expect(first?.given.map(([name]) => name)).toEqual(["prompt", "question"]);
    const [alone] = rowsOf(step(1, "a", { spans: [child(1, { given: { prompt: "'x'" } })] }));
    expect(alone?.apart).toEqual([["prompt", "'x'"]]);
    const lacking = rowsOf(
      step(1, "a", { spans: [child(1, { given: { x: "1", y: "" } }), child(2, { given: { x: "1" } })] }),
    );
    expect(lacking.map((row) => row.apart)).toEqual([[["y", ""]], [["x", "1"]]]);
  });

  it("names many actions in short, and each once", () => {
    const actions = ["plan", "act", "check", "act", "check", "end"];
    const spans = actions.map((name, index) => span(index + 2, { kind: "action", name, parent: 1 }));
    const [row] = rowsOf(step(1, "loop", { spans: [child(1), ...spans] }));
    expect(row?.title).toBe("plan → act → … → end");
    expect(row?.rows).toHaveLength(6);
  });

  it("keeps what was logged in the one action of an application", () => {
    const action = span(2, {
      kind: "action",
      name: "answer",
      parent: 1,
      attributes: { tokens: "3" },
      error: "KeyError: 'x'",
    });
    const [row] = rowsOf(step(1, "a", { spans: [child(1), action] }));
    expect(row).toMatchObject({ title: "answer", attributes: [["tokens", "3"]], error: "KeyError: 'x'" });
  });

  it("calls nothing running in a step that has ended", () => {
    const ended = { ...compared("running"), status: "stopped" as const };
    expect(rowsOf(ended).map((row) => row.status)).toEqual(["done", "stopped", "stopped"]);
  });

  it("calls applications running of which no action is ever told", () => {
    const running = { status: "running", duration: null } as const;
    const rows = rowsOf(step(1, "a", { status: "running", spans: [child(1, running), child(2, running)] }));
    expect(rows.map((row) => row.status)).toEqual(["running", "running"]);
  });

  it("bears a thousand spans inside each other, and gives the same rows for the same step", () => {
    const spans = Array.from({ length: 1000 }, (_, index) => span(index + 1, { parent: index === 0 ? null : index }));
    const deep = step(1, "a", { spans });
    expect(rowsOf(deep)[0]?.size).toBe(999);
    expect(rowsOf(deep)).toBe(rowsOf(deep));
  });
});

describe("in words", () => {
  it("counts applications, not what runs inside them", () => {
    expect(tally(compared("running"))).toEqual({ total: 3, done: 1, failed: 0, stopped: 0 });
    expect(progressWords(tally(compared("running")))).toBe("1 of 3 done");
    expect(applicationWords(compared("running"))).toBe("1 of 3 applications done");
    expect(applicationWords(compared("failed"))).toBe("ran 3 applications, 1 failed");
    expect(applicationWords(step(1, "a", { spans: [child(1)] }))).toBe("ran 1 application");
    expect(applicationWords(traced)).toBeNull();
    const nested = [span(1), child(2, { parent: 1 }), child(3, { parent: 2 })];
    expect(tally(step(1, "a", { spans: nested })).total).toBe(1);
  });

  it("names what runs, and what it was given", () => {
    expect(runningWords(compared("running"))).toEqual(["answer question='how long is it'"]);
    expect(runningWords(many(40, 12))).toHaveLength(28);
  });

  it("names the traced steps, of many how many", () => {
    expect(traceWords([traced])).toBe("Trace of ask");
    expect(traceWords([traced, step(1, "b"), step(2, "b")])).toBe("Trace of ask, b");
    expect(traceWords(["a", "b", "c", "d"].map((name, index) => step(index, name)))).toBe("Trace of 4 steps");
  });

  it("says a row's outcome: the error before the changes, and what was removed", () => {
    const [row] = rowsOf(compared("failed")).slice(1) as [Row];
    expect(outcomeWords(row)).toBe("ConnectionError: the library is closed");
    const changes = [
      { key: "x", change: "changed" as const, before: "1", after: "2" },
      { key: "y", change: "removed" as const, before: "1", after: null },
    ];
    expect(outcomeWords({ ...row, error: null, changes })).toBe("x=2, without y");
    expect(rowsOf(compared("running")).map(rowWords)).toEqual([
      "answer question='where does the river end': done, 1.2 s, answer='In the sea, after 2,850 km.'",
      "search → answer question='how long is it': running, answer runs · 3 deltas",
      "application question='who named it': waiting",
    ]);
  });
});
