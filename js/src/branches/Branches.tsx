// The ways that the conversation went, as a tree: one is shown, any other can be, and be compared with it.
import { useSignal } from "@preact/signals";
import type { Outgoing } from "../chat/outgoing";
import { count } from "../inspector/words";
import type { BranchInfo, View } from "../protocol.gen";
import type { Store } from "../store/store";
import type { Peer } from "../transport/peer";
import type { InspectStep } from "../transport/questions";
import { Comparison } from "./Comparison";
import { type Line, linesOf } from "./tree";

export interface BranchesProps {
  store: Store;
  outgoing: Pick<Outgoing, "can" | "show">;
  inspect: InspectStep;
}

/** Nothing while there is only one. */
export function Branches({ store, outgoing, inspect }: BranchesProps) {
  const compared = useSignal<string | null>(null);
  const view = store.view.value;
  if (view === null || view.branches.length === 0) return null;
  const here = view.branches.find(({ key }) => key === view.branch);
  const there = view.branches.find(({ key }) => key === compared.value && key !== view.branch);
  const show = (key: string) => {
    // What was compared is so still, the other way round.
    if (outgoing.show(key) && compared.peek() === key) compared.value = view.branch;
  };
  return (
    <section class="bcw-branches" aria-label="Branches">
      <h3 class="bcw-branches-title">Branches</h3>
      <ul class="bcw-branch-tree">
        {linesOf(view.branches).map((line) => (
          <BranchRow
            key={line.branch.key}
            line={line}
            label={labelOf(line.branch, view)}
            shown={line.branch === here}
            closed={store.offers("history") ? closedWords(outgoing.can.value, view, store.peer) : WITHHELD}
            compared={line.branch === there}
            show={() => show(line.branch.key)}
            compare={() => {
              compared.value = line.branch === there ? null : line.branch.key;
            }}
          />
        ))}
      </ul>
      {here !== undefined && there !== undefined && (
        <Comparison
          store={store}
          view={view}
          inspect={inspect}
          here={here}
          there={there}
          labels={[labelOf(here, view), labelOf(there, view)]}
        />
      )}
    </section>
  );
}

/** What it began with: the same whether it is shown or not. Of a first turn that runs, what that was asked. */
function labelOf(branch: BranchInfo, view: View): string {
  const last = view.turns.at(-1);
  const begun = branch.key === view.branch && last?.status === "running" ? last.prompt : null;
  return branch.prompt ?? begun ?? (branch.actions.join(" → ") || "Nothing yet");
}

const WITHHELD = "The server does not let its clients show another branch.";

/** Why another branch cannot be shown now. */
function closedWords(can: Outgoing["can"]["value"], { status }: View, { name, gone }: Peer): string | null {
  if (can === "now") return null;
  if (can === "never") return gone;
  if (status === "idle") return `The ${name} has not answered yet.`;
  return `A turn ${status === "paused" ? "is held" : "is running"}: let it end, or stop it, to show another branch.`;
}

/** Further levels are not indented more: a branch of a branch of a branch stays readable in a narrow cell. */
const DEEP = 8;

interface BranchRowProps {
  line: Line;
  label: string;
  shown: boolean;
  /** Why it cannot be shown. */
  closed: string | null;
  compared: boolean;
  show(): void;
  compare(): void;
}

function BranchRow({
  line: { branch, number, guides },
  label,
  shown,
  closed,
  compared,
  show,
  compare,
}: BranchRowProps) {
  const steps = count(branch.actions.length, "step");
  return (
    <li class="bcw-branch" data-branch={branch.key} data-shown={shown}>
      {guides.slice(-DEEP).map((goesOn, at, { length }) => (
        <i key={at} class="bcw-branch-guide" data-leads={at === length - 1} data-goes-on={goesOn} aria-hidden="true" />
      ))}
      <button
        type="button"
        class="bcw-branch-show"
        aria-current={shown}
        aria-disabled={shown || closed !== null}
        aria-description={shown ? undefined : (closed ?? undefined)}
        aria-label={`Branch ${number}: ${label}, ${steps}${guides.length > 0 ? " of its own" : ""}`}
        title={shown || closed === null ? label : closed}
        onClick={() => !shown && closed === null && show()}
      >
        <span class="bcw-branch-number">{number}</span>
        <span class="bcw-branch-label" dir="auto">
          {label}
        </span>
        <span class="bcw-quiet">{steps}</span>
      </button>
      {shown ? (
        <span class="bcw-branch-shown">shown</span>
      ) : (
        <button
          type="button"
          class="bcw-link"
          aria-pressed={compared}
          aria-label={`Compare with branch ${number}`}
          onClick={compare}
        >
          Compare
        </button>
      )}
    </li>
  );
}
