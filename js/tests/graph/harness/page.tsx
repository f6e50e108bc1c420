/** A page that shows the state machine for a screenshot: `?graph=demo&width=320&theme=dark&state=running`. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { StateMachine } from "../../../src/graph";
import { layout } from "../../../src/graph/graphviz";
import type { Node, Step, TransitionTaken } from "../../../src/protocol.gen";
import { compared, fan, many, traced } from "../../spans/samples";
import { decision as decide, demo, idle, odd, seeded } from "../samples";

const query = new URLSearchParams(location.search);
const name = query.get("graph") ?? "demo";
const graph = name === "demo" ? demo : name === "fan" ? fan : name === "odd" ? odd : seeded(Number(name));
const nodes = signal<{ [name: string]: Node }>(idle(graph));
const taken = signal<readonly number[]>(graph.transitions.map(() => 0));
const decisions = signal<readonly TransitionTaken[]>([]);
const steps = signal<readonly Step[]>([]);

if (name === "fan") {
  const inside = query.get("inside") ?? "running";
  nodes.value = {
    ...nodes.value,
    ask: { status: "done", visits: 1 },
    compare: {
      status: inside === "running" || inside === "many" ? "running" : inside === "failed" ? "failed" : "done",
      visits: 1,
    },
  };
  taken.value = [1, 0, 0, 0];
  steps.value = [traced, inside === "many" ? many(40, 12) : compared(inside as "done")];
} else if (query.get("state") === "running" && name === "demo") {
  nodes.value = {
    ...nodes.value,
    prompt: { status: "done", visits: 12 },
    check_safety: { status: "done", visits: 2 },
    decide_mode: { status: "done", visits: 2 },
    answer_question: { status: "failed", visits: 1 },
    generate_poem: { status: "running", visits: 2 },
  };
  taken.value = [2, 2, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0];
  decisions.value = [decide(demo, "decide_mode", 2, { mode: '"generate_poem"' })];
} else if (query.get("state") === "running") {
  let at = graph.entrypoint;
  const counts = [...taken.value];
  for (let step = 0; step < 6; step++) {
    const index = graph.transitions.findIndex((edge, i) => edge.from_action === at && !counts[i]);
    const next = graph.transitions[index];
    if (!next) break;
    counts[index] = 1;
    nodes.value = { ...nodes.value, [at]: { status: "done", visits: 1 } };
    at = next.to_action;
    const place = graph.transitions.filter((edge) => edge.from_action === next.from_action).indexOf(next);
    decisions.value = [...decisions.value, decide(graph, next.from_action, place)];
  }
  taken.value = counts;
  nodes.value = { ...nodes.value, [at]: { status: "running", visits: 1 } };
}

Object.assign(globalThis, { nodes, taken, decisions, steps, graph });
const props = { graph, nodes, taken, decisions, steps };
const element = document.getElementById("root") as HTMLElement;
element.className = "bcw";
render(
  query.get("layout") === "graphviz" ? (
    <StateMachine {...props} loadLayout={async () => layout} />
  ) : (
    <StateMachine {...props} />
  ),
  element,
);
