// What is asked of the kernel and answered to this page alone: what a step holds, a level at a time, and how a turn went.
import { effect } from "@preact/signals";
import type { Inspect, Inspected, Logged } from "../protocol.gen";
import type { Asked, Store } from "../store/store";
import type { Channel } from "./channel";
import type { Connection } from "./connection";

export type InspectWhat = Inspect["what"];
/** The rows at `path` from `start` on, of a branch (null for the one that the kernel shows). `step` is null for the state as it is
 * now, which can be compared with another branch. Rejects with the kernel's words, or when it is gone. */
export type InspectStep = (
  step: number | null,
  what: InspectWhat,
  path: readonly number[],
  start: number,
  branch: string | null,
  against?: string,
) => Promise<Inspected>;
/** What was told of the turn, from that event on. Rejects as `InspectStep` does. */
export type LogTurn = (turn: string, start: number) => Promise<Logged>;

export interface Questions {
  inspect: InspectStep;
  log: LogTurn;
}

type Answer = Inspected | Logged;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export function createQuestions(
  channel: Channel,
  connection: Connection,
  store: Store,
  newName: () => string,
): Questions {
  const waiting = new Map<string, Waiting>();
  const { client } = connection;

  channel.onMessage((message) => {
    if ((message.type !== "inspected" && message.type !== "logged") || message.client !== client) return;
    const asked = waiting.get(message.request);
    waiting.delete(message.request);
    if (message.error === null) asked?.resolve(message);
    else asked?.reject(new Error(message.error));
  });

  channel.onRefused?.((request, reason) => {
    waiting.get(request)?.reject(new Error(reason));
    waiting.delete(request);
  });

  effect(() => {
    if (store.connection.value !== "lost") return;
    for (const { reject } of waiting.values()) reject(new Error(store.peer.gone));
    waiting.clear();
  });

  function ask<A extends Answer>(make: (request: string) => Asked): Promise<A> {
    return new Promise((resolve, reject) => {
      const command = make(newName());
      waiting.set(command.request, { resolve: (answer) => resolve(answer as A), reject });
      store.ask(command);
      if (connection.send(command)) return;
      waiting.delete(command.request);
      store.answered(command.request);
      reject(new Error(store.peer.gone));
    });
  }

  return {
    inspect: (step, what, path, start, branch, against) =>
      ask((request) => ({
        type: "inspect",
        client,
        request,
        step,
        what,
        path: [...path],
        start,
        branch,
        against: against ?? null,
      })),
    log: (turn, start) => ask((request) => ({ type: "log", client, request, turn, start })),
  };
}
