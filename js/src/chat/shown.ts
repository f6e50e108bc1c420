import { computed, type ReadonlySignal } from "@preact/signals";
import type { Message } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Peer } from "../transport/peer";

export type Shown = ReadonlySignal<readonly Message[]>;

/**
 * The messages as the reader sees them. From the moment somebody stops a turn, what it still says is not shown; what the
 * kernel held when the turn had ended is. A kernel that is gone says nothing more.
 */
export function shownMessages(store: Store): Shown {
  let frozen: { turn: string; messages: readonly Message[] } | null = null;
  return computed(() => {
    const turn = store.stopping.value;
    const messages = store.messages.value;
    if (store.connection.value === "lost") return messages.map((message) => cutOff(message, store.peer));
    if (turn === null) {
      frozen = null;
      const pending = store.pending.value;
      if (pending === null) return messages;
      const kept = messagesBefore(messages, pending.from);
      return pending.text === null ? kept : [...kept, placeholder(pending.request, "user", pending.text)];
    }
    if (frozen?.turn !== turn) frozen = { turn, messages: freeze(messages, turn) };
    return frozen.messages;
  });
}

function messagesBefore(messages: readonly Message[], turn: string | undefined): readonly Message[] {
  const at = turn === undefined ? -1 : messages.findIndex((message) => message.turn === turn);
  return at < 0 ? messages : messages.slice(0, at);
}

function freeze(messages: readonly Message[], turn: string): readonly Message[] {
  const streams = (message: Message) => message.turn === turn && message.status === "streaming";
  return messages.some(streams)
    ? messages.map((message) => (streams(message) ? { ...message, status: "stopped" } : message))
    : [...messages, { ...placeholder(turn, "assistant", ""), status: "stopped" }];
}

/** Nobody will say any more of it. */
function cutOff(message: Message, { gone }: Peer): Message {
  if (message.status !== "streaming") return message;
  return { ...message, status: "stopped", notices: [...message.notices, `Cut off: ${gone.replace("The", "the")}`] };
}

/** What stands for the prompt of a request until its turn begins has this key. */
export function placeholderKey(request: string): string {
  return `placeholder:${request}`;
}

/** Stands for a message that the kernel has not told of yet. */
function placeholder(name: string, role: string, text: string): Message {
  return {
    key: placeholderKey(name),
    turn: name,
    role,
    text,
    kind: "text",
    name: null,
    call: null,
    result: null,
    status: "done",
    action: null,
    step: null,
    revision: 0,
    error: null,
    notices: [],
  };
}
