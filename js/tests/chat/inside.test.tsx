import { act, fireEvent } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Step } from "../../src/protocol.gen";
import { compared, many, told, traced } from "../spans/samples";
import { say } from "./script";
import { setup } from "./setup";

const begun = say.turn("t1", "Tell me about rivers");
const compare = (outcome: "running" | "done" | "failed"): Step => ({ ...compared(outcome), action: "decide_mode" });
const ask = { ...traced, action: "prompt" };
const answer = [say.step("t1", 2, "answer_question"), say.text(2, "It ends in the sea.")];
const ended = [say.finished("t1", 2, "answer_question"), say.completed("t1", 102)];

const typing = (container: Element) => container.querySelector(".bcw-typing")?.textContent ?? null;
const parts = (container: Element) =>
  [...container.querySelectorAll(".bcw-typing-parts > li")].map((part) => part.textContent);
/** What stands in the log, in order: messages by what they say, rows by their words. */
const order = (container: Element) =>
  [...container.querySelectorAll(".bcw-message .bcw-text, .bcw-inside button")].map((each) => each.textContent);

describe("while applications run", () => {
  test("the typing row counts them and names what runs", () => {
    const { container, page, status } = setup({ events: [begun, ...told(compare("running"))] });
    expect(typing(container)).toBe("decide_mode: 1 of 3 done");
    expect(parts(container)).toEqual(["answer question='how long is it'"]);
    expect(page.getByRole("list", { name: "Running in decide_mode" })).toBeTruthy();
    expect(container.querySelector(".bcw-inside")).toBeNull();
    // What is said aloud counts nothing.
    expect(status()).toBe("Running decide_mode");
  });

  test("of many that run a few are named", () => {
    const { container } = setup({ events: [begun, ...told({ ...many(40, 12), action: "decide_mode" })] });
    expect(typing(container)).toBe("decide_mode: 12 of 40 done");
    expect(parts(container)).toHaveLength(5);
    expect(parts(container).at(-1)).toBe("and 24 more");
  });

  test("in a step that speaks, the row counts them", () => {
    const { container, tell } = setup({ events: [begun, ...told(compare("running"))] });
    tell(say.text(1, "So far: "));
    expect(typing(container)).toBeNull();
    expect(order(container)).toEqual(["Tell me about rivers", "decide_mode: 1 of 3 applications done", "So far: "]);
  });

  test("once the kernel is gone nothing runs", () => {
    const { container, store } = setup({ events: [begun, ...told(compare("running"))] });
    act(() => {
      store.connection.value = "lost";
    });
    expect(order(container)).toEqual(["Tell me about rivers", "decide_mode ran 3 applications, 2 stopped"]);
  });
});

describe("after it", () => {
  test("a folded row stands before what comes of it, and opens to the tree", () => {
    const { container, page, tell } = setup({ events: [begun, ...told(compare("done"))] });
    expect(order(container)).toEqual(["Tell me about rivers", "decide_mode ran 3 applications"]);
    const row = page.getByRole("button", { name: "decide_mode ran 3 applications" });
    expect(row.getAttribute("aria-expanded")).toBe("false");
    fireEvent.click(row);
    const list = page.getByRole("list", { name: "decide_mode ran 3 applications" });
    expect(list.children).toHaveLength(3);

    // It is the same row, open, when the answer comes to stand after it.
    tell(...answer, ...ended);
    expect(order(container)).toEqual([
      "Tell me about rivers",
      expect.stringContaining("ran 3"),
      ...trees(list),
      "It ends in the sea.",
    ]);
    expect(page.getByRole("list", { name: "decide_mode ran 3 applications" })).toBe(list);
  });

  test("a failure stands after the row of what failed", () => {
    const failed = [begun, ...told(compare("failed")), say.failed("t1", { action: "decide_mode" })];
    const { container, page } = setup({ events: failed });
    const row = page.getByRole("button", { name: "decide_mode ran 3 applications, 1 failed" });
    const [, bubble] = container.querySelectorAll(".bcw-message");
    expect(row.compareDocumentPosition(bubble as Element)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  test("what was traced is one row for the turn, at its end", () => {
    const again: Step = { ...traced, action: "check_safety", step: 1 };
    const { container, page, tell } = setup({ events: [begun, ...told(ask), ...told(again)] });
    expect(order(container)).toEqual(["Tell me about rivers"]);
    tell(...answer, ...ended, say.turn("t2", "And lakes?"));
    expect(order(container)).toEqual([
      "Tell me about rivers",
      "It ends in the sea.",
      "Trace of prompt, check_safety",
      "And lakes?",
    ]);
    fireEvent.click(page.getByRole("button", { name: "Trace of prompt, check_safety" }));
    expect(page.getAllByRole("button", { name: /^done (prompt|check_safety)/ })).toHaveLength(2);
  });

  test("turns in which nothing is said keep their order", () => {
    const silent = (turn: string) => [
      say.turn(turn, null),
      ...told({ ...compare("done"), turn }),
      ...told({ ...ask, turn }),
    ];
    const { container } = setup({
      events: [
        ...silent("t1"),
        say.completed("t1"),
        say.turn("t2", "And lakes?"),
        say.completed("t2"),
        ...silent("t3"),
        say.completed("t3"),
      ],
    });
    const rows = ["decide_mode ran 3 applications", "Trace of prompt"];
    expect(order(container)).toEqual([...rows, "And lakes?", ...rows]);
  });

  test("steps without anything inside show nothing new", () => {
    const { container } = setup({
      events: [begun, say.step("t1", 1, "prompt"), say.finished("t1", 1, "prompt"), ...answer, ...ended],
    });
    expect(container.querySelector(".bcw-inside, .bcw-spans, .bcw-typing-parts")).toBeNull();
  });
});

function trees(list: Element): (string | null)[] {
  return [...list.querySelectorAll("button")].map((button) => button.textContent);
}
