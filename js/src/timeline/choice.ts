// Which delta is chosen, and which message: one for all views of the page, and always of the step that is chosen there too.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Choice } from "../inspector/choice";
import { countMarks } from "../inspector/marks";
import type { Message } from "../protocol.gen";
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
  /** The key of the message that is chosen: of what the step has said the one that the reader chose, else its answer. */
  readonly message: ReadonlySignal<string | null>;
  readonly #store: Store;
  readonly #steps: Choice;
  readonly #last: Signal<Spot | null> = signal(null);
  readonly #picked: Signal<string | null> = signal(null);

  constructor(store: Store) {
    this.#store = store;
    this.#steps = new Choice(store);
    this.step = this.#steps.chosen;
    this.spot = computed(() => (this.#last.value?.step === this.step.value ? this.#last.value : null));
    this.message = computed(() => {
      const step = this.step.value;
      const said = store.view.value?.messages.filter((each) => step !== null && each.step === step) ?? [];
      const shown = said.find(({ key }) => key === this.#picked.value) ?? said.find(isStreamed) ?? said[0];
      return shown?.key ?? null;
    });
  }

  choose(spot: Spot): void {
    batch(() => {
      this.#last.value = spot;
      this.#picked.value = null;
      // Chosen again it would show the same past anew.
      if (this.step.peek() !== spot.step) this.#steps.choose(spot.step);
    });
  }

  /** Choose the step, and none of its deltas; null: nothing. */
  chooseStep(step: number | null): void {
    batch(() => {
      this.#last.value = null;
      this.#picked.value = null;
      if (this.step.peek() !== step) this.#steps.choose(step);
    });
  }

  /** Choose the step that has said it, and of a streamed text the first delta; the one that is chosen is let go. */
  chooseMessage(message: Message): void {
    const step = this.#store.view.peek()?.steps.findLast((each) => each.step === message.step);
    batch(() => {
      if (step === undefined || this.message.peek() === message.key) return this.chooseStep(null);
      if (isStreamed(message) && countMarks(step.marks) > 0) this.choose({ step: step.step, delta: 0 });
      else this.chooseStep(step.step);
      this.#picked.value = message.key;
    });
  }
}

function isStreamed({ key }: Message): boolean {
  return key.endsWith(":text");
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
