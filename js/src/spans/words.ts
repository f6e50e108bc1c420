/** What ran inside a step, in words. */
import type { Step } from "../protocol.gen";
import { applicationsIn, type Pair, type Row, type RowStatus, rowsOf } from "./tree";

/** How far the applications are that a step runs. */
export interface Tally {
  total: number;
  done: number;
  failed: number;
  stopped: number;
}

export function tally(step: Step): Tally {
  const applications = applicationsIn(rowsOf(step));
  const count = (status: RowStatus) => applications.filter((row) => row.status === status).length;
  return { total: applications.length, done: count("done"), failed: count("failed"), stopped: count("stopped") };
}

/** `2 of 3 done, 1 failed`. */
export function progressWords({ total, done, failed, stopped }: Tally): string {
  return `${done} of ${total} done${more(failed, "failed")}${more(stopped, "stopped")}`;
}

/** `ran 3 applications, 1 failed`; while they run `2 of 3 applications done`; null for a step without any. */
export function applicationWords(step: Step): string | null {
  const { total, done, failed, stopped } = tally(step);
  if (total === 0) return null;
  const applications = `${total} application${total === 1 ? "" : "s"}`;
  const begin = step.status === "running" ? `${done} of ${applications} done` : `ran ${applications}`;
  return begin + more(failed, "failed") + more(stopped, "stopped");
}

function more(count: number, what: string): string {
  return count === 0 ? "" : `, ${count} ${what}`;
}

/** So many steps are named. */
const NAMED = 3;

/** `Trace of decide`; of many steps how many they are. */
export function traceWords(steps: readonly Step[]): string {
  const names = [...new Set(steps.map(({ action }) => action))];
  return `Trace of ${names.length > NAMED ? `${steps.length} steps` : names.join(", ")}`;
}

/** What runs just now, one line for each application that has begun. */
export function runningWords(step: Step): string[] {
  return applicationsIn(rowsOf(step))
    .filter(({ status }) => status === "running")
    .map((row) => [row.current ?? row.title, pairWords(row.apart)].filter(Boolean).join(" "));
}

/** `question='b', page=3`. */
export function pairWords(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join(", ");
}

/** What became of a row, in a line: the error, or what it changed. */
export function outcomeWords(row: Row): string {
  if (row.error !== null) return row.error;
  return row.changes.map(({ key, after }) => (after === null ? `without ${key}` : `${key}=${after}`)).join(", ");
}

/** What stands at a row's end: how far it is, then how long it took. */
export function figureWords(row: Row): string {
  if (row.duration !== null) return lasted(row.duration);
  return [row.current === null ? "" : `${row.current} runs`, deltaWords(row)].filter(Boolean).join(" · ");
}

export function deltaWords({ deltas }: Row): string {
  return deltas === 0 ? "" : `${deltas} delta${deltas === 1 ? "" : "s"}`;
}

/** A row as it is written while it is folded. */
export function rowLabel(row: Row): string {
  return [row.status, row.title, pairWords(row.apart), outcomeWords(row), figureWords(row)].filter(Boolean).join(" ");
}

/** A whole row, for whoever does not see its marks. */
export function rowWords(row: Row): string {
  const about = [row.title, pairWords(row.apart)].filter(Boolean).join(" ");
  return [`${about}: ${row.status}`, figureWords(row), outcomeWords(row)].filter(Boolean).join(", ");
}

function lasted(seconds: number): string {
  if (seconds < 0.001) return "< 1 ms";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
