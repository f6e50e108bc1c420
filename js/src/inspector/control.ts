// The controls of stepping: what each would do now, or why it cannot. One for each store, so that all views agree.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { outgoingOf } from "../chat/outgoing";
import type { Breakpoint, Composer, Edit } from "../protocol.gen";
import type { Asked, Store } from "../store/store";
import type { ViewActions } from "./actions";

export type Does = "continue" | "pause" | "step" | "step-delta" | "stop";

export interface Control {
  /** Whether turns can be held and stepped through at all: where not, there are no controls for it. */
  readonly offered: ReadonlySignal<boolean>;
  /** Why each cannot be done now, null where it can. */
  readonly closed: ReadonlySignal<Readonly<Record<Does, string | null>>>;
  /** Whether the next action will be waited before, and where turns are held: as asked for, where the kernel has not said yet. */
  readonly pausing: ReadonlySignal<boolean>;
  readonly breakpoints: ReadonlySignal<readonly Breakpoint[]>;
  /** A remark on what was asked last: that it was refused, or cannot be done, or waits. */
  readonly note: ReadonlySignal<string | null>;
  do(what: Does): void;
  /** Continue where a turn is held, else pause. */
  toggle(): void;
  /** Go on from after a step, with changes of its state: here, or in another branch. Returns the request's name. */
  rewind(step: number, edits: Edit[]): string;
  fork(step: number, edits: Edit[]): string;
  setBreakpoint(action: string, when: "before" | "after", off: boolean): void;
  /** What was said against that request was seen to. */
  mended(request: string): void;
  /** Why one cannot go back now. */
  readonly rewindClosed: ReadonlySignal<string | null>;
}

const controls = new WeakMap<Store, Control>();

export function controlOf(store: Store, actions: ViewActions): Control {
  let control = controls.get(store);
  if (control === undefined) {
    control = createControl(store, actions);
    controls.set(store, control);
  }
  return control;
}

const STEPPING: readonly Asked["type"][] = ["resume", "step-action", "step-delta", "rewind", "fork"];

function createControl(store: Store, actions: ViewActions): Control {
  const outgoing = outgoingOf(store, actions);
  const unanswered = `The ${store.peer.name} has not answered yet.`;
  const request = signal<string | null>(null);
  /** What was tried in vain, and in which state: the remark goes with it. */
  const blocked = signal<{ text: string; status: string } | null>(null);
  const waits = computed(() => store.asked.value.some(({ type }) => STEPPING.includes(type)));

  const closed = computed((): Record<Does, string | null> => {
    const view = store.view.value;
    if (store.connection.value === "lost") return all(store.peer.gone);
    if (view === null) return all(unanswered);
    const stopping = store.stopping.value !== null || outgoing.stopAsked.value ? "It is being stopped." : null;
    const wait = stopping ?? (waits.value ? unanswered : null);
    switch (view.status) {
      case "paused":
        return { continue: wait, pause: "It is held already.", step: wait, "step-delta": wait, stop: stopping };
      case "running":
        return {
          continue: "Nothing is held.",
          pause: stopping,
          step: "It is running: pause it first.",
          "step-delta": wait,
          stop: stopping,
        };
      case "idle": {
        const cannot = wait ?? (outgoing.busy.value ? "A turn is about to begin." : beginWords(view.composer));
        return {
          continue: cannot,
          pause: null,
          step: cannot,
          "step-delta": cannot,
          stop: outgoing.busy.value ? stopping : "Nothing is running.",
        };
      }
    }
  });

  const note = computed(() => {
    const view = store.view.value;
    const refused = view?.refused.find((each) => each.request === request.value);
    if (store.connection.value === "lost") return store.lost.value;
    if (refused !== undefined) return `Not done: ${refused.reason}`;
    if (blocked.value !== null && blocked.value.status === view?.status) return blocked.value.text;
    const owed = store.asked.value.some(({ type }) => type !== "inspect" && type !== "log");
    return owed && store.connection.value === "waiting" ? `${store.peer.busy} It is done when it answers.` : null;
  });

  const ask = (make: () => string): string => {
    blocked.value = null;
    const name = make();
    request.value = name;
    return name;
  };

  function run(what: Does): void {
    const why = closed.peek()[what];
    if (why !== null) {
      blocked.value = { text: why, status: store.view.peek()?.status ?? "" };
      return;
    }
    if (what === "continue") ask(actions.resume);
    else if (what === "pause") ask(() => actions.pause(pausing.peek()));
    else if (what === "step") ask(actions.step);
    else if (what === "step-delta") ask(actions.stepDelta);
    else {
      blocked.value = null;
      outgoing.stop();
    }
  }

  const asked = computed(() => (store.connection.value === "lost" ? [] : store.asked.value));
  const pausing = computed(() => {
    const last = asked.value.findLast(({ type }) => type === "pause");
    return last?.type === "pause" ? !last.off : (store.view.value?.pausing ?? false);
  });

  return {
    offered: computed(() => store.offers("stepping")),
    closed,
    pausing,
    breakpoints: computed(() => asked.value.reduce(withAsked, store.view.value?.breakpoints ?? [])),
    note,
    do: run,
    toggle: () => run(closed.peek().continue === null ? "continue" : "pause"),
    rewind: (step, edits) => ask(() => actions.rewind(step, edits)),
    fork: (step, edits) => ask(() => actions.fork(step, edits)),
    mended(name) {
      if (request.peek() === name) request.value = null;
    },
    setBreakpoint: (action, when, off) => ask(() => actions.setBreakpoint(action, when, off)),
    rewindClosed: computed(() => {
      if (store.connection.value === "lost") return store.peer.gone;
      return waits.value ? unanswered : null;
    }),
  };
}

function withAsked(points: readonly Breakpoint[], asked: Asked): readonly Breakpoint[] {
  if (asked.type !== "set-breakpoint") return points;
  const { action, when, off } = asked;
  const others = points.filter((each) => each.action !== action || each.when !== when);
  return off ? others : [...others, { action, when, condition: null }];
}

function all(why: string): Record<Does, string> {
  return { continue: why, pause: why, step: why, "step-delta": why, stop: why };
}

/** Why no turn can be begun without a word from a person. */
function beginWords({ action, input, fields, ended, enabled, hint, goes_on }: Composer): string | null {
  if (ended) return "The application has ended.";
  if (!enabled) return hint ?? "No turn can begin.";
  if (goes_on) return null;
  const needs = [...(input === null ? [] : [input]), ...fields.filter((f) => f.required).map((f) => f.name)];
  if (needs.length === 0) return null;
  return `${action ?? "The next action"} needs ${needs.join(", ")}: say it in the chat. Pause first to step through the turn.`;
}
