// What a person is about to say: the draft, the prompts that wait for their turn, what was sent and not yet answered.
// Page-only state, one for each store, so that it outlives a view and is the same in all views of one page.
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { View } from "../protocol.gen";
import type { Store } from "../store/store";
import { type FieldValue, type FieldValues, filledIn } from "./fields";
import { runningTurn } from "./words";

/** What the chat asks for; widget.ts carries it out over the connection. */
export interface ChatActions {
  /** Begin a turn; returns the request's name. The store's `pending` is set by it. */
  send(text: string | null, inputs: Record<string, unknown>): string;
  /** The store's `stopping` is set by it. */
  stop(turn: string): void;
  /** Run a turn again, with another prompt where there is a text; the store's `pending` is set by it. */
  retry(turn: string, text: string | null): string;
  /** Show the branch that has the turn, or that key; the store's `asked` has it until it is answered. */
  show(turn: string): string;
  /** Let an application that has ended begin again; returns the request's name. */
  restart(): string;
}

/** Whether earlier turns can be tried again and other branches shown: `later` while a turn runs, or the kernel is late. */
export type Can = "now" | "later" | "never";

export interface Outgoing {
  readonly draft: Signal<string>;
  readonly queue: ReadonlySignal<readonly string[]>;
  /** What was sent or queued is the draft again, since the other end is gone. */
  readonly unsent: ReadonlySignal<boolean>;
  /** What was asked for last was not done, and why. */
  readonly refusal: ReadonlySignal<string | null>;
  /** A turn runs, or is about to. */
  readonly busy: ReadonlySignal<boolean>;
  /** Stop was asked for before the turn had begun: it is stopped when it does. */
  readonly stopAsked: ReadonlySignal<boolean>;
  /** Why nothing can be said at all, and what to do about it. */
  readonly closed: ReadonlySignal<string | null>;
  readonly can: ReadonlySignal<Can>;
  /** Whether the application takes a text next. */
  readonly takesText: ReadonlySignal<boolean>;
  /** What was filled in for the action that comes next, by the field's path. */
  readonly values: ReadonlySignal<FieldValues>;
  /** What is wrong with which field. */
  readonly errors: ReadonlySignal<Readonly<Record<string, string>>>;
  fill(path: string, value: FieldValue): void;
  /** Send `text`, or queue it while it cannot be sent. Says whether it did either. */
  submit(text: string): boolean;
  /** Begin a turn without a text, with what was filled in. */
  run(): void;
  /** Let an application that has ended begin again. */
  startAgain(): void;
  stop(): void;
  /** Run a turn again, with another prompt where there is a `text`. Says whether it is asked for. */
  retry(turn: string, text?: string): boolean;
  /** Show the branch that has the turn, or that key. Says whether it is asked for. */
  show(turn: string): boolean;
  /** Take a queued prompt out of the queue, and into the draft if it is to be edited. */
  unqueue(index: number, edit: boolean): void;
}

interface Sent {
  request: string;
  text: string | null;
  /** The action whose form this answers. */
  form: string | null;
}

/** A prompt that was taken for cut off: the draft before it was given back, and after. */
interface CutOff {
  request: string;
  before: string;
  after: string;
}

