// What the quiz says, in words.
import type { View } from "../protocol.gen";
import { counts, type Verdict } from "./question";
import type { Score } from "./quiz";

export function scoreWords({ right, of }: Score, on: boolean): string {
  return on || of > 0 ? `Score: ${right} of ${of}` : "";
}

/** What came, and why it was that. */
export function verdictWords(verdict: Verdict): string {
  const { after, answer, chosen, isRight, ways } = verdict;
  const begins = after === null;
  const not = isRight ? "" : `, not ${chosen}`;
  const words = [begins ? `The turn begins with ${answer}${not}.` : `After ${after} comes ${answer}${not}.`];
  if (!begins && !ways.includes(chosen)) words.push(`No transition leads from ${after} to ${chosen}.`);
  if (!begins && !counts(verdict)) words.push("There is no other way.");
  else if (!begins) words.push("Of its transitions, the first whose condition is true is taken:");
  return words.join(" ");
}

/** What there is to do while nothing is asked. */
export function waitingWords(view: View | null, on: boolean): string {
  if (!on)
    return "Predict which action runs next, before it does. Each turn is held before each of its actions until you have answered.";
  const step = view?.steps.at(-1);
  if (view?.held?.at === "delta") return "It is held at a delta: let it go on in the chat.";
  if (view?.held) return "The turn is held where it ends: let it go on in the chat.";
  if (view?.status === "running") return step?.status === "running" ? `Running ${step.action} …` : "Running …";
  return "Send a prompt in the chat, and predict where it goes.";
}
