import { expect, test } from "vitest";
import type { TransitionTaken, View } from "../../src/protocol.gen";
import { hidden, questionOf } from "../../src/quiz/question";
import { liveStore } from "../chat/script";
import { tell } from "../inspector/script";
import { begins, begun, ends, graphed, holds, runs } from "./setup";

const TO_SAFETY = [...begins("t1"), ...runs("t1", 1, "prompt"), ...holds("t1", 1, "prompt", "check_safety")];
const TO_DECIDE = [...TO_SAFETY, ...runs("t1", 2, "check_safety"), ...holds("t1", 2, "check_safety", "decide_mode")];

/** The statuses that a reader sees, and which transitions are marked. */
function marks(view: View | null) {
  const statuses = Object.entries(view?.nodes ?? {}).filter(([, { status }]) => status !== "idle");
  return {
    nodes: Object.fromEntries(statuses.map(([name, { status }]) => [name, status])),
    taken: view?.taken,
    last: view?.decisions.at(-1)?.to_action ?? null,
  };
}

test("what is asked: where each transition leads, and what came", () => {
  const { store, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_DECIDE);
  const { after, ways, answer } = quiz.question.value ?? {};
  expect([after, ways, answer]).toEqual(["check_safety", ["decide_mode", "unsafe_response"], "decide_mode"]);
  // A self-loop leads back to where it is; two transitions to one action are one way.
  tells(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "decide_mode"));
  expect(quiz.question.value?.ways).toEqual(["decide_mode", "generate_poem", "answer_question"]);
  const twice = { ...store.known.value?.graph, transitions: [] } as unknown as View["graph"];
  const two = { from_action: "decide_mode", to_action: "answer_question" };
  twice.transitions = [
    { ...two, condition: "a=1" },
    { ...two, condition: "default" },
  ];
  expect(questionOf({ ...(store.known.value as View), graph: twice })?.ways).toEqual(["answer_question"]);
});

test("nothing is asked inside an action, nor where the turn ends", () => {
  const { quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_DECIDE, ...runs("t1", 3, "decide_mode"));
  expect(quiz.question.value).toBeNull();
  tells(tell.paused("t1", { at: "delta", next_action: "decide_mode" }));
  expect(quiz.question.value).toBeNull();
  tells(tell.resumed("t1"), ...ends("t1", 3, "decide_mode", "answer_question"));
  tells(tell.paused("t1", { after: "decide_mode", next_action: "prompt", needs: ["prompt"] }));
  expect(quiz.question.value).toBeNull();
  tells(tell.paused("t1", { after: "decide_mode", next_action: null, error: "KeyError" }));
  expect(quiz.question.value).toBeNull();
});

test("from the end of a step to the answer no view shows what comes", () => {
  const { store, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_SAFETY, ...runs("t1", 2, "check_safety"));
  const running = marks(store.view.value);
  expect(running).toEqual({
    nodes: { prompt: "done", check_safety: "running" },
    taken: [1, 0, 0, 0, 0, 0],
    last: "check_safety",
  });
  const done = { ...running, nodes: { prompt: "done", check_safety: "done" } };
  // Before it is held, and while it is.
  tells(...ends("t1", 2, "check_safety", "decide_mode"));
  expect(marks(store.view.value)).toEqual(done);
  expect(marks(store.known.value).nodes).toEqual({ ...done.nodes, decide_mode: "next" });
  tells(
    tell.paused("t1", {
      reason: "breakpoint",
      breakpoint: "before decide_mode",
      after: "check_safety",
      next_action: "decide_mode",
    }),
  );
  expect(marks(store.view.value)).toEqual(done);
  expect(JSON.stringify([store.view.value?.held, store.view.value?.steps])).not.toContain("decide_mode");

  quiz.choose("unsafe_response");
  expect(store.view.value).toBe(store.known.value);
  expect(marks(store.view.value).last).toBe("decide_mode");
});

