// Which delta is chosen: one for all views of the page, and always of the step that is chosen there too.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Choice } from "../inspector/choice";
import type { Store } from "../store/store";

/** A delta of a step, by its place among the step's, from 0 on. */
export interface Spot {
  step: number;
  delta: number;
}

export class DeltaChoice {
  /** The step that is chosen; null: none, the newest is followed. */
  readonly step: ReadonlySignal<number | null>;
  /** The delta of it that is chosen. */
  readonly spot: ReadonlySignal<Spot | null>;
  readonly #steps: Choice;
  readonly #last: Signal<Spot | null> = signal(null);

  constructor(store: Store) {
    this.#steps = new Choice(store);
    this.step = this.#steps.chosen;
    this.spot = computed(() => (this.#last.value?.step === this.step.value ? this.#last.value : null));
  }

  choose(spot: Spot): void {
    batch(() => {
      this.#last.value = spot;
      // Chosen again it would show the same past anew.
      if (this.step.peek() !== spot.step) this.#steps.choose(spot.step);
    });
  }

  /** Choose the step, and none of its deltas; null: nothing. */
  chooseStep(step: number | null): void {
    batch(() => {
      this.#last.value = null;
      if (this.step.peek() !== step) this.#steps.choose(step);
    });
  }
}

const choices = new WeakMap<Store, DeltaChoice>();

export function choiceOf(store: Store): DeltaChoice {
  let choice = choices.get(store);
  if (choice === undefined) {
    choice = new DeltaChoice(store);
    choices.set(store, choice);
  }
  return choice;
}
