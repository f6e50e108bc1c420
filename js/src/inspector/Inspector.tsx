// The inspector: the controls, what comes next, the steps, and what the chosen one did.
import { computed, useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Branches } from "../branches/Branches";
import type { Outgoing } from "../chat/outgoing";
import type { ColourSpans } from "../markdown/highlight";
import type { Store } from "../store/store";
import type { InspectStep } from "../transport/questions";
import { Breakpoints } from "./Breakpoints";
import { ControlNote, Controls } from "./Controls";
import { Choice } from "./choice";
import type { Control } from "./control";
import { Detail } from "./Detail";
import { Editing } from "./edits";
import { cutOff } from "./lost";
import { Next } from "./Next";
import { Places } from "./places";
import { Steps } from "./Steps";
import { Tree } from "./Tree";
import { Withheld } from "./Withheld";
import { statusWords } from "./words";

export interface InspectorProps {
  store: Store;
  control: Control;
  outgoing: Pick<Outgoing, "can" | "show">;
  inspect: InspectStep;
  loadColours: () => Promise<ColourSpans>;
}

export function Inspector({ store: known, control, outgoing, inspect, loadColours }: InspectorProps) {
  const store = useMemo(() => asLastKnown(known), [known]);
  const choice = useMemo(() => new Choice(store), [store]);
  const editing = useMemo(() => new Editing(store), [store]);
  const places = useMemo(() => new Places(inspect), [inspect]);
  const view = store.view.value;
  const step = choice.step.value;
  if (view === null) return <p class="bcw-waiting">The steps appear when the {store.peer.name} answers.</p>;
  const steps = control.offered.value;
  // At the beginning of a replay the state was what the first step was given: by now it is another.
  const first = store.past.value?.replay ? (known.view.value?.steps[0] ?? null) : null;
  return (
    <section class="bcw-inspector" aria-label="Inspector">
      {steps && <Controls control={control} label="Stepping" />}
      <ControlNote control={control} />
      <Next store={store} />
      {steps && <Breakpoints control={control} />}
      <div class="bcw-inspector-parts">
        <Steps store={store} choice={choice} />
        {step === null ? (
          <section class="bcw-detail" aria-label={first === null ? "Present state" : "State before the first step"}>
            {!store.offers("state") ? (
              <Withheld />
            ) : first === null ? (
              <Tree key={view.composer} root={places.present(view, view.composer)} label="State" store={store} />
            ) : (
              <Tree key="given" root={places.of(view, first, "given")} label="State" store={store} />
            )}
          </section>
        ) : (
          <Detail
            store={store}
            view={view}
            step={step}
            control={control}
            places={places}
            edits={editing.of(step)}
            loadColours={loadColours}
          />
        )}
      </div>
      <Branches store={store} outgoing={outgoing} inspect={inspect} />
      <Status store={store} />
    </section>
  );
}

/** The store as it is, or where a replay is, with the view of a kernel that is gone cut off. */
function asLastKnown(store: Store): Store {
  const view = computed(() => {
    const past = store.past.value;
    if (past?.replay) return past.view;
    const last = store.view.value;
    return last !== null && store.connection.value === "lost" ? cutOff(last) : last;
  });
  return { ...store, view };
}

function Status({ store }: { store: Store }) {
  const words = useComputed(() => statusWords(store.view.value, store.connection.value === "lost")).value;
  return (
    <p class="bcw-unseen" role="status" aria-live="polite">
      {words}
    </p>
  );
}
