// What a person is about to say: the draft, the prompts that wait for their turn, what was sent and not yet answered.
// Page-only state, one for each store, so that it outlives a view and is the same in all views of one page.
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { Store } from "../store/store";
import { runningTurn } from "./words";

/** What the chat asks for; widget.ts carries it out over the connection. */
export interface ChatActions {
  /** Begin a turn; returns the request's name. The store's `pending` is set by it. */
  send(text: string | null): string;
  /** The store's `stopping` is set by it. */
  stop(turn: string): void;
  retry(turn: string): string;
}

export interface Outgoing {
  readonly draft: Signal<string>;
  readonly queue: ReadonlySignal<readonly string[]>;
  /** What was asked for last was not done, and why. */
  readonly refusal: ReadonlySignal<string | null>;
  /** A turn runs, or is about to. */
  readonly busy: ReadonlySignal<boolean>;
  /** Stop was asked for before the turn had begun: it is stopped when it does. */
  readonly stopAsked: ReadonlySignal<boolean>;
  /** Why nothing can be said at all, and what to do about it. */
  readonly closed: ReadonlySignal<string | null>;
  /** Whether the application takes a text next. */
  readonly takesText: ReadonlySignal<boolean>;
  /** Send `text`, or queue it while it cannot be sent. Says whether it did either. */
  submit(text: string): boolean;
  /** Begin a turn without a text. */
  run(): void;
  stop(): void;
  retry(turn: string): void;
  /** Take a queued prompt out of the queue, and into the draft if it is to be edited. */
  unqueue(index: number, edit: boolean): void;
}

interface Sent {
  request: string;
  text: string | null;
}

const outgoings = new WeakMap<Store, Outgoing>();

/** The one `Outgoing` of the store; `actions` count when it is made. */
export function outgoingOf(store: Store, actions: ChatActions): Outgoing {
  let outgoing = outgoings.get(store);
  if (outgoing === undefined) {
    outgoing = createOutgoing(store, actions);
    outgoings.set(store, outgoing);
  }
  return outgoing;
}

function createOutgoing(store: Store, actions: ChatActions): Outgoing {
  const draft = signal("");
  const queue = signal<readonly string[]>([]);
  const refusal = signal<string | null>(null);
  const sent = signal<Sent | null>(null);
  const stopAsked = signal(false);
  /** The last turn when the queue began to wait: only a later one that fails concerns it. */
  let endedBefore: string | undefined;

  const busy = computed(
    () =>
      sent.value !== null ||
      store.pending.value !== null ||
      (store.view.value !== null && store.view.value.status !== "idle"),
  );
  const closed = computed(() => {
    if (store.connection.value === "lost") {
      return store.lost.value ?? "The kernel is gone. Run the cells again to go on.";
    }
    const composer = store.view.value?.composer;
    if (composer === undefined || composer.enabled) return null;
    return composer.hint ?? "The application takes no more messages.";
  });
  const takesText = computed(() => store.view.value === null || store.view.value.composer.input !== null);

  function request(text: string | null, ask: () => string): void {
    refusal.value = null;
    stopAsked.value = false;
    endedBefore = lastEnded();
    sent.value = { request: ask(), text };
  }

  function lastEnded(): string | undefined {
    return store.view.peek()?.turns.findLast((turn) => turn.status !== "running")?.key;
  }

  function giveBack(texts: readonly (string | null)[]): void {
    draft.value = [...texts, draft.peek()].filter(Boolean).join("\n\n");
    queue.value = [];
    sent.value = null;
    stopAsked.value = false;
  }

  /** See what became of the request. */
  function settleSent(): void {
    const view = store.view.value;
    const mine = sent.value;
    if (mine === null) return;
    if (store.connection.value === "lost") giveBack([mine.text, ...queue.peek()]);
    else {
      const refused = view?.refused.find(({ request }) => request === mine.request);
      if (refused !== undefined) {
        refusal.value = `${mine.text === null ? "Not done" : "Not sent"}: ${refused.reason}`;
        giveBack([mine.text, ...queue.peek()]);
        return;
      }
      const turn = view?.turns.find((candidate) => candidate.request === mine.request);
      if (turn === undefined) return;
      sent.value = null;
      if (stopAsked.peek() && turn.status === "running") actions.stop(turn.key);
      stopAsked.value = false;
    }
  }

  /** Send what waits once it can be sent; hand it back once it cannot. */
  function settleQueue(): void {
    const [first, ...rest] = queue.value;
    if (first === undefined) return;
    if (closed.value !== null) {
      giveBack(queue.peek());
      return;
    }
    if (busy.value || store.connection.value !== "live") return;
    const last = store.view.value?.turns.at(-1);
    if (!takesText.value || (last?.status === "failed" && last.key !== endedBefore)) {
      giveBack(queue.peek());
      return;
    }
    queue.value = rest;
    request(first, () => actions.send(first));
  }

  effect(() => {
    settleSent();
    settleQueue();
  });

  return {
    draft,
    queue,
    refusal,
    busy,
    stopAsked,
    closed,
    takesText,
    submit(text) {
      if (text.trim() === "" || closed.peek() !== null || !takesText.peek()) return false;
      if (queue.peek().length === 0) endedBefore = lastEnded();
      refusal.value = null;
      queue.value = [...queue.peek(), text];
      return true;
    },
    run() {
      if (closed.peek() !== null || busy.peek() || store.connection.peek() !== "live") return;
      request(null, () => actions.send(null));
    },
    stop() {
      if (store.connection.peek() === "lost") return;
      const turn = untracked(() => runningTurn(store.view.value));
      if (turn === undefined) stopAsked.value = sent.peek() !== null;
      else if (store.stopping.peek() === null) actions.stop(turn.key);
    },
    retry(turn) {
      if (busy.peek() || store.connection.peek() !== "live") return;
      request(null, () => actions.retry(turn));
    },
    unqueue(index, edit) {
      const text = queue.peek()[index];
      queue.value = queue.peek().filter((_, at) => at !== index);
      if (edit && text !== undefined) draft.value = [draft.peek(), text].filter(Boolean).join("\n\n");
    },
  };
}
