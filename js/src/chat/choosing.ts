// Messages can be chosen while a view is on the page that tells more of what is chosen.
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Message } from "../protocol.gen";
import type { Store } from "../store/store";

export interface Choosing {
  /** What is done to the message, as its button says it. */
  name: string;
  /** The key of the message that is chosen. */
  readonly message: ReadonlySignal<string | null>;
  /** Choose it; what is chosen already is let go. Says whether the chat then shows another time. */
  choose(message: Message): boolean;
}

/** The last of them counts; without any, messages cannot be chosen. */
export type Choosers = Signal<readonly Choosing[]>;

const all = new WeakMap<Store["past"], Choosers>();

/** Of all the views of a chat: by what all copies of its store share. */
export function choosersOf({ past }: Store): Choosers {
  let choosers = all.get(past);
  if (choosers === undefined) {
    choosers = signal([]);
    all.set(past, choosers);
  }
  return choosers;
}
