// What the reader is told of a turn while nothing is said yet.
import type { Step } from "../protocol.gen";
import { progressWords, runningWords, tally } from "../spans/words";
import type { Store } from "../store/store";
import type { Outgoing } from "./outgoing";
import { type Activity, activity, runningTurn } from "./words";

/** What the typing row tells, null while there is none. */
export function typed(store: Store, outgoing: Outgoing): Activity | null {
  const view = store.view.value;
  const turn = runningTurn(view);
  const stopped = store.stopping.value !== null || outgoing.stopAsked.value;
  if (stopped || store.connection.value === "lost" || store.past.value !== null) return null;
  if (view === null || turn === undefined) {
    return outgoing.busy.value ? { done: [], earlier: 0, running: null, step: null, speaking: false } : null;
  }
  const active = activity(view, turn);
  return active.speaking ? null : active;
}

/** While nothing is said yet: which action runs, and what in it. Steps that do not stream are seen here and nowhere else. */
export function Typing({ store, outgoing }: { store: Store; outgoing: Outgoing }) {
  const active = typed(store, outgoing);
  if (active === null) return null;
  const { done, earlier, running, step } = active;
  const counts = step === null ? null : tally(step);
  const progress = counts === null || counts.total === 0 ? null : progressWords(counts);
  return (
    <>
      <div class="bcw-typing">
        <span class="bcw-dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        {earlier > 0 && <span class="bcw-typing-done">{`… ${earlier.toLocaleString("en")} steps`}</span>}
        {done.map((action, index) => (
          <span key={`${index}:${action}`} class="bcw-typing-done">
            {action}
          </span>
        ))}
        {running !== null && (
          <span class="bcw-typing-running">{progress === null ? `${running} …` : `${running}: ${progress}`}</span>
        )}
      </div>
      {step !== null && progress !== null && <Parts step={step} />}
    </>
  );
}

/** So many of the applications that run are named. */
const NAMED = 4;

/** The applications that a step runs just now. */
function Parts({ step }: { step: Step }) {
  const lines = runningWords(step);
  const more = lines.length - NAMED;
  return (
    <ul class="bcw-typing-parts" aria-label={`Running in ${step.action}`}>
      {lines.slice(0, NAMED).map((line, index) => (
        <li key={`${index}:${line}`} dir="auto">
          {line}
        </li>
      ))}
      {more > 0 && <li>{`and ${more} more`}</li>}
    </ul>
  );
}
