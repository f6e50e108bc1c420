// What is on the page in each picture.
import type { View } from "../../../src/protocol.gen";
import type { WireEvent } from "../../../src/store/fold";
import type { InspectStep } from "../../../src/transport/questions";
import type { ViewName } from "../../../src/views";
import { branch } from "../../branches/samples";
import { makeView } from "../../chat/script";
import { demo } from "../../graph/samples";
import { condition, tell } from "../script";
import { fetchOf, hidden } from "../values";

interface Scene {
  events: WireEvent[];
  view: View;
  inspect: InspectStep;
  show?: ViewName;
}

const view = makeView({
  graph: demo,
  nodes: Object.fromEntries(demo.actions.map(({ name }) => [name, { status: "idle", visits: 0 }])),
  taken: demo.transitions.map(() => 0),
});

const history = [
  { role: "user", content: "What is a state machine?", type: "text" },
  { role: "assistant", content: "Something that remembers where it is. ".repeat(12), type: "text" },
];
const asked = [...history, { role: "user", content: "Write a poem about rivers", type: "text" }];
const before = {
  prompt: "What is a state machine?",
  chat_history: history,
  safe: true,
  mode: "answer_question",
  api_key: hidden,
  limits: { tokens: 800, tries: 3 },
};
const after = {
  prompt: "Write a poem about rivers",
  chat_history: asked,
  safe: true,
  api_key: hidden,
  limits: { tokens: 800, tries: 3 },
};

const inspect: InspectStep = (_step, what, path, start) =>
  what === "state" || what === "given"
    ? fetchOf(before, what === "state" ? after : before)(path, start)
    : fetchOf({ prompt: "Write a poem about rivers" }, { prompt: "Write a poem about rivers" })(path, start);

const big: InspectStep = (_step, _what, path, start) =>
  fetchOf(
    {},
    {
      text: "A long line of text that goes on and on. ".repeat(20_000),
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key_${n}`, n])),
    },
  )(path, start);

const way = [
  condition("decide_mode", "safe=True", true, { taken: true, values: { safe: "True" } }),
  condition("unsafe_response", "default", true),
];
const modes = [
  condition("generate_code", "mode=generate_code", false, { values: { mode: "'generate_poem'" } }),
  condition("answer_question", "mode=answer_question", false, { values: { mode: "'generate_poem'" } }),
  condition("generate_poem", "mode=generate_poem", true, { taken: true, values: { mode: "'generate_poem'" } }),
  condition("prompt_for_more", "default", true),
];

const begun: WireEvent[] = [
  tell.turn("t1", "What is a state machine?"),
  tell.step("t1", 1, "prompt"),
  tell.finished("t1", 1, "prompt", { duration: 0.0004 }),
  tell.taken("t1", 1, "prompt", condition("check_safety", "default", true, { taken: true })),
  tell.step("t1", 2, "check_safety"),
  tell.finished("t1", 2, "check_safety", { duration: 0.0021 }),
  tell.completed("t1"),
  tell.turn("t2", "Write a poem about rivers"),
  tell.step("t2", 3, "prompt"),
  tell.finished("t2", 3, "prompt", { duration: 0.0005 }),
  tell.taken("t2", 3, "prompt", condition("check_safety", "default", true, { taken: true })),
  tell.step("t2", 4, "check_safety"),
  tell.changed("t2", 4, { key: "safe", change: "added", before: null, after: "True" }),
  tell.finished("t2", 4, "check_safety", { duration: 0.0018 }),
  tell.taken("t2", 4, "check_safety", ...way),
];

const streaming: WireEvent[] = [
  ...begun,
  tell.step("t2", 5, "decide_mode"),
  tell.finished("t2", 5, "decide_mode", { duration: 0.83 }),
  tell.taken("t2", 5, "decide_mode", ...modes),
  tell.step("t2", 6, "generate_poem"),
  tell.deltas(6, "A source", " in moss", ", a thread", " of rain,\n", "it learns", " the slope"),
];

const told = ["prompt", "check_safety", "decide_mode", "answer_question"];

export const scenes: Record<string, Scene> = {
  empty: { events: [], view, inspect },
  held: {
    events: [
      ...begun,
      tell.controls(false, ["decide_mode", "before"], ["generate_poem", "after"]),
      tell.paused("t2", {
        reason: "breakpoint",
        breakpoint: "before decide_mode",
        after: "check_safety",
        next_action: "decide_mode",
        conditions: way,
      }),
    ],
    view,
    inspect,
  },
  delta: { events: [...streaming, tell.paused("t2", { at: "delta", next_action: "generate_poem" })], view, inspect },
  running: { events: streaming, view, inspect },
  failed: {
    events: [
      ...streaming,
      tell.finished("t2", 6, "generate_poem", { status: "failed", duration: 1.1, first_delta: 0.01, deltas: 6 }),
      tell.failed("t2"),
    ],
    view,
    inspect,
  },
  stopped: { events: [...streaming, tell.stopped("t2")], view, inspect },
  first: {
    events: [...begun, tell.completed("t2"), tell.turn("t3", "hi"), tell.paused("t3", { next_action: "prompt" })],
    view,
    inspect,
  },
  big: { events: [...begun, tell.completed("t2")], view, inspect: big },
  branches: {
    events: [...begun, tell.completed("t2")],
    view: {
      ...view,
      branch: "b3",
      branches: [
        branch("b1", null, 0, [...told, ...told, ...told], "What is a state machine?"),
        branch("b2", "b1", 4, ["prompt", "check_safety", "unsafe_response"], "Tell me something unsafe"),
        branch(
          "b3",
          "b1",
          4,
          ["prompt", "check_safety"],
          "Write a poem about rivers, and about how they come to the sea",
        ),
        branch("b4", "b3", 6, told, "And now about lakes"),
        branch("b5", "b4", 6, told, "And now about lakes"),
        branch("b6", "b1", 0, told, "שלום, מה שלומך?"),
      ],
    },
    inspect,
  },
  chat: {
    events: [
      ...begun,
      tell.paused("t2", {
        reason: "breakpoint",
        breakpoint: "before decide_mode",
        after: "check_safety",
        next_action: "decide_mode",
        conditions: way,
      }),
    ],
    view,
    inspect,
    show: "chat",
  },
};
