// Which turn is shown, and what part of the time.
import type { Signal } from "@preact/signals";
import type { View } from "../protocol.gen";
import type { Plotted } from "./plotting";
import { ALL, seen, zoomed } from "./scale";

interface ToolbarProps {
  view: View;
  /** The key of the turn that the reader has picked; null: the newest is followed. */
  picked: Signal<string | null>;
  plotted: Plotted;
}

/** More of a prompt is not told apart in a list. */
const PROMPT = 60;

export function Toolbar({ view, picked, plotted }: ToolbarProps) {
  const pick = (key: string) => {
    picked.value = key === "" ? null : key;
  };
  return (
    <div class="bcw-timeline-bar" role="toolbar" aria-label="Turn and zoom">
      <label class="bcw-timeline-turn">
        Turn{" "}
        <select value={picked.value ?? ""} onChange={(event) => pick(event.currentTarget.value)}>
          <option value="">The newest</option>
          {view.turns.map(({ key, prompt }, index) => (
            <option key={key} value={key}>
              {`${index + 1}${prompt === null ? "" : `: ${prompt.slice(0, PROMPT)}`}`}
            </option>
          ))}
        </select>
      </label>
      <Zoom plotted={plotted} />
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
