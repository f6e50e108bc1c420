// The timeline: the deltas of a turn in time. Which turn that is can be chosen; a step that is chosen elsewhere brings its own.
import { computed, type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Choosers } from "../chat/choosing";
import type { ViewActions } from "../inspector";
import type { Control } from "../inspector/control";
import { cutOff } from "../inspector/lost";
import type { Turn } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Connection } from "../transport/connection";
import { choiceOf, type DeltaChoice } from "./choice";
import { InChat } from "./InChat";
import { isUnrecorded, type Kept, keptOf } from "./kept";
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
  /** What makes the chat's messages choosable. */
  choosers: Choosers;
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
  const { picked, brought, shown } = useShown(store, choice);
  const now = useNow(store, shown.value);
  const plot = useMemo(() => turnPlot(store, shown, now, choice, kept), [store, shown, now, choice, kept]);
  const view = store.view.value;
  const turn = shown.value;
  useHolds(store, shown, now, kept);
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
          <Toolbar {...about} view={view} picked={picked} brought={brought.value} plotted={plot.plotted} />
          <TurnView {...about} kept={kept} plot={plot} />
        </>
      )}
      <Lab {...props} />
      {about !== null && !isUnrecorded(store, kept.clocksOf(about.branch, about.turn)) && <Wire {...about} />}
      <InChat store={props.store} choice={choice} choosers={props.choosers} />
    </section>
  );
}

/** Which turn is shown: the one that the reader has picked, else that of the chosen step, else the newest. */
function useShown(store: Store, choice: DeltaChoice) {
  /** The key of the turn that the reader has picked in this view. */
  const picked = useSignal<string | null>(null);
  /** The key of the turn that the chosen step is of: it goes when that is let go. */
  const brought = useComputed(() => {
    const chosen = choice.step.value;
    return store.view.value?.steps.findLast(({ step }) => step === chosen)?.turn ?? null;
  });
  const shown = useComputed(() => {
    const turns = store.view.value?.turns ?? [];
    return turns.find(({ key }) => key === (picked.value ?? brought.value)) ?? turns.at(-1) ?? null;
  });
  useEffect(
    () =>
      choice.step.subscribe(() => {
        const turn = brought.peek();
        if (turn !== null && turn !== picked.peek()) picked.value = null;
      }),
    [choice],
  );
  return { picked, brought, shown };
}

/** Sees when the newest turn is held. */
function useHolds(
  store: Store,
  shown: ReadonlySignal<Turn | null>,
  now: ReadonlySignal<number | null>,
  kept: Kept,
): void {
  useEffect(
    () =>
      store.view.subscribe((view) => {
        const turn = view?.turns.at(-1);
        if (view === null || turn === undefined) return;
        kept.holdsOf(view.branch, turn).see(view, turn, turn.key === shown.peek()?.key ? now.peek() : null);
      }),
    [store, shown, now, kept],
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
