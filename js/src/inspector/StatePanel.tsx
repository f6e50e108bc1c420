import type { Step, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { AddKey } from "./Changes";
import type { Edits } from "./edits";
import type { Places } from "./places";
import { Tree } from "./Tree";
import { unfinished } from "./words";

interface StatePanelProps {
  store: Store;
  view: View;
  step: Step;
  places: Places;
  edits: Edits;
}

/** What a step has made of the state, where it can be changed to go on from it. */
export function StatePanel({ store, view, step, places, edits }: StatePanelProps) {
  const isNewest = view.steps.at(-1) === step;
  if (step.status === "done") {
    const made = isNewest ? edits.madeIn(view.branch) : null;
    const root = places.of(step, "state");
    const canEdit = store.connection.value !== "lost";
    return (
      <>
        {made !== null && (
          <>
            <p class="bcw-quiet">
              Since then it was changed by hand. This is the state now, and below as the step left it.
            </p>
            <Tree
              key={`${step.step} ${made}`}
              root={places.present(view.steps, view.held, made)}
              label="State now"
              store={store}
            />
          </>
        )}
        {canEdit && <AddKey key={`add ${step.step}`} edits={edits} root={root} />}
        <Tree key={step.step} root={root} label="State" store={store} changes edits={canEdit ? edits : undefined} />
      </>
    );
  }
  const isNow = step.status === "running" && isNewest && !store.past.value?.replay;
  return (
    <>
      <p class="bcw-quiet">
        {unfinished(step, "change of the state")}
        {isNow && " This is the state that it was given."}
      </p>
      {isNow && (
        <Tree key={`${step.step} now`} root={places.present(view.steps, view.held)} label="State" store={store} />
      )}
    </>
  );
}
