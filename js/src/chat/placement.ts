// Where the transcript tells what ran inside its steps: a row for each step that ran applications, in the answer's place,
// and one row for all that was traced in a turn, at its end. A chat stays calm: more than that is seen in the graph.
import type { Message, Step, View } from "../protocol.gen";
import { applicationsIn, hasInside, rowsOf } from "../spans/tree";

export interface InsideRow {
  key: string;
  kind: "applications" | "trace";
  steps: Step[];
}

/**
 * The rows before each message, by its index; those after the last one are at `messages.length`.
 *
 * `told` is the step that the typing row tells of; `lost`: nothing runs any more, whatever the view says.
 */
export function placeInside(
  view: View | null,
  messages: readonly Message[],
  told: Step | null,
  lost: boolean,
): ReadonlyMap<number, InsideRow[]> {
  const placed = new Map<number, InsideRow[]>();
  if (view === null) return placed;
  const put = (index: number, row: InsideRow) => placed.set(index, [...(placed.get(index) ?? []), row]);
  const ends = new Map(messages.map((message, index) => [message.turn, index + 1]));
  const steps = stepsByTurn(view, told, lost);
  let end = 0;
  for (const { key: turn, status } of steps.size === 0 ? [] : view.turns) {
    // A turn that has said nothing yet comes after those before it.
    end = ends.get(turn) ?? end;
    const traced: Step[] = [];
    for (const step of steps.get(turn) ?? []) {
      if (applicationsIn(rowsOf(step)).length === 0) traced.push(step);
      else put(placeOf(step, messages, end), { key: `${turn}:${step.step}`, kind: "applications", steps: [step] });
    }
    if (traced.length > 0 && (lost || status !== "running")) {
      put(end, { key: `${turn}:trace`, kind: "trace", steps: traced });
    }
  }
  return placed;
}

/** The steps inside which something happened, but for `told`. */
function stepsByTurn(view: View, told: Step | null, lost: boolean): Map<string, Step[]> {
  const steps = new Map<string, Step[]>();
  for (const step of view.steps) {
    if (step === told || !hasInside(step)) continue;
    const known: Step = lost && step.status === "running" ? { ...step, status: "stopped" } : step;
    steps.set(step.turn, [...(steps.get(step.turn) ?? []), known]);
  }
  return steps;
}

/** Before what the step, or what came after it, has said. */
function placeOf(step: Step, messages: readonly Message[], end: number): number {
  let index = end;
  for (let at = end - 1; at >= 0 && messages[at]?.turn === step.turn; at--) {
    const message = messages[at];
    if (message && message.role !== "user" && (message.step === null || message.step >= step.step)) index = at;
  }
  return index;
}
