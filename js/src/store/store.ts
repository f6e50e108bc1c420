// What the page knows. `known` is the kernel's (made by the fold from frames and snapshots, never changed otherwise); the
// other signals are the page's own and die with it: whether the kernel is heard, what was asked and not yet answered.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Command, Message, Step, View } from "../protocol.gen";
import { DEFAULTS, type Settings } from "../settings";
import { KERNEL, type Peer } from "../transport/peer";
import { fold, type WireEvent } from "./fold";

/** `connecting` until the first snapshot, `waiting` when an answer is late (a busy kernel), `lost` when the kernel is gone. */
export type Connection = "connecting" | "waiting" | "live" | "lost";
export type SessionStatus = View["status"] | "disconnected";

/** What may be withheld from a page: values of the state, the controls of stepping, the ways back. */
export type Offer = View["session"]["withheld"][number];

export interface Store {
  /** Whose view it is, in words. */
  readonly peer: Peer;
  /** Whether it is to be had: what a server does not withhold, and of a recording, in which nothing runs, only what there was to see. */
  offers(what: Offer): boolean;
  /** What is known and may be shown: all of it, but while a quiz asks. */
  readonly view: ReadonlySignal<View | null>;
  readonly known: ReadonlySignal<View | null>;
  /** The quiz that this page holds, null without one. */
  readonly quiz: Signal<QuizMask | null>;
  readonly connection: Signal<Connection>;
  /** Why the chat cannot go on, in words, when `connection` is `lost`. */
  readonly lost: Signal<string | null>;
  readonly status: ReadonlySignal<SessionStatus>;
  readonly messages: ReadonlySignal<readonly Message[]>;
  /** The prompt that was sent and that the kernel has neither begun nor refused. */
  readonly pending: ReadonlySignal<Pending | null>;
  /** The turn that this page asked to stop, until the kernel says that it has ended. */
  readonly stopping: ReadonlySignal<string | null>;
  /** The commands besides those two that the kernel has neither carried out nor refused. */
  readonly asked: ReadonlySignal<readonly Asked[]>;
  /** What this page shows in place of what is now, null for that. It ends with the step that it is of. */
  readonly past: Signal<Past | null>;
  /** The step that the reader has chosen in any view, where that is not the past; null: the newest. */
  readonly chosen: Signal<number | null>;
  readonly settings: Signal<Settings>;
  reset(view: View): void;
  apply(events: readonly WireEvent[]): void;
  setPending(pending: Pending): void;
  setStopping(turn: string): void;
  /** The command waits for its answer: one that the view has, or that `answered` is told. */
  ask(command: Asked): void;
  answered(request: string): void;
}

export interface QuizMask {
  /** Whether the reader is asked what comes next, and has not answered yet. */
  readonly asks: ReadonlySignal<boolean>;
  /** The view without what would give the answer away. */
  hide(view: View): View;
}

export type Asked = Extract<Command, { request: string }>;

export interface Past {
  /** The step after which it was so. */
  step: Step;
  view: View;
  /** Whether something has come since the reader went there. */
  isNew: ReadonlySignal<boolean>;
  /** Of a replay: which turn is where, in words, and whether it is one of that view still. */
  replay?: { words: string; isOf(view: View): boolean };
}

export interface Pending {
  request: string;
  text: string | null;
  /** The turn in whose place it begins: that one, and what came after it, is not shown any more. */
  from?: string;
}

export function createStore(peer: Peer = KERNEL): Store {
  const known = signal<View | null>(null);
  const quiz = signal<QuizMask | null>(null);
  const view = computed(() => (known.value === null ? null : (quiz.value?.hide(known.value) ?? known.value)));
  const connection = signal<Connection>("connecting");
  const pending = signal<Pending | null>(null);
  const stopping = signal<string | null>(null);
  const asked = signal<readonly Asked[]>([]);
  const past = signal<Past | null>(null);

  function update(next: View): void {
    batch(() => {
      known.value = next;
      if (past.value !== null && !isOf(next, past.value)) past.value = null;
      if (pending.value !== null && isAnswered(next, pending.value.request)) pending.value = null;
      if (!isRunning(next, stopping.value)) stopping.value = null;
      keepAsked((each) => !isAnswered(next, each.request));
    });
  }

  function keepAsked(isOpen: (asked: Asked) => boolean): void {
    const open = asked.peek().filter(isOpen);
    if (open.length < asked.peek().length) asked.value = open;
  }

  return {
    peer,
    offers(what) {
      const { recording = null, withheld = [] } = known.value?.session ?? {};
      return !withheld.includes(what) && (what === "state" || recording === null);
    },
    view,
    known,
    quiz,
    connection,
    lost: signal(null),
    status: computed(() => (connection.value === "lost" ? "disconnected" : (view.value?.status ?? "idle"))),
    messages: computed(() => view.value?.messages ?? []),
    pending,
    stopping,
    asked,
    past,
    chosen: signal(null),
    settings: signal(DEFAULTS),
    reset: update,
    apply(events) {
      if (known.value === null) throw new Error("a frame before the first snapshot");
      update(events.reduce(fold, known.value));
    },
    setPending(value) {
      pending.value = value;
    },
    setStopping(turn) {
      if (isRunning(view.value, turn)) stopping.value = turn;
    },
    ask(command) {
      asked.value = [...asked.peek(), command];
    },
    answered(request) {
      keepAsked((each) => each.request !== request);
    },
  };
}

/** What is shown: the store as it is, or in the past, where nothing is awaited. */
export function shownOf(store: Store): Store {
  const now = <T>(value: ReadonlySignal<T | null>) => computed(() => (store.past.value === null ? value.value : null));
  const view = computed(() => store.past.value?.view ?? store.view.value);
  const messages = computed(() => view.value?.messages ?? []);
  return { ...store, view, messages, pending: now(store.pending), stopping: now(store.stopping) };
}

/** Whether it is the past of that view still. */
function isOf(now: View, { step, view, replay }: Past): boolean {
  if (replay) return replay.isOf(now);
  const { branch, steps } = now;
  const at = steps.findLastIndex((each) => each.step === step.step && each.turn === step.turn);
  return branch === view.branch && at >= 0 && at < steps.length - 1;
}

function isAnswered({ turns, accepted, refused }: View, request: string): boolean {
  return (
    accepted.includes(request) ||
    refused.some((each) => each.request === request) ||
    turns.some((each) => each.request === request)
  );
}

function isRunning(view: View | null, turn: string | null): boolean {
  return view?.turns.some(({ key, status }) => key === turn && status === "running") ?? false;
}
