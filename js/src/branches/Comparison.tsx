// Two branches side by side: their steps, and the difference of their states.
import { useMemo } from "preact/hooks";
import { isUndone } from "../inspector/counts";
import { Tree } from "../inspector/Tree";
import { Place } from "../inspector/values";
import { Withheld } from "../inspector/Withheld";
import { count } from "../inspector/words";
import type { BranchInfo, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { InspectStep } from "../transport/questions";
import { type Parting, partingOf } from "./tree";

/** So many rows are shown; longer ones have parted before, or never will in a way that can be seen. */
const ROWS = 200;

interface ComparisonProps {
  store: Store;
  view: View;
  inspect: InspectStep;
  /** The one that is shown, and the other. */
  here: BranchInfo;
  there: BranchInfo;
  labels: readonly [string, string];
}

export function Comparison({ store, view, inspect, here, there, labels }: ComparisonProps) {
  const parting = useMemo(() => partingOf(view.branches, here, there), [view.branches, here, there]);
  const last = view.steps.at(-1);
  // Another one after each step, and each time that a turn is held or ends: the states as they are now are compared.
  const now = [last?.turn, last?.step, last?.status, view.turns.at(-1)?.status].join();
  const place = useMemo(
    () => new Place((path, start) => inspect(null, "state", path, start, here.key, there.key), []),
    [inspect, view.branches, here.key, there.key, now, view.held],
  );
  const apart = apartWords(view);
  return (
    <section class="bcw-comparison" aria-label="Comparison">
      <p class="bcw-parting">{partingWords(parting)}</p>
      {apart !== null && <p class="bcw-quiet">{apart}</p>}
      {parting.pairs.length > 0 && <Steps parting={parting} labels={labels} />}
      <h4 class="bcw-comparison-title">Difference of the states</h4>
      {store.offers("state") ? (
        <>
          <p class="bcw-quiet">From the one compared with to the one shown.</p>
          <Tree root={place} label="Difference of the states" store={store} changes only="The states are equal." />
        </>
      ) : (
        <Withheld />
      )}
    </section>
  );
}

/** What is not among the steps that are compared. */
function apartWords({ held, status, turns }: View): string | null {
  if (status !== "idle") {
    return `The turn that ${held === null ? "runs" : "is held"} counts when it has ended. The states are compared as they are now.`;
  }
  return turns.some(isUndone) ? "What was stopped or has failed does not count." : null;
}

function partingWords({ shared, pairs, at }: Parting): string {
  const before = shared === 0 ? "" : `The first ${shared === 1 ? "step is" : `${count(shared, "step")} are`} shared. `;
  if (at === null) return `${before}Both ran the same actions${shared > 0 && pairs.length > 0 ? " after that" : ""}.`;
  return `${before}They part at the ${ordinal(shared + at + 1)} step.`;
}

/** Steps are counted here: their numbers are not the same on both. */
function ordinal(number: number): string {
  const teens = number % 100 > 10 && number % 100 < 14;
  return number.toLocaleString("en") + (teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th"));
}

function Steps({ parting: { shared, pairs, at }, labels }: { parting: Parting; labels: readonly [string, string] }) {
  const more = pairs.length - ROWS;
  return (
    <div class="bcw-pairs">
      <table aria-label="Steps side by side">
        <thead>
          <tr>
            <th scope="col">
              <span class="bcw-unseen">Step</span>
            </th>
            {["Shown", "Compared with"].map((head, column) => (
              <th key={head} scope="col">
                <span>{head}</span>
                <span class="bcw-pair-label" dir="auto" title={labels[column]}>
                  {labels[column]}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pairs.slice(0, ROWS).map(({ here, there }, index) => (
            <tr key={index} data-differs={here !== there} data-parts={index === at}>
              <th scope="row">
                {ordinal(shared + index + 1)}
                {index === at && <span class="bcw-unseen">: here they part</span>}
              </th>
              <td>{here ?? "–"}</td>
              <td>{there ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="bcw-quiet">{`and ${more.toLocaleString("en")} more`}</p>}
    </div>
  );
}
