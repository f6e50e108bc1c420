// What a kernel would tell, a line at a time, for a small chatbot.
import type { ActionInfo, PartDelta, Step, TurnError, View } from "../../src/protocol.gen";
import { fold, type WireEvent } from "../../src/store/fold";
import { createStore, type Store } from "../../src/store/store";
import { emptyComposer } from "../composer";

const names = ["prompt", "check_safety", "decide_mode", "generate_poem", "answer_question", "unsafe_response"];

const action = (name: string): ActionInfo => ({
  name,
  reads: [],
  writes: [],
  inputs: name === "prompt" ? ["prompt"] : [],
  optional_inputs: [],
  tags: [],
  streaming: !["prompt", "check_safety", "decide_mode"].includes(name),
  terminal: false,
  docstring: null,
  source: null,
});

export function makeView(change: Partial<View> = {}): View {
  return {
    session: {
      title: "Streaming chatbot",
      app_id: "app",
      model: "offline model (no network)",
      suggestions: ["Write a poem about rivers", "What is a state machine?", "Show me a generator in Python"],
      faults: [],
      recording: null,
      withheld: [],
    },
    graph: { entrypoint: "prompt", actions: names.map(action), transitions: [] },
    composer: { ...emptyComposer, input: "prompt" },
    nodes: Object.fromEntries(names.map((name) => [name, { status: name === "prompt" ? "next" : "idle", visits: 0 }])),
    taken: [],
    status: "idle",
    held: null,
    pausing: false,
    pace: 0,
    fault: null,
    breakpoints: [],
    turns: [],
    steps: [],
    messages: [],
    decisions: [],
    branch: "b1",
    branches: [],
    accepted: [],
    refused: [],
    ...change,
  };
}

/** A store that is connected and holds `view`. */
export function liveStore(view: View = makeView()): Store {
  const store = createStore();
  store.reset(view);
  store.connection.value = "live";
  return store;
}

type PartKind = PartDelta["kind"];

const at = (turn: string, monotonic = 100) => ({ time: 1_700_000_000 + monotonic, monotonic, turn });

export const say = {
  turn: (
    turn: string,
    prompt: string | null,
    more: { request?: string; replaces?: string; monotonic?: number; siblings?: string[]; editable?: boolean } = {},
  ): WireEvent => ({
    type: "turn-started",
    ...at(turn, more.monotonic),
    inputs: {},
    prompt,
    next_action: "prompt",
    request: more.request ?? null,
    replaces: more.replaces ?? null,
    siblings: more.siblings ?? [],
    editable: more.editable ?? prompt !== null,
  }),
  step: (turn: string, step: number, action: string, monotonic?: number): WireEvent => ({
    type: "step-started",
    ...at(turn, monotonic),
    step,
    action,
    streaming: action.includes("_"),
    inputs: {},
  }),
  text: (step: number, text: string): WireEvent => ({ type: "text", step, text, marks: "" }),
  replaced: (turn: string, step: number, text: string): WireEvent => ({
    type: "text-replaced",
    ...at(turn),
    step,
    text,
  }),
  item: (turn: string, step: number, item: string): WireEvent => say.part(turn, step, "items", "items", `${item}\n`),
  part: (
    turn: string,
    step: number,
    part: string,
    kind: PartKind,
    text: string,
    more: { keep?: number; tail?: number; times?: number; name?: string; call?: string } = {},
  ): WireEvent => ({
    type: "part-delta",
    ...at(turn),
    step,
    part,
    kind,
    text,
    keep: more.keep ?? null,
    tail: more.tail ?? 0,
    times: more.times ?? 1,
    name: more.name ?? null,
    call: more.call ?? null,
  }),
  message: (
    turn: string,
    step: number,
    text: string,
    kind = "text",
    more: { role?: string; name?: string; call?: string } = {},
  ): WireEvent => ({
    type: "message-added",
    ...at(turn),
    step,
    role: more.role ?? "assistant",
    text,
    kind,
    name: more.name ?? null,
    call: more.call ?? null,
  }),
  notice: (turn: string, text: string, step: number | null = null): WireEvent => ({
    type: "notice",
    ...at(turn),
    level: "info",
    text,
    step,
  }),
  finished: (turn: string, step: number, action: string, more: Partial<Step> = {}): WireEvent => ({
    type: "step-finished",
    ...at(turn),
    step,
    action,
    status: (more.status as "done" | undefined) ?? "done",
    duration: more.duration ?? 0.1,
    first_delta: more.first_delta ?? null,
    deltas: more.deltas ?? 0,
  }),
  completed: (turn: string, monotonic?: number): WireEvent => ({
    type: "turn-completed",
    ...at(turn, monotonic),
    next_action: "prompt",
    needs: ["prompt"],
  }),
  stopped: (turn: string): WireEvent => ({ type: "turn-stopped", ...at(turn), next_action: "prompt" }),
  failed: (turn: string, error: Partial<TurnError> = {}): WireEvent => ({
    type: "turn-failed",
    ...at(turn),
    next_action: "prompt",
    error: {
      kind: "RateLimitError",
      message: "The model's provider says that too much was asked of it.",
      remedy: "Wait a little and retry.",
      action: "generate_poem",
      traceback: 'File "app.py", line 12, in generate_poem\nRateLimitError: 429',
      ...error,
    },
  }),
  composer: (change: Partial<View["composer"]>): WireEvent => ({
    type: "composer-changed",
    ...at(""),
    composer: { ...emptyComposer, input: "prompt", ...change },
  }),
  refused: (request: string, reason: string, fields: Record<string, string> = {}): WireEvent => ({
    type: "refused",
    ...at(""),
    request,
    reason,
    fields,
  }),
};

/** A whole turn that streams `answer` from one action. */
export function exchange(turn: string, step: number, prompt: string, answer: string, request?: string): WireEvent[] {
  return [
    say.turn(turn, prompt, request === undefined ? {} : { request }),
    say.step(turn, step, "generate_poem"),
    say.text(step, answer),
    say.finished(turn, step, "generate_poem", { first_delta: 0.05, duration: 0.55, deltas: 26 }),
    say.completed(turn, 100.6),
  ];
}

export const three = [
  ...exchange("t1", 1, "one", "1"),
  ...exchange("t2", 2, "two", "2"),
  ...exchange("t3", 3, "three", "3"),
];

const said = { t1: "1", t2: "2", t3: "3", t4: "4", t5: "5" };

/** The view of these three, or of the branch on which another version of the second is followed by another turn. */
export function forked(shown: "t2" | "t4", given: Partial<typeof said> = {}): View {
  const answers = { ...said, ...given };
  const ours = {
    t2: [...exchange("t2", 2, "two", answers.t2), ...exchange("t3", 3, "three", answers.t3)],
    t4: [...exchange("t4", 4, "two, edited", answers.t4), ...exchange("t5", 5, "five", answers.t5)],
  }[shown];
  const first = exchange("t1", 1, "one", answers.t1);
  const view = [...first, ...ours].reduce(fold, makeView({ branch: shown === "t2" ? "b1" : "b2" }));
  const siblings = ["t2", "t4"];
  return { ...view, turns: view.turns.map((turn) => (turn.key === shown ? { ...turn, siblings } : turn)) };
}
