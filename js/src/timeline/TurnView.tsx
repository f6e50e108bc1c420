// One turn of the timeline: its plot, the delta that is looked at, and its figures in words.
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { useName } from "../chat/useName";
import { countMarks } from "../inspector/marks";
import { count } from "../inspector/words";
import type { Step, Turn, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Spot } from "./choice";
import { type Clocks, waysOf } from "./clocks";
import { figures, marksOf, textOf } from "./figures";
import { isUnrecorded, type Kept } from "./kept";
import { isThinned, useLiveClocks } from "./live";
import { Plot } from "./Plot";
import { type ReadDelta, Readout } from "./Readout";
import { Replay } from "./Replay";
import type { TurnProps } from "./Timeline";
import type { TurnPlot } from "./turnPlot";
import { stepsOf } from "./turnScene";
import { alignmentWords, figureLines, wayLines } from "./words";

interface TurnViewProps extends TurnProps {
  kept: Kept;
  plot: TurnPlot;
}

export function TurnView({ kept, plot: { plotted, looked }, ...props }: TurnViewProps) {
  const { store, turn, branch } = props;
  const id = useName();
  const view = store.view.value;
  useLiveClocks(props, kept);
  useClocksAtEnd(props, kept);
  if (view === null) return null;
  const clocks = kept.clocksOf(branch, turn).clocks.value;
  return (
    <>
      <Plot plotted={plotted} name="Deltas in time" words={`${id}-figures ${id}-keys`} />
      <p id={`${id}-keys`} class="bcw-timeline-quiet bcw-timeline-keys">
        Arrows choose a delta or a row, Shift with arrows moves, + and − zoom, 0 shows all; drag, or turn the wheel with
        Shift or Ctrl.
      </p>
      {!isUnrecorded(store, kept.clocksOf(branch, turn)) && <Replay {...props} />}
      <div class="bcw-timeline-words">
        <Looked view={view} turn={turn} clocks={clocks} looked={looked} chosen={props.choice.step} />
        <section id={`${id}-figures`} class="bcw-timeline-figures" aria-label="Figures">
          <Figures view={view} turn={turn} clocks={clocks} />
          <ClockWords {...{ store, turn, branch, kept }} />
        </section>
      </div>
    </>
  );
}

/** A turn that is over is asked about, where that is not too much, though it was asked about before. */
function useClocksAtEnd({ store, turn, branch }: TurnProps, kept: Kept): void {
  const { status } = turn;
  const clocks = kept.clocksOf(branch, turn);
  const asking = clocks.asking.value;
  useEffect(() => {
    const thinned = isThinned(store.view.peek(), turn);
    if (status !== "running" && !thinned && !clocks.isFinal && asking !== "asked") void kept.ask(branch, turn);
  }, [clocks, status, asking]);
}

const HINT = "Point at a mark, or choose one with the arrow keys, to read what came.";

function stepWords({ step, action, status, marks }: Step): string {
  const deltas = countMarks(marks);
  return `Step ${step}, ${action}, is chosen: ${status}, ${deltas === 0 ? "no deltas of text" : count(deltas, "delta")}.`;
}

interface LookedProps {
  view: View;
  turn: Turn;
  clocks: Clocks | null;
  looked: ReadonlySignal<Spot | null>;
  /** The step that is chosen. */
  chosen: ReadonlySignal<number | null>;
}

function Looked({ view, turn, clocks, looked, chosen }: LookedProps) {
  const spot = looked.value;
  const step = stepsOf(view, turn).find((each) => each.step === spot?.step);
  const read = step === undefined || spot === null ? null : readDelta(view, turn, step, spot.delta, clocks);
  const empty = stepsOf(view, turn).find((each) => each.step === chosen.value);
  return <Readout read={read} empty={empty === undefined ? HINT : stepWords(empty)} />;
}

function readDelta(view: View, turn: Turn, step: Step, delta: number, clocks: Clocks | null): ReadDelta | null {
  const { times, ends } = marksOf(step, turn.started);
  const at = times[delta];
  const end = ends[delta];
  if (at === undefined || end === undefined) return null;
  const from = ends[delta - 1] ?? 0;
  const frame = clocks?.frameOf(step.step, delta) ?? null;
  return {
    action: step.action,
    ...{ delta, at, from, frame },
    of: times.length,
    gap: at - (times[delta - 1] ?? step.started - turn.started),
    text: textOf(view, step)?.slice(0, end) ?? null,
    length: end - from,
    thinned: step.thinned,
  };
}

function Figures({ view, turn, clocks }: Omit<LookedProps, "looked" | "chosen">) {
  const lines = useMemo(() => {
    const found = figures(view, turn.key);
    const steps = stepsOf(view, turn).map((step) => ({ step: step.step, times: marksOf(step, turn.started).times }));
    const ways = clocks === null ? null : waysOf(clocks, steps);
    return [
      ...(found === null ? [] : figureLines(found)),
      ...(ways === null ? [] : wayLines(ways, found?.thinned === true)),
    ];
  }, [view, turn, clocks]);
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

interface ClockWordsProps {
  store: Store;
  turn: Turn;
  branch: string;
  kept: Kept;
}

/** What the clocks show, or why they show nothing. */
function ClockWords({ store, turn, branch, kept }: ClockWordsProps) {
  const view = store.view.value;
  const { asking, clocks, why } = kept.clocksOf(branch, turn);
  if (isUnrecorded(store, kept.clocksOf(branch, turn))) return <p class="bcw-timeline-quiet">{why.value}</p>;
  const recorded = (view?.session.recording ?? null) !== null;
  const known = clocks.value === null ? null : alignmentWords(clocks.value, recorded, store.peer.name);
  const runs = turn.status === "running";
  const isLive = runs && !isThinned(view, turn) && asking.value !== "failed";
  const again = !isLive && (runs || asking.value !== "known");
  return (
    <div class="bcw-timeline-clocks">
      {asking.value === "failed" && <p>{`When it was sent and painted did not come: ${why.value}`}</p>}
      {known !== null && <p class="bcw-timeline-quiet">{known}</p>}
      {again && (
        <button
          type="button"
          class="bcw-control"
          aria-disabled={asking.value === "asked"}
          onClick={() => asking.peek() !== "asked" && kept.ask(branch, turn)}
        >
          {asking.value === "failed" ? "Try again" : "Show when it was sent and painted"}
        </button>
      )}
    </div>
  );
}
