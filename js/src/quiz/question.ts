// What is asked where a turn is held, and what of the view would give the answer away.
import type { ConditionResult, Node, TransitionTaken, View } from "../protocol.gen";

export interface Question {
  /** Where it is asked: no other place has the same. */
  place: string;
  /** The action that ran last; null at the beginning of a turn. */
  after: string | null;
  /** The actions to which a transition leads from there. */
  ways: readonly string[];
  /** What comes, and the conditions as evaluated. */
  answer: string;
  conditions: readonly ConditionResult[];
}

export interface Verdict extends Question {
  chosen: string;
  isRight: boolean;
}

/** Null where the turn is not held before an action, or ends there. */
export function questionOf(view: View): Question | null {
  const { held, graph } = view;
  const place = placeOf(view);
  if (held?.at !== "action" || held.next_action === null || held.needs.length > 0 || place === null) return null;
  const { after, next_action: answer, conditions } = held;
  const ways = graph.transitions.filter(({ from_action }) => from_action === after).map(({ to_action }) => to_action);
  // At the beginning of a turn it is known where the application waits: there is one way.
  return { place, after, ways: after === null ? [answer] : [...new Set(ways)], answer, conditions };
}

/** Where only one way leads on, nothing can be predicted. */
export function counts({ ways }: Question): boolean {
  return ways.length > 1;
}

/** How far the running turn has come; null while none runs, or one of its steps does. */
export function placeOf(view: View): string | null {
  const turn = view.turns.at(-1);
  const last = lastStepOf(view);
  if (turn?.status !== "running" || last?.status === "running") return null;
  return `${turn.key} ${last?.step ?? "begins"}`;
}

/** The view of a turn between two steps, without where its last decision has led. */
export function hidden(view: View): View {
  if (placeOf(view) === null) return view;
  const last = lastStepOf(view);
  const { held } = view;
  const before = {
    ...view,
    nodes: Object.fromEntries(Object.entries(view.nodes).map(([name, node]) => [name, asBefore(view, name, node)])),
    held: held && { ...held, breakpoint: null, next_action: null, needs: [], conditions: [], error: null },
  };
  if (last === undefined || last.decision === null) return before;
  const steps = [...view.steps.slice(0, -1), { ...last, decision: null }];
  return { ...before, steps, ...undecided(view, last.decision) };
}

/** The next action's node as the steps of the turn have left it. */
function asBefore({ steps, turns }: View, name: string, node: Node): Node {
  if (node.status !== "next") return node;
  const hasRun = steps.some(({ turn, action }) => turn === turns.at(-1)?.key && action === name);
  return { ...node, status: hasRun ? "done" : "idle" };
}

/** What was counted and known before that decision, the view's last one. */
function undecided(view: View, { from_action, conditions }: TransitionTaken): Pick<View, "taken" | "decisions"> {
  const { transitions } = view.graph;
  const taken = [...view.taken];
  let outgoing = 0;
  transitions.forEach((transition, index) => {
    if (transition.from_action !== from_action) return;
    if (conditions[outgoing]?.taken) taken[index] = (taken[index] ?? 0) - 1;
    outgoing += 1;
  });
  const earlier = view.steps.slice(0, -1).findLast(({ decision }) => decision?.from_action === from_action)?.decision;
  const others = view.decisions.filter((decision) => decision.from_action !== from_action);
  const decisions = [...others, ...(earlier ? [earlier] : [])].sort((a, b) => a.monotonic - b.monotonic);
  return { taken, decisions };
}

function lastStepOf({ steps, turns }: View) {
  const last = steps.at(-1);
  return last?.turn === turns.at(-1)?.key ? last : undefined;
}
