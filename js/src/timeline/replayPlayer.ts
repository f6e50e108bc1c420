// Plays a turn again from what was told of it: in time or step by step, either way, in all views of the page. The kernel has no part in it.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Step, Turn, View } from "../protocol.gen";
import type { Past, Store } from "../store/store";
import { isSame } from "./log";
import { type TurnEvents, upperBound } from "./replayEvents";
import { Views } from "./replayViews";

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];

/** What is replayed. */
interface Reel {
  turn: string;
  events: TurnEvents;
  past: Past;
}

/** One for each store, so that all views agree. */
export class Player {
  readonly speed: Signal<number> = signal(1);
  readonly backwards: Signal<boolean> = signal(false);
  readonly playing: ReadonlySignal<boolean>;
  /** The turn that the page shows a replay of, null while it shows none. */
  readonly turn: ReadonlySignal<string | null>;
  /** All that is known of it. */
  readonly events: ReadonlySignal<TurnEvents | null>;
  /** How many of its events have been told. */
  readonly told: ReadonlySignal<number>;
  /** Where that is, in seconds since the turn began. */
  readonly seconds: ReadonlySignal<number>;
  /** The step that runs there, or has ended; null before the first. */
  readonly step: ReadonlySignal<Step | null>;
  readonly #store: Store;
  readonly #reel: Signal<Reel | null> = signal(null);
  readonly #told: Signal<number> = signal(0);
  readonly #seconds: Signal<number> = signal(0);
  readonly #playing: Signal<boolean> = signal(false);
  #frame = 0;

  constructor(store: Store) {
    this.#store = store;
    this.told = this.#told;
    this.seconds = this.#seconds;
    this.playing = this.#playing;
    this.turn = computed(() => {
      const reel = this.#reel.value;
      return reel !== null && store.past.value === reel.past ? reel.turn : null;
    });
    this.events = computed(() => this.#reel.value?.events ?? null);
    this.step = computed(() => {
      const reel = this.#reel.value;
      return reel?.past.view.steps.findLast(({ turn }) => turn === reel.turn) ?? null;
    });
    this.turn.subscribe((turn) => {
      if (turn === null) this.pause();
    });
  }

  /** Show the turn, in which a step was taken, as it was when so many of its events had been told. */
  show(turn: Turn, events: TurnEvents, told: number): void {
    const view = this.#store.view.peek();
    if (view === null) return;
    batch(() => {
      this.pause();
      this.#told.value = told;
      this.#seconds.value = timeAfter(events, told);
      const reel = this.#reelOf(view, turn, events);
      this.#reel.value = reel;
      this.#store.past.value = reel.past;
      // Back to now would else be back to what was chosen before.
      this.#store.chosen.value = null;
    });
  }

  /** Back to now. */
  leave(): void {
    if (this.turn.peek() !== null) this.#store.past.value = null;
  }

  play(): void {
    const reel = this.#reel.peek();
    if (reel === null || this.turn.peek() === null || this.#playing.peek()) return;
    const { count } = reel.events;
    const back = this.backwards.peek();
    // From where there is nothing left to play, all of it is played.
    if (this.#told.peek() === (back ? 0 : count)) this.goTo(back ? count : 0);
    this.#playing.value = true;
    let last: number | null = null;
    const next = (now: number) => {
      const passed = last === null ? 0 : (now - last) / 1000;
      last = now;
      this.#pass(reel, passed * this.speed.peek() * (this.backwards.peek() ? -1 : 1));
      if (this.#playing.peek()) this.#frame = requestAnimationFrame(next);
    };
    this.#frame = requestAnimationFrame(next);
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#playing.value = false;
  }

  /** Go to where so many events had been told. */
  goTo(told: number): void {
    const reel = this.#reel.peek();
    if (reel === null) return;
    const to = Math.max(0, Math.min(reel.events.count, told));
    batch(() => {
      this.pause();
      this.#told.value = to;
      this.#seconds.value = timeAfter(reel.events, to);
    });
  }

  /** Go to so many seconds after the turn began; what plays goes on from there. */
  goToTime(seconds: number): void {
    const reel = this.#reel.peek();
    if (reel === null) return;
    batch(() => {
      this.#seconds.value = Math.max(0, Math.min(reel.events.seconds, seconds));
      this.#told.value = reel.events.toldAt(this.#seconds.peek());
    });
  }

  /** One delta more, or one less. */
  moveByDelta(by: 1 | -1): void {
    const events = this.#reel.peek()?.events;
    if (events === undefined) return;
    const { deltas, count } = events;
    const told = this.#told.peek();
    const before = upperBound(deltas, told - 1);
    if (by > 0) this.goTo((deltas[before] ?? count - 1) + 1);
    else this.goTo(deltas[before - 1] ?? 0);
  }

  /** To the end of the step, or to its beginning or that of the one before. */
  moveByStep(by: 1 | -1): void {
    const events = this.#reel.peek()?.events;
    if (events === undefined) return;
    const { steps, count } = events;
    const told = this.#told.peek();
    const place = upperBound(steps, told - (by > 0 ? 0 : 1));
    if (by > 0) this.goTo(steps[place] ?? count);
    else this.goTo(steps[place - 1] ?? 0);
  }

  #pass(reel: Reel, seconds: number): void {
    const to = this.#seconds.peek() + seconds;
    this.goToTime(to);
    if (to >= reel.events.seconds && !this.backwards.peek()) this.goTo(reel.events.count);
    else if (to <= 0 && this.backwards.peek()) this.goTo(0);
  }

  #reelOf(seen: View, turn: Turn, events: TurnEvents): Reel {
    const { key } = turn;
    const views = new Views(seen, turn, events);
    const view = computed(() => views.at(this.#told.value));
    const number = seen.turns.findIndex((each) => each.key === key) + 1;
    const last = seen.turns.at(-1)?.key;
    const stepOf = (shown: View): Step | undefined => shown.steps.findLast((step) => step.turn === key);
    const seconds = this.#seconds;
    const first = stepOf(seen);
    const { view: now } = this.#store;
    const past: Past = {
      get step() {
        // Before its first step there is none to name.
        return (stepOf(view.value) ?? first) as Step;
      },
      get view() {
        return view.value;
      },
      isNew: computed(() => turn.status === "running" && now.value !== seen),
      replay: {
        get words() {
          return `Replaying turn ${number} at ${seconds.value.toFixed(2)} s`;
        },
        isOf: ({ branch, turns, steps }) =>
          branch === seen.branch &&
          turns.at(-1)?.key === last &&
          turns.some((each) => isSame(turn, each)) &&
          // A turn that was held has ended when one goes back to within it.
          (first === undefined || steps.some((step) => step.turn === key && step.step === first.step)),
      },
    };
    return { turn: key, events, past };
  }
}

/** When the last of so many was told. */
function timeAfter(events: TurnEvents, told: number): number {
  return events.times[told - 1] ?? 0;
}

/** By what all copies of a store share. */
const players = new WeakMap<Store["past"], Player>();

export function playerOf(store: Store): Player {
  let player = players.get(store.past);
  if (player === undefined) {
    player = new Player(store);
    players.set(store.past, player);
  }
  return player;
}
