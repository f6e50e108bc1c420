import type { Signal } from "@preact/signals";
import type { ViewActions } from "../inspector";
import type { Control } from "../inspector/control";
import type { Turn } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";
import type { DeltaChoice } from "./choice";
import type { Logs } from "./log";

export interface TimelineProps {
  store: Store;
  actions: ViewActions;
  arrivals: Connection["arrivals"];
  control: Control;
}

/** What the parts of the view that are about one turn are given. */
export interface TurnProps extends TimelineProps {
  /** The turn that is shown. */
  turn: Turn;
  /** What was told of each turn, fetched once. */
  logs: Logs;
  /** The step and the delta that are chosen, in any view of the page. */
  choice: DeltaChoice;
  /** Where a replay of the turn is, in seconds since it began: the plot draws a line there. Null: nowhere. */
  playhead: Signal<number | null>;
}

export function Timeline({ store }: TimelineProps) {
  return <section class="bcw-timeline" aria-label="Timeline">{store.view.value?.turns.length ?? 0}</section>;
}
