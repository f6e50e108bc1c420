// The timeline: the deltas of a turn in time. Which turn that is can be chosen; a step that is chosen elsewhere brings its own.
import { computed, type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ViewActions } from "../inspector";
import type { Control } from "../inspector/control";
import { cutOff } from "../inspector/lost";
import type { Turn } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";
import { choiceOf, type DeltaChoice } from "./choice";
import { InChat } from "./InChat";
import { keptOf } from "./kept";
import { Lab } from "./Lab";
import type { Logs } from "./log";
import { useNow } from "./now";
import { ALL } from "./scale";
import { Toolbar } from "./Toolbar";
import { TurnView } from "./TurnView";
import { turnPlot } from "./turnPlot";
import { Wire } from "./Wire";

export interface TimelineProps {
  store: Store;
  actions: ViewActions;
  arrivals: Connection["arrivals"];
  control: Control;
}

/** What the parts of the view that are about one turn are given. */
export interface TurnProps extends TimelineProps {
  /** The turn that is shown, and the branch it is seen in. */
  turn: Turn;
  branch: string;
  /** What was told of each turn, fetched once. */
  logs: Logs;
  /** The step and the delta that are chosen, in any view of the page. */
  choice: DeltaChoice;
  /** Where a replay of the turn is, in seconds since it began: the plot draws a line there. Null: nowhere. */
  playhead: Signal<number | null>;
}

export function Timeline(props: TimelineProps) {
  const { actions, arrivals } = props;
  const store = useMemo(() => asLastKnown(props.store), [props.store]);
  const choice = choiceOf(props.store);
  const kept = keptOf(props.store, actions, arrivals);
  /** The key of the turn that the reader has picked; null: the newest is followed. */
  const picked = useSignal<string | null>(null);
  const shown = useComputed(() => {
    const turns = store.view.value?.turns ?? [];
    return turns.find(({ key }) => key === picked.value) ?? turns.at(-1) ?? null;
  });
  const now = useNow(store, shown.value);
  const plot = useMemo(() => turnPlot(store, shown, now, choice, kept), [store, shown, now, choice, kept]);
  useEffect(
    () =>
      choice.step.subscribe((number) => {
        const step = props.store.view.peek()?.steps.findLast((each) => each.step === number);
        if (step !== undefined && step.turn !== shown.peek()?.key) picked.value = step.turn;
      }),
    [choice],
  );
  const view = store.view.value;
  const turn = shown.value;
  useEffect(() => {
    plot.plotted.sight.value = ALL;
    plot.plotted.hovered.value = null;
  }, [plot, turn?.key]);
  if (view === null) return <p class="bcw-waiting">The timeline appears when the {store.peer.name} answers.</p>;
  const about = turn && {
    ...props,
    store,
    turn,
    branch: view.branch,
    choice,
    logs: kept.logs,
    playhead: kept.playhead,
  };
  return (
    <section class="bcw-timeline" aria-label="Timeline">
      {about === null ? (
        <p class="bcw-timeline-quiet">No turn has begun yet: the deltas of the first one appear here.</p>
      ) : (
        <>
          <Toolbar view={view} picked={picked} plotted={plot.plotted} />
          <TurnView {...about} kept={kept} plot={plot} />
        </>
      )}
      <Lab {...props} />
      {about !== null && <Wire {...about} />}
      <InChat store={props.store} choice={choice} />
    </section>
  );
}

/** The store as it is, with the view of a kernel that is gone cut off. */
function asLastKnown(store: Store): Store {
  const view = computed(() => {
    const last = store.view.value;
    return last !== null && store.connection.value === "lost" ? cutOff(last) : last;
  });
  return { ...store, view };
}
