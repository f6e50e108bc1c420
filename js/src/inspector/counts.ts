// Which steps count. What a turn did that was stopped or failed was taken back with it: its steps are listed, and no more.
import type { Step, Turn, View } from "../protocol.gen";

/** Whether what the turn did was taken back. */
export function isUndone(turn: Turn | null | undefined): boolean {
  return turn?.status === "stopped" || turn?.status === "failed";
}

/** The newest step that counts: what it left behind is what is. Null where none does. */
export function lastThatCounts({ turns, steps }: View): Step | null {
  const undone = new Set(turns.filter(isUndone).map(({ key }) => key));
  return steps.findLast(({ turn }) => !undone.has(turn)) ?? null;
}

/** Whether the step did its work, and it was taken back. */
export function isTakenBack({ turns }: View, { turn, status }: Step): boolean {
  return status === "done" && isUndone(turns.find(({ key }) => key === turn));
}

/** What is looked at until another step is chosen: where the last turn has failed, or the newest step that counts. */
export function newestOf(view: View): Step | null {
  const last = view.steps.at(-1) ?? null;
  const failed = last?.status === "failed" && last.turn === view.turns.at(-1)?.key;
  return failed ? last : (lastThatCounts(view) ?? last);
}