const CUT_OFF = "Not answered: it was cut off on the server, and can be sent again.";

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
  const unsent = signal(false);
  const refusal = signal<string | null>(null);
  const sent = signal<Sent | null>(null);
  const stopAsked = signal(false);
  /** By action: what was typed for one is not another's. */
  const filled = signal<Readonly<Record<string, FieldValues>>>({});
  const errors = signal<Readonly<Record<string, string>>>({});
  /** What was sent last, and the prompt of its turn while that runs. */
  let last: { request: string; runs: string | null } | null = null;
  /** What was given back last since it was cut off, until the reader says something. */
  let cutOff: CutOff | null = null;
  /** What else was asked for last, a restart or another branch. */
  let other: string | null = null;
  /** The turn that answers a form: what was filled in is kept until it has gone well. */
  let answering: { turn: string; action: string } | null = null;
  /** The last turn when the queue began to wait: only a later one that fails concerns it. */
  let endedBefore: string | undefined;

  const busy = computed(
    () =>
      sent.value !== null ||
      store.pending.value !== null ||
      (store.view.value !== null && store.view.value.status !== "idle"),
  );
  /** Why nothing can be said now or later. */
  const shut = computed(() => {
    if (store.connection.value === "lost") {
      return store.lost.value ?? `${store.peer.gone} ${store.peer.remedy}`;
    }
    const composer = store.view.value?.composer;
    if (composer === undefined || composer.enabled) return null;
    return composer.hint ?? "The application takes no more messages.";
  });
  const closed = computed(() => shut.value ?? (store.past.value && "This is the past. Go back to now to go on."));
  const can = computed<Can>(() => {
    if (store.connection.value === "lost") return "never";
    const shows = store.asked.value.some(({ type }) => type === "switch");
    return busy.value || shows || store.connection.value !== "live" ? "later" : "now";
  });
  const takesText = computed(() => store.view.value === null || store.view.value.composer.input !== null);

  const composer = computed(() => store.view.value?.composer ?? null);
  const values = computed(() => filled.value[composer.value?.action ?? ""] ?? {});

  function send(text: string | null): void {
    const form = composer.peek();
    request(text, () => actions.send(text, filledIn(form?.fields ?? [], values.peek())), form?.action);
  }

  function request(text: string | null, ask: () => string, form: string | null = null): void {
    errors.value = {};
    stopAsked.value = false;
    endedBefore = lastEnded();
    const name = ask();
    sent.value = { request: name, text, form };
    last = { request: name, runs: null };
  }

  function lastEnded(): string | undefined {
    return store.view.peek()?.turns.findLast((turn) => turn.status !== "running")?.key;
  }

  function intoDraft(texts: readonly (string | null)[]): void {
    draft.value = [...texts, draft.peek()].filter(Boolean).join("\n\n");
  }

  function giveBack(texts: readonly (string | null)[]): void {
    intoDraft(texts);
    if (store.connection.peek() === "lost" && texts.some(Boolean)) unsent.value = true;
    queue.value = [];
    sent.value = null;
    stopAsked.value = false;
  }

  function refusalOf(request: string) {
    return store.view.value?.refused.find((refused) => refused.request === request);
  }

  /** See what became of the request. */
  function settleSent(): void {
    const view = store.view.value;
    const mine = sent.value;
    if (mine === null) return;
    if (store.connection.value === "lost") giveBack([mine.text, ...queue.peek()]);
    else {
      const refused = refusalOf(mine.request);
      if (refused !== undefined) {
        refusal.value = `${mine.text === null ? "Not done" : "Not sent"}: ${refused.reason}`;
        errors.value = refused.fields;
        giveBack([mine.text, ...queue.peek()]);
        return;
      }
      const turn = view?.turns.find((candidate) => candidate.request === mine.request);
      // Of those that are not any more, one has gone back since, or the server was started again.
      if (turn === undefined && !view?.accepted.includes(mine.request)) return;
      sent.value = null;
      if (turn && mine.text === null && mine.form !== null) answering = { turn: turn.key, action: mine.form };
      if (stopAsked.peek() && turn?.status === "running") actions.stop(turn.key);
      stopAsked.value = false;
    }
  }

  /** Give back what was being answered when what ran it on the server ended: nothing is known of it any more. What waits is sent. */
  function settleCutOff(): void {
    const known = store.known.value;
    if (known === null) return;
    settleGoesOn(known);
    if (last === null) return;
    const { turns, accepted } = known;
    const turn = turns.find(({ request }) => request === last?.request);
    if (turn !== undefined) {
      last.runs = turn.status === "running" ? turn.prompt : null;
    } else if (last.runs !== null) {
      const { request, runs } = last;
      last = null;
      // It may have got to its end, unseen.
      if (accepted.includes(request) || turns.at(-1)?.prompt === runs) return;
      // A kernel's page hears of a server here too, where the chat is connected to one; its own kernel does not come back.
      refusal.value = CUT_OFF;
      const before = draft.peek();
      intoDraft([runs]);
      cutOff = { request, before, after: draft.peek() };
    }
  }

  /** Take back what was given back, unless the reader has changed it: another process of the server goes on with it, or has. */
  function settleGoesOn({ turns, accepted }: View): void {
    if (cutOff === null) return;
    const { request, before, after } = cutOff;
    if (!accepted.includes(request) && !turns.some((turn) => turn.request === request)) return;
    cutOff = null;
    last ??= { request, runs: null };
    if (refusal.peek() === CUT_OFF) refusal.value = null;
    if (draft.peek() === after) draft.value = before;
  }

  /** Forget what was filled in once it has served. */
  function settleForm(): void {
    const turn = store.view.value?.turns.find((candidate) => candidate.key === answering?.turn);
    if (answering === null || turn === undefined || turn.status === "running") return;
    if (turn.status === "completed") filled.value = { ...filled.peek(), [answering.action]: {} };
    answering = null;
  }

  function settleOther(): void {
    const refused = other === null ? undefined : refusalOf(other);
    if (refused === undefined) return;
    other = null;
    refusal.value = `Not done: ${refused.reason}`;
  }

  /** Send what waits once it can be sent; hand it back once it cannot. */
  function settleQueue(): void {
    const [first, ...rest] = queue.value;
    if (first === undefined) return;
    if (shut.value !== null) {
      giveBack(queue.peek());
      return;
    }
    // Where a form comes first, texts wait for the next action that takes one: each by itself, where they are seen.
    if (busy.value || store.connection.value !== "live" || !takesText.value) return;
    const last = store.view.value?.turns.at(-1);
    if (last?.status === "failed" && last.key !== endedBefore) {
      giveBack(queue.peek());
      return;
    }
    queue.value = rest;
    send(first);
  }

  effect(() => {
    settleSent();
    settleCutOff();
    settleForm();
    settleOther();
    settleQueue();
  });

  return {
    draft,
    queue,
    unsent,
    refusal,
    busy,
    stopAsked,
    closed,
    can,
    takesText,
    values,
    errors,
    fill(path, value) {
      const action = composer.peek()?.action ?? "";
      batch(() => {
        filled.value = { ...filled.peek(), [action]: { ...filled.peek()[action], [path]: value } };
        const wrong = Object.entries(errors.peek());
        const kept = wrong.filter(([at]) => at !== path && !at.startsWith(`${path}.`));
        errors.value = Object.fromEntries(kept);
        // It has sent the reader to the fields, and nothing is said there any more.
        if (wrong.length > 0 && kept.length === 0) refusal.value = null;
      });
    },
    submit(text) {
      if (text.trim() === "" || closed.peek() !== null || !takesText.peek()) return false;
      if (queue.peek().length === 0) endedBefore = lastEnded();
      refusal.value = null;
      cutOff = null;
      queue.value = [...queue.peek(), text];
      return true;
    },
    run() {
      if (closed.peek() !== null || busy.peek() || store.connection.peek() !== "live") return;
      refusal.value = null;
      send(null);
    },
    startAgain() {
      if (!composer.peek()?.ended || store.connection.peek() !== "live") return;
      refusal.value = null;
      other = actions.restart();
    },
    stop() {
      if (store.connection.peek() === "lost") return;
      const turn = untracked(() => runningTurn(store.view.value));
      if (turn === undefined) stopAsked.value = sent.peek() !== null;
      else if (store.stopping.peek() === null) actions.stop(turn.key);
    },
    retry(turn, text) {
      if (can.peek() !== "now") return false;
      store.past.value = null;
      refusal.value = null;
      request(text ?? null, () => actions.retry(turn, text ?? null));
      return true;
    },
    show(turn) {
      if (can.peek() !== "now") return false;
      // At once: when the other branch is there, it stays where the reader is.
      store.past.value = null;
      refusal.value = null;
      other = actions.show(turn);
      return true;
    },
    unqueue(index, edit) {
      const text = queue.peek()[index];
      queue.value = queue.peek().filter((_, at) => at !== index);
      if (edit && text !== undefined) draft.value = [draft.peek(), text].filter(Boolean).join("\n\n");
    },
  };
}
