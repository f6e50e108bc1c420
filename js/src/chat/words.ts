// What the chat says about itself, in words.

import { heldWords } from "../inspector/words";
import type { Step, Turn, View } from "../protocol.gen";
import type { Connection, Store } from "../store/store";

export function runningTurn(view: View | null): Turn | undefined {
  return view?.turns.findLast((turn) => turn.status === "running");
}

/** So many of the steps that are done are named: a loop may take thousands. */
const NAMED = 6;

/** What runs in a turn: the actions that are done and the one that runs or begins. */
export interface Activity {
  /** The last of those that are done, in order. */
  done: string[];
  /** How many were done before these. */
  earlier: number;
  /** Null between two steps. */
  running: string | null;
  /** The step that runs; null before the first one and between two. */
  step: Step | null;
  /** A message is growing, or has just ended and nothing has begun since: the reader sees for themselves. */
  speaking: boolean;
}

export function activity(view: View, turn: Turn): Activity {
  const begin = view.steps.findLastIndex((step) => step.turn !== turn.key) + 1;
  const step = view.steps.length > begin ? view.steps.at(-1) : undefined;
  const end = step?.status === "running" ? view.steps.length - 1 : view.steps.length;
  const messages = view.messages.filter((message) => message.turn === turn.key);
  const next = Object.keys(view.nodes).find((name) => view.nodes[name]?.status === "next") ?? null;
  const running =
    step === undefined ? (view.held === null ? next : null) : step.status === "running" ? step.action : null;
  const spoke = running === null && step !== undefined && messages.at(-1)?.step === step.step;
  return {
    done: view.steps.slice(Math.max(begin, end - NAMED), end).map(({ action }) => action),
    earlier: Math.max(0, end - begin - NAMED),
    running,
    step: step?.status === "running" ? step : null,
    speaking: spoke || messages.some((message) => message.status === "streaming"),
  };
}

/** The status line: said to screen readers as it changes, so it names states and counts nothing. */
export function statusWords(store: Store): string {
  const view = store.view.value;
  const connection = store.connection.value;
  if (connection === "lost") return "Disconnected";
  if (view?.composer.away) return "Waiting for the server";
  if (connection === "waiting") return `Waiting for the ${store.peer.name}`;
  if (view === null) return "";
  if (store.stopping.value !== null) return "Stopped";
  if (view.held !== null) return heldWords(view.held);
  const turn = runningTurn(view);
  if (turn !== undefined) {
    const { done, running, speaking } = activity(view, turn);
    const action = running ?? done.at(-1);
    if (speaking) return "Generating";
    return action === undefined ? "Running" : `Running ${action}`;
  }
  if (store.pending.value !== null) return `Waiting for the ${store.peer.name}`;
  return endedWords(view);
}

/** How the last turn ended; nothing before the first. */
export function endedWords(view: View): string {
  const last = view.turns.at(-1);
  if (last === undefined) return "";
  if (last.status !== "failed") return last.status === "stopped" ? "Stopped" : "Complete";
  const error = view.messages.findLast((message) => message.turn === last.key && message.error !== null)?.error;
  return error ? `Failed: ${error.message}` : "Failed";
}

/** How the chat hears of its application: `away` where what the page is connected to does not reach it, be it with an answer or not. */
export function connectionOf({ connection, view }: Store): Connection | "away" {
  const isHeard = connection.value === "live" || connection.value === "waiting";
  return isHeard && view.value?.composer.away ? "away" : connection.value;
}

export function connectionWords(store: Store): string {
  switch (connectionOf(store)) {
    case "connecting":
      return "Connecting …";
    case "waiting":
      return store.peer.late;
    case "away":
      return "Server not reached";
    case "live":
      return store.peer.live;
    case "lost":
      return "Disconnected";
  }
}

/** The times of a turn that has ended, null when it took no step: what its steps took, not what it was held. */
export function figures(view: View, turn: Turn): string | null {
  const steps = view.steps.filter((step) => step.turn === turn.key);
  if (turn.ended === null || steps.length === 0) return null;
  const parts: string[] = [];
  let total = 0;
  for (const { duration, first_delta } of steps) {
    if (first_delta !== null && parts.length === 0) parts.push(`first delta ${seconds(total + first_delta)}`);
    total += duration ?? 0;
  }
  parts.push(`total ${seconds(total)}`);
  const rate = deltaRate(steps);
  if (rate !== null) parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} deltas/s`);
  if (steps.some((step) => step.thinned)) parts.push("not every delta has a time of its own");
  return parts.join(" · ");
}

/** Deltas a second, from the first to the end of each step that streamed. */
function deltaRate(steps: View["steps"]): number | null {
  let deltas = 0;
  let time = 0;
  for (const step of steps) {
    if (step.first_delta === null || step.duration === null) continue;
    deltas += step.deltas - 1;
    time += step.duration - step.first_delta;
  }
  return deltas > 0 && time > 0 ? deltas / time : null;
}

function seconds(value: number): string {
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** An action's name as a title: `generate_poem` is "generate poem"; underscores at its ends are part of the name, as in `struct_`. */
export function inWords(action: string): string {
  return action.replace(/(?<=[^_])_+(?=[^_])/g, " ");
}
