// What is asked where a turn is held, and what of the view would give the answer away.
import type { ConditionResult, View } from "../protocol.gen";
import { counted } from "../store/past";

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
  const turn = view.turns.at(-1);
  if (turn === undefined || placeOf(view) === null) return view;
  const last = lastStepOf(view);
  const steps = last === undefined ? view.steps : [...view.steps.slice(0, -1), { ...last, decision: null }];
  const { held } = view;
  const where = held && { ...held, breakpoint: null, next_action: null, needs: [], conditions: [], error: null };
  return { ...view, steps, held: where, ...counted(view, steps, turn.key) };
}

function lastStepOf({ steps, turns }: View) {
  const last = steps.at(-1);
  return last?.turn === turns.at(-1)?.key ? last : undefined;
}
