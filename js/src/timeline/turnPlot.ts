// The plot of the turn that is shown, whichever that is.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Turn } from "../protocol.gen";
import type { Store } from "../store/store";
import type { DeltaChoice, Spot } from "./choice";
import type { Kept } from "./kept";
import type { Plotted } from "./plotting";
import { ALL, type Sight } from "./scale";
import { EMPTY, type Place } from "./scene";
import { placeOfSpot, spotOfPlace, stepsOf, turnScene, wayOf } from "./turnScene";

export interface TurnPlot {
  plotted: Plotted;
  /** The delta that is looked at: under the pointer, else the chosen one. */
  looked: ReadonlySignal<Spot | null>;
}

/** `now`: how far the turn has come while it runs, in seconds since it began. */
export function turnPlot(
  store: Store,
  turn: ReadonlySignal<Turn | null>,
  now: ReadonlySignal<number | null>,
  choice: DeltaChoice,
  kept: Kept,
): TurnPlot {
  const branch = computed(() => store.view.value?.branch);
  const clocks = computed(() => {
    if (turn.value === null || branch.value === undefined) return null;
    return kept.clocksOf(branch.value, turn.value);
  });
  const steps = computed(() => {
    const view = store.view.value;
    return view === null || turn.value === null ? [] : stepsOf(view, turn.value);
  });
  const sight = signal<Sight>(ALL);
  const hovered = signal<Place | null>(null);
  const scene = computed(() => {
    const view = store.view.value;
    if (view === null || turn.value === null || clocks.value === null) return EMPTY;
    const seen = kept.holdsOf(view.branch, turn.value);
    return turnScene(view, turn.value, {
      clocks: clocks.value.clocks.value,
      holds: clocks.value.holds.value ?? seen.over.value,
      heldSince: seen.since.value,
      now: now.value,
      step: choice.step.value,
    });
  });
  const looked = computed(() => spotOfPlace(steps.value, hovered.value) ?? choice.spot.value);
  return {
    looked,
    plotted: {
      ...{ scene, sight, hovered, playhead: kept.playhead },
      chosen: computed(() => placeOfSpot(steps.value, choice.spot.value, choice.step.value)),
      way: computed(() => wayOf(clocks.value?.clocks.value ?? null, looked.value, steps.value.length)),
      choose(place) {
        const spot = spotOfPlace(steps.peek(), place);
        if (spot !== null) choice.choose(spot);
        else choice.chooseStep(place === null ? null : (steps.peek()[place.row]?.step ?? null));
      },
    },
  };
}
