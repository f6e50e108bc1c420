/** The picture in words: for the list, the cards and the accessible names. */
import type { ActionInfo, ConditionResult, Node, Step, TransitionInfo, TransitionTaken } from "../protocol.gen";
import { applicationWords } from "../spans/words";

const STATUS: Record<Node["status"], string> = {
  idle: "not run",
  next: "next",
  running: "running",
  done: "done",
  failed: "failed",
};

export function statusInWords(node: Node | undefined): string {
  const visits = node?.visits ?? 0;
  const status = node?.status === "idle" && visits ? "waiting" : STATUS[node?.status ?? "idle"];
  return visits ? `${status}, ran ${times(visits)}` : status;
}

export function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

export function roleInWords(action: ActionInfo, entrypoint: string): string[] {
  return [
    ...(action.name === entrypoint ? ["entry point"] : []),
    ...(action.terminal ? ["terminal"] : []),
    ...(action.streaming ? ["streaming"] : []),
  ];
}

/** What the step's applications are doing or did; nothing for a step without any. */
export function applicationsInWords(step: Step | undefined): string[] {
  const words = step === undefined ? null : applicationWords(step);
  return words === null ? [] : [words];
}

export function inputsInWords(action: ActionInfo): string {
  return [...action.inputs, ...action.optional_inputs.map((input) => `${input} (optional)`)].join(", ");
}

/** `when mode=poem`; for an unconditional transition `always`, or `otherwise` where conditions come before it. */
export function conditionInWords(edge: TransitionInfo, siblings: readonly TransitionInfo[]): string {
  if (edge.condition !== "default") return `when ${edge.condition}`;
  return siblings.length > 1 ? "otherwise" : "always";
}

export function outcomeInWords(result: ConditionResult): string {
  return result.outcome === null ? "error" : String(result.outcome);
}

/** `last decision: mode=poem true, taken`: each condition in the order in which it was evaluated. */
export function decisionInWords(decision: TransitionTaken | undefined): string {
  if (decision === undefined) return "";
  const results = decision.conditions.map((result) => {
    const values = Object.entries(result.values).map(([key, value]) => ` with ${key} = ${value}`);
    const why = result.error ?? values.join("");
    return `${result.condition} ${outcomeInWords(result)}${result.taken ? ", taken" : ""}${why && ` ${why.trim()}`}`;
  });
  return `last decision: ${results.join("; ")}`;
}

/** Which of the graph's transitions the decision took; -1 when none matches. */
export function takenIndex(transitions: readonly TransitionInfo[], decision: TransitionTaken | null): number {
  if (!decision) return -1;
  const leaving = [...transitions.entries()].filter(([, edge]) => edge.from_action === decision.from_action);
  const at = decision.conditions.findIndex((result) => result.taken);
  const matching = leaving[at]?.[1].to_action === decision.to_action ? leaving[at] : undefined;
  return (matching ?? leaving.find(([, edge]) => edge.to_action === decision.to_action))?.[0] ?? -1;
}

/** How the transition was last evaluated: its place among those out of its action is its place in the decision. */
export function evaluation(
  transitions: readonly TransitionInfo[],
  index: number,
  decision: TransitionTaken | undefined,
): ConditionResult | null {
  const from = transitions[index]?.from_action;
  if (!decision || from !== decision.from_action) return null;
  const place = transitions.slice(0, index).filter((edge) => edge.from_action === from).length;
  return decision.conditions[place] ?? null;
}
