// Which steps are listed and which one is chosen: the newest, unless the reader chooses another.
// To choose an earlier one is to look at the past, in all views of the page.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Step, Turn, View } from "../protocol.gen";
import { past } from "../store/past";
import type { Past, Store } from "../store/store";
import { lastThatCounts, newestOf } from "./counts";

/** So many steps are listed at first, and so many more each time. */
export const ROOM = 200;

export interface Group {
  turn: Turn | null;
  /** The turn's place among all, from 1 on. */
  number: number;
  steps: Step[];
}

export class Choice {
  /** The step that the reader has chosen; null: the newest. */
  readonly chosen: ReadonlySignal<number | null>;
  readonly step: ReadonlySignal<Step | null>;
  readonly room: Signal<number> = signal(ROOM);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.chosen = computed(() => store.past.value?.step.step ?? store.chosen.value);
    this.step = computed(() => {
      const view = store.view.value;
      if (view === null) return null;
      const number = this.chosen.value;
      return (number === null ? undefined : view.steps.findLast(({ step }) => step === number)) ?? newestOf(view);
    });
  }

  get listed(): readonly Step[] {
    return (this.#store.view.peek()?.steps ?? []).slice(-this.room.peek());
  }

  /** Choose the step that is so many further on; the last one is followed. */
  move(by: number): void {
    const { listed } = this;
    const at = listed.findIndex((each) => each.step === this.step.peek()?.step);
    const next = Math.max(0, Math.min(listed.length - 1, at + by));
    this.choose(listed[next]?.step ?? null);
  }

  choose(number: number | null): void {
    const view = this.#store.view.peek();
    const step = view?.steps.findLast((each) => each.step === number);
    batch(() => {
      // What a step that did not end well has left behind is what the one before it has.
      const isPast =
        view !== null && step?.status === "done" && step !== view.steps.at(-1) && step !== lastThatCounts(view);
      this.#store.past.value = isPast ? this.#pastOf(view, step) : null;
      this.#store.chosen.value = isPast ? null : number;
    });
  }

  #pastOf(view: View, step: Step): Past {
    const since = progressOf(view);
    const isNew = computed(() => progressOf(this.#store.view.value) !== since);
    return { step, view: past(view, step.step), isNew };
  }

  get isFollowing(): boolean {
    return this.chosen.value === null;
  }
}

/** How far it has come: another word for each thing that is new. */
function progressOf(view: View | null): string {
  if (view === null) return "";
  const { turns, steps, messages } = view;
  return [turns.length, steps.length, messages.length, messages.at(-1)?.text.length].join();
}

/** The last `room` steps, by turn. */
export function groupsOf(view: View, room: number): Group[] {
  const groups: Group[] = [];
  for (const step of view.steps.slice(-room)) {
    const last = groups.at(-1);
    if (last !== undefined && last.steps[0]?.turn === step.turn) last.steps.push(step);
    else {
      const at = view.turns.findIndex(({ key }) => key === step.turn);
      groups.push({ turn: view.turns[at] ?? null, number: at + 1, steps: [step] });
    }
  }
  return groups;
}
