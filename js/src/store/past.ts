// The view as it was after an earlier step. src/burr_chat_widget/protocol/trim.py makes the same of a view to go back in earnest;
// tests/interop holds the two together, but for the remark that it leaves, and for the turns' requests: nothing is taken back here.
import type { Message, Node, Step, View } from "../protocol.gen";

/** What the view was after a step that is in it and done; its turn is taken for completed with it. */
export function past(view: View, number: number): View {
  const last = view.steps.findLast(({ step }) => step === number);
  const at = view.turns.findIndex(({ key }) => key === last?.turn);
  const turn = view.turns[at];
  if (last === undefined || turn === undefined) throw new Error(`no step ${number} in the view`);
  const dropped = new Set(view.turns.slice(at + 1).map(({ key }) => key));
  let turns = view.turns.slice(0, at + 1);
  let steps = view.steps.filter((step) => !dropped.has(step.turn));
  let messages = view.messages.filter((message) => !dropped.has(message.turn));
  if (turn.status !== "completed" || steps.some(({ step }) => step > number)) {
    const ended = last.started + (last.duration ?? 0);
    turns = [...turns.slice(0, at), { ...turn, status: "completed", ended }];
    steps = steps.filter(({ step }) => step <= number);
    messages = messages.filter((message) => message.turn !== turn.key || wasThere(message, number));
  }
  messages = messages.filter(({ key }) => key !== `${turn.key}:remark`);
  return { ...view, status: "idle", held: null, turns, steps, messages, ...counted(view, steps, turn.key) };
}

/** What the view was before a turn that is in it began. */
export function before(view: View, key: string): View {
  const at = view.turns.findIndex((turn) => turn.key === key);
  if (at < 0) throw new Error(`no turn ${key} in the view`);
  const dropped = new Set(view.turns.slice(at).map((turn) => turn.key));
  const turns = view.turns.slice(0, at);
  const steps = view.steps.filter(({ turn }) => !dropped.has(turn));
  const messages = view.messages.filter(({ turn }) => !dropped.has(turn));
  const marks = counted(view, steps, turns.at(-1)?.key ?? "");
  return { ...view, status: "idle", held: null, turns, steps, messages, ...marks };
}

/** Whether a message of the turn was there: what is of no step is the prompt, or was said at the turn's end. */
function wasThere(message: Message, step: number): boolean {
  return message.step === null ? message.role === "user" : message.step <= step;
}

/** The marks of the nodes, transitions taken and decisions, as the steps say; `turn` is the last one. */
export function counted(view: View, steps: readonly Step[], turn: string): Pick<View, "nodes" | "taken" | "decisions"> {
  const { transitions } = view.graph;
  const nodes = new Map<string, Node>(Object.keys(view.nodes).map((name) => [name, { status: "idle", visits: 0 }]));
  const taken = transitions.map(() => 0);
  let decisions: View["decisions"] = [];
  for (const { action, turn: of, status, decision } of steps) {
    const node = nodes.get(action);
    if (node === undefined) throw new Error(`no action ${JSON.stringify(action)} in the view`);
    const marks = status === "done" || status === "failed" ? status : "idle";
    // The marks of earlier turns were forgotten when it began.
    nodes.set(action, { status: of === turn ? marks : node.status, visits: node.visits + 1 });
    if (decision === null) continue;
    let outgoing = 0;
    transitions.forEach(({ from_action }, index) => {
      if (from_action !== decision.from_action) return;
      if (decision.conditions[outgoing]?.taken) taken[index] = (taken[index] ?? 0) + 1;
      outgoing += 1;
    });
    decisions = [...decisions.filter(({ from_action }) => from_action !== decision.from_action), decision];
  }
  return { nodes: Object.fromEntries(nodes), taken, decisions };
}
