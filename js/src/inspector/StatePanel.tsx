import type { Step, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { AddKey, ChangesMade } from "./Changes";
import { isTakenBack, lastThatCounts } from "./counts";
import { type Edits, sinceIn } from "./edits";
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
  if (step.status === "done") {
    const since = step === lastThatCounts(view) ? step.by_hand : [];
    // What exactly was changed only the page knows that has asked for it.
    const made = edits.madeIn(view);
    const root = places.of(view, step, "state");
    const canEdit = store.connection.value !== "lost" && store.offers("history");
    return (
      <>
        {since.length > 0 && (
          <>
            {made === null ? (
              <p>{`Since then ${since.join(", ")} ${since.length === 1 ? "was" : "were"} changed by hand.`}</p>
            ) : (
              <ChangesMade changes={made.changes} />
            )}
            <p class="bcw-quiet">The state now, and below as the step left it:</p>
            <Tree key={sinceIn(view)} root={places.present(view, sinceIn(view))} label="State now" store={store} />
          </>
        )}
        {isTakenBack(view, step) && (
          <p class="bcw-quiet">It was undone with its turn. This is the state that it had left.</p>
        )}
        {canEdit && <AddKey key={`add ${step.step}`} edits={edits} root={root} />}
        <Tree
          key={`${view.branch} ${step.step}`}
          root={root}
          label="State"
          store={store}
          changes
          edits={canEdit ? edits : undefined}
        />
      </>
    );
  }
  const isRunning = step.status === "running" && !store.past.value?.replay;
  return (
    <>
      <p class="bcw-quiet">{`${unfinished(step, "change of the state")} This is the state that it was given.`}</p>
      <Tree
        key={`${step.step} given ${isRunning}`}
        // In a replay the kernel knows how the step ended, which its view does not yet.
        root={isRunning ? places.present(view) : places.of(view, step, "given")}
        label="State"
        store={store}
      />
    </>
  );
}
