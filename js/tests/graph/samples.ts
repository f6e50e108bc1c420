/** Graphs for the tests: the demo chatbot, and seeded ones of any size. */
import type { ActionInfo, Graph, Node, TransitionInfo, TransitionTaken } from "../../src/protocol.gen";

export function action(name: string, more: Partial<ActionInfo> = {}): ActionInfo {
  return {
    name,
    reads: [],
    writes: [],
    inputs: [],
    optional_inputs: [],
    tags: [],
    streaming: false,
    terminal: false,
    docstring: null,
    source: null,
    ...more,
  };
}

export function edge(from: string, to: string, condition = "default"): TransitionInfo {
  return { from_action: from, to_action: to, condition };
}

export function graphOf(names: string[], transitions: TransitionInfo[], entrypoint = names[0] ?? ""): Graph {
  const leaving = new Set(transitions.map((transition) => transition.from_action));
  return { entrypoint, actions: names.map((name) => action(name, { terminal: !leaving.has(name) })), transitions };
}

const ANSWER = `@streaming_action(reads=["prompt", "chat_history", "mode"], writes=["response"])
async def chat_response(state: State, prepend_prompt: str, model: str = "gpt-4o-mini"):
    """Streams the answer."""
    chat_history = state["chat_history"].copy()
    chat_history[-1] = {**chat_history[-1], "content": f"{prepend_prompt}: {chat_history[-1]['content']}"}
    async for item in _stream(chat_history, model=model):
        yield {"delta": item}, None
    yield {"response": item}, state.update(response=item)`;

const answer = {
  reads: ["prompt", "chat_history", "mode"],
  writes: ["response"],
  optional_inputs: ["model"],
  streaming: true,
  docstring: "Streams the answer of the model, one piece of text at a time.",
  source: ANSWER,
};
const canned = { reads: ["prompt", "chat_history"], writes: ["response"], streaming: true, docstring: "Canned words." };

export const demo: Graph = {
  entrypoint: "prompt",
  actions: [
    action("prompt", {
      inputs: ["prompt"],
      writes: ["chat_history", "prompt"],
      docstring: "Takes what the person asks.",
      source: "@action(reads=[], writes=['chat_history', 'prompt'])\ndef process_prompt(state, prompt): ...",
    }),
    action("check_safety", { reads: ["prompt"], writes: ["safe"] }),
    action("decide_mode", {
      reads: ["prompt"],
      writes: ["mode"],
      tags: ["llm"],
      docstring: "Asks a model for the mode.",
    }),
    action("generate_code", answer),
    action("answer_question", answer),
    action("generate_poem", answer),
    action("prompt_for_more", canned),
    action("unsafe_response", canned),
  ],
  transitions: [
    edge("prompt", "check_safety"),
    edge("check_safety", "decide_mode", "safe=True"),
    edge("check_safety", "unsafe_response"),
    edge("decide_mode", "generate_code", "mode=generate_code"),
    edge("decide_mode", "answer_question", "mode=answer_question"),
    edge("decide_mode", "generate_poem", "mode=generate_poem"),
    edge("decide_mode", "prompt_for_more"),
    ...["unsafe_response", "generate_code", "answer_question", "generate_poem", "prompt_for_more"].map((from) =>
      edge(from, "prompt"),
    ),
  ],
};

/** Everything that is hard to draw, in one graph. */
export const odd: Graph = graphOf(
  ["start", "an_action_whose_name_is_far_too_long_to_be_shown_in_full", "retry", "parallel", "end", "alone"],
  [
    edge(
      "start",
      "an_action_whose_name_is_far_too_long_to_be_shown_in_full",
      "attempts < 3 and (mode == 'fast' or budget > 100)",
    ),
    edge("start", "retry", "x=1"),
    edge("start", "retry", "x=2"),
    edge("start", "retry", "x=3"),
    edge("retry", "retry", "attempts<3"),
    edge("retry", "retry", "error=True"),
    edge("retry", "parallel"),
    edge("parallel", "retry", "again=True"),
    edge("parallel", "end"),
    edge("parallel", "parallel"),
    edge("an_action_whose_name_is_far_too_long_to_be_shown_in_full", "end"),
  ],
);

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const WORDS = [
  "load",
  "check",
  "rank",
  "draft",
  "ask",
  "merge",
  "review",
  "score",
  "retry",
  "plan",
  "search",
  "answer",
];

/** A state machine as people write them: mostly forward, some branches with conditions, a few cycles and self-loops. */
export function seeded(size: number, seed = 1): Graph {
  const next = random(seed * 7919 + size);
  const pick = (from: number, to: number): number => from + Math.floor(next() * (to - from));
  const names = Array.from(
    { length: size },
    (_, i) => `${WORDS[pick(0, WORDS.length)]}_${WORDS[i % WORDS.length]}_${i}`,
  );
  const transitions: TransitionInfo[] = [];
  for (let i = 1; i < size; i++) {
    const from = Math.max(0, i - 1 - Math.floor(next() * Math.min(4, i)));
    transitions.push(
      edge(names[from] ?? "", names[i] ?? "", next() < 0.6 ? `mode=${WORDS[pick(0, WORDS.length)]}` : "default"),
    );
  }
  for (let extra = 0; extra < size * 0.35; extra++) {
    const from = pick(0, size);
    const to = Math.max(0, Math.min(size - 1, from + pick(-6, 7)));
    transitions.push(edge(names[from] ?? "", names[to] ?? "", `${WORDS[pick(0, WORDS.length)]}=${next() < 0.5}`));
  }
  const graph = graphOf(names, transitions);
  graph.actions[0] = action(names[0] ?? "", { inputs: ["question"] });
  return graph;
}

export function idle(graph: Graph): { [name: string]: Node } {
  return Object.fromEntries(graph.actions.map(({ name }) => [name, { status: "idle", visits: 0 }]));
}

/** The decision to leave `from` by its `which`th transition. */
export function decision(
  graph: Graph,
  from: string,
  which: number,
  values: { [k: string]: string } = {},
): TransitionTaken {
  const leaving = graph.transitions.filter((transition) => transition.from_action === from);
  return {
    type: "transition-taken",
    time: 0,
    monotonic: 0,
    turn: "t1",
    step: 1,
    from_action: from,
    to_action: leaving[which]?.to_action ?? "",
    conditions: leaving.map(({ to_action, condition }, i) => ({
      to: to_action,
      condition,
      outcome: i >= which,
      taken: i === which,
      values,
      error: null,
    })),
  };
}
