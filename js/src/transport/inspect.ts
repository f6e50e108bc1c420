// What a step holds, asked for a level at a time: rows of its state, its inputs or its result, and pieces of long texts.
import { effect } from "@preact/signals";
import type { Inspect, Inspected } from "../protocol.gen";
import type { Store } from "../store/store";
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

interface Waiting {
  resolve(inspected: Inspected): void;
  reject(error: Error): void;
}

export function createInspect(
  channel: Channel,
  connection: Connection,
  store: Store,
  newName: () => string,
): InspectStep {
  const waiting = new Map<string, Waiting>();

  channel.onMessage((message) => {
    if (message.type !== "inspected" || message.client !== connection.client) return;
    const asked = waiting.get(message.request);
    waiting.delete(message.request);
    if (message.error === null) asked?.resolve(message);
    else asked?.reject(new Error(message.error));
  });

  effect(() => {
    if (store.connection.value !== "lost") return;
    for (const { reject } of waiting.values()) reject(new Error("The kernel is gone."));
    waiting.clear();
  });

  return (step, what, path, start, branch, against) =>
    new Promise((resolve, reject) => {
      const request = newName();
      const command: Inspect = {
        type: "inspect",
        client: connection.client,
        request,
        step,
        what,
        path: [...path],
        start,
        branch,
        against: against ?? null,
      };
      waiting.set(request, { resolve, reject });
      store.ask(command);
      if (connection.send(command)) return;
      waiting.delete(request);
      store.answered(request);
      reject(new Error("The kernel is gone."));
    });
}
