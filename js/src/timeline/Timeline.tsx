import type { Control } from "../inspector/control";
import type { ViewActions } from "../inspector";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";

export interface TimelineProps {
  store: Store;
  actions: ViewActions;
  arrivals: Connection["arrivals"];
  control: Control;
}

export function Timeline({ store }: TimelineProps) {
  return <section class="bcw-timeline" aria-label="Timeline">{store.view.value?.turns.length ?? 0}</section>;
}