test("a self-loop is not given away by the mark that its action loses", () => {
  const { store, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_DECIDE, ...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "decide_mode"));
  expect(store.known.value?.nodes.decide_mode?.status).toBe("next");
  expect(store.view.value?.nodes.decide_mode).toEqual({ status: "done", visits: 1 });
  tells(...runs("t1", 4, "decide_mode"), ...holds("t1", 4, "decide_mode", "generate_poem"));
  expect(store.view.value?.nodes.decide_mode).toEqual({ status: "done", visits: 2 });
  // The decision before is the last that is known again.
  expect(store.view.value?.decisions.at(-1)?.to_action).toBe("decide_mode");
  expect(store.view.value?.taken).toEqual([1, 1, 0, 1, 0, 0]);
});

test("what is hidden is what the decision changed: after each step the view is as it was before it", () => {
  const { store, quiz, tell: tells } = begun();
  quiz.start();
  const way = ["prompt", "check_safety", "decide_mode", "decide_mode", "decide_mode", "answer_question"];
  let clock = 100;
  for (const turn of ["t1", "t2", "t3"]) {
    // The second is taken back by the third: its visits stay counted, its steps do not stay.
    tells(tell.turn(turn, "hi", turn === "t3" ? { replaces: "t2" } : {}));
    way.slice(0, -1).forEach((action, at) => {
      tells(tell.step(turn, at, action), tell.finished(turn, at, action));
      const { nodes, taken, decisions, steps } = store.known.value as View;
      clock += 1;
      const decided = ends(turn, at, action, way[at + 1] as string).at(-1) as TransitionTaken;
      tells({ ...decided, monotonic: clock });
      const shown = store.view.value as View;
      expect([shown.nodes, shown.taken, shown.steps]).toEqual([nodes, taken, steps]);
      // Of a turn that was taken back, the decisions are not known any more.
      if (turn !== "t3") expect(shown.decisions).toEqual(decisions);
    });
    tells(tell.completed(turn));
  }
});

test("nothing else of a view is hidden, and of one that is idle or in a step nothing at all", () => {
  const idle = graphed();
  expect(hidden(idle)).toBe(idle);
  const { store, tell: tells } = begun();
  tells(...TO_DECIDE);
  const view = store.known.value as View;
  const { nodes, taken, decisions, steps, held, ...rest } = hidden(view);
  expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((key) => [key, view[key as keyof View]])));
  tells(...runs("t1", 3, "decide_mode"));
  expect(hidden(store.known.value as View)).toBe(store.known.value);
});

test("right answers are counted where there was a choice, and each lets one action run", () => {
  const { actions, quiz, tell: tells } = begun();
  quiz.start();
  expect(actions.did).toEqual([["pause", false]]);
  tells(...begins("t1"));
  const answer = (chosen: string) => {
    quiz.choose(chosen);
    const { right, of } = quiz.score.value;
    return [quiz.verdict.value?.isRight, right, of];
  };
  // Where it begins is known, and of one way there is nothing to predict.
  expect(answer("prompt")).toEqual([true, 0, 0]);
  tells(...runs("t1", 1, "prompt"), ...holds("t1", 1, "prompt", "check_safety"), tell.controls(false));
  expect(answer("decide_mode")).toEqual([false, 0, 0]);
  tells(...runs("t1", 2, "check_safety"), ...holds("t1", 2, "check_safety", "decide_mode"), tell.controls(false));
  expect(answer("decide_mode")).toEqual([true, 1, 1]);
  tells(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "decide_mode"), tell.controls(false));
  expect(answer("prompt")).toEqual([false, 1, 2]);
  tells(...runs("t1", 4, "decide_mode"), ...holds("t1", 4, "decide_mode", "decide_mode"), tell.controls(false));
  expect(answer("decide_mode")).toEqual([true, 2, 3]);
  expect(actions.did.filter((each) => each === "step-action")).toHaveLength(5);
  expect(actions.did).not.toContain("resume");
});

test("a question is answered once, and one that the turn has passed not at all", () => {
  const { actions, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_DECIDE);
  quiz.choose("decide_mode");
  quiz.choose("unsafe_response");
  expect([quiz.score.value, actions.did.filter((each) => each === "step-action")]).toEqual([
    { right: 1, of: 1 },
    ["step-action"],
  ]);
  tells(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "answer_question"));
  // Somebody pressed Step in the chat.
  tells(...runs("t1", 4, "answer_question"));
  quiz.choose("answer_question");
  expect(quiz.score.value).toEqual({ right: 1, of: 1 });
});

