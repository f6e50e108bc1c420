import { act, cleanup, render, within } from "@testing-library/preact";
import { afterEach } from "vitest";
import { controlOf } from "../../src/inspector";
import type { View } from "../../src/protocol.gen";
import { QuizView } from "../../src/quiz/QuizView";
import { type Quiz, quizOf } from "../../src/quiz/quiz";
import type { WireEvent } from "../../src/store/fold";
import { liveStore, makeView } from "../chat/script";
import { edge } from "../graph/samples";
import { condition, fakeStepping, tell } from "../inspector/script";

afterEach(cleanup);

export const transitions = [
  edge("prompt", "check_safety"),
  edge("check_safety", "decide_mode", "safe=True"),
  edge("check_safety", "unsafe_response"),
  edge("decide_mode", "decide_mode", "again=True"),
  edge("decide_mode", "generate_poem", "mode=poem"),
  edge("decide_mode", "answer_question"),
];

const view = makeView();
export const graphed = (change: Partial<View> = {}) =>
  makeView({
    graph: { ...view.graph, transitions },
    taken: transitions.map(() => 0),
    ...change,
  });

/** The conditions out of an action, of which the one to `to` is true and taken. */
const waysOut = (from: string, to: string) => {
  const out = transitions.filter(({ from_action }) => from_action === from);
  return out.map((way) =>
    condition(way.to_action, way.condition, way.to_action === to, { taken: way.to_action === to }),
  );
};

/** The turn is held at its beginning. */
export const begins = (turn: string): WireEvent[] => [
  tell.turn(turn, "hi"),
  tell.paused(turn, { reason: "pause", next_action: "prompt" }),
  tell.controls(false),
];

/** A step runs. */
export const runs = (turn: string, step: number, action: string): WireEvent[] => [
  tell.resumed(turn),
  tell.step(turn, step, action),
];

/** It has ended, and the turn is not held yet. */
export const ends = (turn: string, step: number, action: string, to: string): WireEvent[] => [
  tell.finished(turn, step, action),
  tell.taken(turn, step, action, ...waysOut(action, to)),
];

/** It has ended, and the turn is held before the next. */
export const holds = (turn: string, step: number, action: string, to: string): WireEvent[] => [
  ...ends(turn, step, action, to),
  tell.paused(turn, { after: action, next_action: to, conditions: waysOut(action, to) }),
];

export function begun(store = liveStore(graphed())) {
  const actions = fakeStepping(store);
  const control = controlOf(store, actions);
  const quiz: Quiz = quizOf(store, control);
  let answered = 0;
  return {
    store,
    actions,
    control,
    quiz,
    tell(...told: WireEvent[]) {
      act(() => {
        // A kernel answers all that it was asked before it tells more.
        const accepted = actions.did.slice(answered).map((_, index) => tell.accepted(`s${answered + index + 1}`));
        answered = actions.did.length;
        store.apply([...accepted, ...told]);
      });
    },
  };
}

export function shown(quiz = begun()) {
  const graph = (
    <svg role="img" aria-label="Graph">
      {["prompt", "decide_mode", "unsafe_response"].map((name) => (
        // biome-ignore lint/a11y/useSemanticElements: as the graph has them
        <g key={name} role="button" tabIndex={0} aria-label={name} data-action={name}>
          <circle data-break="before" />
        </g>
      ))}
    </svg>
  );
  const rendered = render(<QuizView store={quiz.store} control={quiz.control} graph={graph} />);
  const host = rendered.container as HTMLElement;
  const page = within(host);
  return {
    ...quiz,
    host,
    page,
    unmount: rendered.unmount,
    button: (name: string) => page.getByRole("button", { name }),
  };
}
