// Which turn is shown, and what part of the time.
import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Turn, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { DeltaChoice } from "./choice";
import type { Plotted } from "./plotting";
import { ALL, seen, zoomed } from "./scale";

interface ToolbarProps {
  store: Store;
  view: View;
  /** The turn that is shown. */
  turn: Turn;
  choice: DeltaChoice;
  /** The key of the turn that the reader has picked; null: that of the chosen step is shown, or else the newest. */
  picked: Signal<string | null>;
  /** The key of the turn that the chosen step is of. */
  brought: string | null;
  plotted: Plotted;
}

/** More of a prompt is not told apart in a list. */
const PROMPT = 60;

export function Toolbar({ store, view, turn, choice, picked, brought, plotted }: ToolbarProps) {
  const select = useRef<HTMLSelectElement>(null);
  const pick = (key: string) => {
    picked.value = key === "" ? null : key;
    if (key === "") choice.chooseStep(null);
  };
  const back = () => {
    pick("");
    // The button is about to go: without this the focus would fall back to the notebook.
    select.current?.focus({ preventScroll: true });
  };
  const why = () => {
    if (picked.value !== null) return "";
    // Where a replay is changes too often to be read aloud.
    return store.past.value?.replay ? ", since it is replayed" : `, since step ${choice.step.value} of it is chosen`;
  };
  return (
    <div class="bcw-timeline-bar" role="toolbar" aria-label="Turn and zoom">
      <label class="bcw-timeline-turn">
        Turn{" "}
        <select
          ref={select}
          value={picked.value ?? brought ?? ""}
          onChange={(event) => pick(event.currentTarget.value)}
        >
          <option value="">The newest</option>
          {view.turns.map(({ key, prompt }, index) => (
            <option key={key} value={key}>
              {`${index + 1}${prompt === null ? "" : `: ${prompt.slice(0, PROMPT)}`}`}
            </option>
          ))}
        </select>
      </label>
      <Zoom plotted={plotted} />
      <p class="bcw-timeline-earlier" aria-live="polite">
        {turn.key !== view.turns.at(-1)?.key && (
          <>
            {`This is turn ${view.turns.indexOf(turn) + 1} of ${view.turns.length}${why()}.`}{" "}
            <button type="button" class="bcw-control" onClick={back}>
              Back to the newest turn
            </button>
          </>
        )}
      </p>
    </div>
  );
}

const ZOOM = 2;

export function Zoom({ plotted: { scene, sight } }: { plotted: Plotted }) {
  const zoom = (factor: number) => {
    const { end } = scene.peek();
    const { from, to } = seen(sight.peek(), end);
    sight.value = zoomed(sight.peek(), end, factor, (from + to) / 2);
  };
  const isAll = sight.value.span === null;
  return (
    <>
      <button type="button" class="bcw-control" onClick={() => zoom(1 / ZOOM)}>
        Zoom in
      </button>
      <button type="button" class="bcw-control" aria-disabled={isAll} onClick={() => zoom(ZOOM)}>
        Zoom out
      </button>
      <button
        type="button"
        class="bcw-control"
        aria-disabled={isAll}
        onClick={() => {
          sight.value = ALL;
        }}
      >
        Fit
      </button>
    </>
  );
}