test("while it is on, every turn is held: the running one at once, the next at its beginning", () => {
  const { actions, quiz, tell: tells } = begun();
  tells(tell.turn("t1", "hi"), tell.step("t1", 1, "prompt"));
  quiz.start();
  expect(actions.did).toEqual([["pause", false]]);
  tells(tell.controls(true));
  tells(...holds("t1", 1, "prompt", "check_safety"), tell.controls(false));
  expect(quiz.asks.value).toBe(true);
  // Continue was pressed in the chat, and the turn runs to its end.
  tells(...runs("t1", 2, "check_safety"), ...ends("t1", 2, "check_safety", "unsafe_response"), tell.completed("t1"));
  expect(actions.did).toEqual([
    ["pause", false],
    ["pause", false],
  ]);
});

test("its end lets the turn go on, and holds no other", () => {
  const { store, actions, quiz, tell: tells } = begun();
  quiz.start();
  tells(tell.controls(true));
  quiz.end();
  expect(actions.did).toEqual([
    ["pause", false],
    ["pause", true],
  ]);
  tells(tell.controls(false));
  quiz.start();
  tells(...TO_SAFETY, tell.controls(false));
  quiz.end();
  expect(actions.did.slice(2)).toEqual([["pause", false], "resume"]);
  expect(store.view.value).toBe(store.known.value);
  tells(...runs("t1", 2, "check_safety"), ...ends("t1", 2, "check_safety", "unsafe_response"), tell.completed("t1"));
  expect(actions.did).toHaveLength(4);
});

test("ended in the middle of a step, the turn goes on where the answer would have held it", () => {
  const { actions, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_SAFETY, tell.controls(false));
  quiz.choose("check_safety");
  tells(...runs("t1", 2, "check_safety"));
  actions.did.splice(0);
  quiz.end();
  expect(actions.did).toEqual([["pause", true]]);
  tells(...holds("t1", 2, "check_safety", "decide_mode"), tell.controls(false));
  expect(actions.did).toEqual([["pause", true], "resume"]);
  // Where the reader holds it after that, it stays.
  tells(...runs("t1", 3, "decide_mode"), ...holds("t1", 3, "decide_mode", "answer_question"));
  expect(actions.did).toHaveLength(2);
});

test("ended before the kernel has heard of the answer, the turn goes on all the same", () => {
  const { actions, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_SAFETY, tell.controls(false));
  quiz.choose("check_safety");
  quiz.end();
  expect(actions.did.at(-1)).toBe("step-action");
  tells(...runs("t1", 2, "check_safety"), ...holds("t1", 2, "check_safety", "decide_mode"));
  expect(actions.did.slice(-2)).toEqual(["step-action", "resume"]);
});

test("a breakpoint that holds it after the end holds it", () => {
  const { actions, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_SAFETY, tell.controls(false));
  quiz.choose("check_safety");
  tells(...runs("t1", 2, "check_safety"));
  quiz.end();
  const asked = actions.did.length;
  tells(...ends("t1", 2, "check_safety", "decide_mode"));
  const held = { after: "check_safety", next_action: "decide_mode" };
  tells(tell.paused("t1", { ...held, reason: "breakpoint", breakpoint: "before decide_mode" }));
  expect(actions.did).toHaveLength(asked);
  // Nor does a hold that comes later, whatever its reason.
  tells(tell.resumed("t1"), tell.paused("t1", { ...held, reason: "pause" }));
  expect(actions.did).toHaveLength(asked);
});

test("it ends with the kernel, and with its last view", () => {
  const { store, quiz, tell: tells } = begun();
  quiz.start();
  tells(...TO_DECIDE);
  store.connection.value = "lost";
  expect([quiz.on.value, store.view.value === store.known.value]).toEqual([false, true]);
  store.connection.value = "live";
  quiz.start();
  const [first, second] = [quiz.mounted(), quiz.mounted()];
  first();
  expect(quiz.on.value).toBe(true);
  second();
  expect(quiz.on.value).toBe(false);
});

test("a recording has no quiz", () => {
  const view = graphed();
  const { actions, quiz } = begun(liveStore({ ...view, session: { ...view.session, recording: "lesson.jsonl" } }));
  quiz.start();
  expect([quiz.on.value, quiz.closed, actions.did]).toEqual([
    false,
    "This is a recording: nothing runs that could be predicted.",
    [],
  ]);
});
