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
  const steps = (view?.steps ?? []).filter((step) => step !== told && hasInside(step));
  if (steps.length === 0) return placed;
  const put = (index: number, row: InsideRow) => placed.set(index, [...(placed.get(index) ?? []), row]);
  const ends = endsOf(messages);
  const traced = new Map<string, Step[]>();
  for (const known of steps) {
    const step: Step = lost && known.status === "running" ? { ...known, status: "stopped" } : known;
    if (applicationsIn(rowsOf(step)).length === 0) {
      traced.set(step.turn, [...(traced.get(step.turn) ?? []), step]);
    } else {
      const end = ends.get(step.turn) ?? messages.length;
      put(placeOf(step, messages, end), { key: `${step.turn}:${step.step}`, kind: "applications", steps: [step] });
    }
  }
  const running = new Set(lost ? [] : view?.turns.filter(({ status }) => status === "running").map(({ key }) => key));
  for (const [turn, all] of traced) {
    if (running.has(turn)) continue;
    put(ends.get(turn) ?? messages.length, { key: `${turn}:trace`, kind: "trace", steps: all });
  }
  return placed;
}

/** The index after the last message of each turn. */
function endsOf(messages: readonly Message[]): Map<string, number> {
  return new Map(messages.map((message, index) => [message.turn, index + 1]));
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
