// Several turns, of whatever chats, on one time axis, and their figures side by side.
import { computed, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useName } from "../chat/useName";
import { seconds } from "../inspector/words";
import type { Lane } from "../protocol.gen";
import { isRunning, lanesScene, readLanes, readPlace, wayBelow } from "./compare";
import { Plot } from "./Plot";
import type { Plotted } from "./plotting";
import { Readout } from "./Readout";
import { ALL, type Sight } from "./scale";
import type { Place } from "./scene";
import { Zoom } from "./Toolbar";
import { number } from "./words";

const NONE: readonly Lane[] = [];

export function Comparison({ lanes = NONE }: { lanes?: readonly Lane[] | undefined }) {
  const id = useName();
  const { plotted, read } = useMemo(() => compared(lanes), [lanes]);
  if (lanes.length === 0) return <p class="bcw-waiting">There is no turn to compare.</p>;
  return (
    <section class="bcw-timeline" aria-label="Comparison">
      <div class="bcw-timeline-bar" role="toolbar" aria-label="Zoom">
        <Zoom plotted={plotted} />
      </div>
      <Plot plotted={plotted} name="Turns in time" words={id} />
      <LaneFigures id={id} lanes={lanes} />
      <SoFar lanes={lanes.filter(({ figures }) => isRunning(figures))} />
      <Readout read={read.value} empty="Point at a mark, or choose one with the arrow keys, to read what came." />
    </section>
  );
}

function compared(lanes: readonly Lane[]) {
  const known = readLanes(lanes);
  const scene = signal(lanesScene(known));
  const hovered = signal<Place | null>(null);
  const chosen = signal<Place | null>(null);
  const looked = computed(() => (hovered.value?.mark == null ? chosen.value : hovered.value));
  const plotted: Plotted = {
    ...{ scene, hovered, chosen, sight: signal<Sight>(ALL), playhead: signal(null) },
    way: computed(() => wayBelow(known, looked.value)),
    choose(place) {
      chosen.value = place;
    },
  };
  return { plotted, read: computed(() => readPlace(known, looked.value)) };
}

const HEADS = ["first text", "deltas", "a second", "longest gap", "frames", "took"];

function cellsOf({ figures, frames }: Lane): string[] {
  const { first_text, deltas, rate, longest_gap, ended } = figures;
  const runs = isRunning(figures);
  return [
    time(first_text),
    deltas === 0 && !runs ? "not streamed" : number(deltas),
    rate === null ? "–" : rate.toFixed(rate < 10 ? 1 : 0),
    time(longest_gap?.seconds ?? null),
    frames.length === 0 ? "–" : number(frames.length),
    runs ? "so far" : time(ended),
  ];
}

function LaneFigures({ id, lanes }: { id: string; lanes: readonly Lane[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section id={id} class="bcw-timeline-table" aria-label="Figures" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">turn</th>
            {HEADS.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane, index) => (
            <tr key={index}>
              <th scope="row" dir="auto">
                {lane.label}
              </th>
              {cellsOf(lane).map((cell, at) => (
                <td key={HEADS[at]} data-head={HEADS[at]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** That the figures of these are not their last. */
function SoFar({ lanes }: { lanes: readonly Lane[] }) {
  if (lanes.length === 0) return null;
  const names = lanes.map(({ label }) => label).join(", ");
  return (
    <p class="bcw-timeline-quiet" dir="auto">
      {`So far: ${names} still ran when this was made, and ${lanes.length === 1 ? "is" : "are each"} shown as far as that. Run the cell again to see more.`}
    </p>
  );
}

function time(value: number | null): string {
  return value === null ? "–" : seconds(value);
}
