// The chosen step: what it is, and what it did, a tab at a time.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useName } from "../chat/useName";
import type { ColourSpans } from "../markdown/highlight";
import type { Step, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { Conditions } from "./Conditions";
import type { Control } from "./control";
import { isTakenBack } from "./counts";
import { Deltas } from "./Deltas";
import type { Edits } from "./edits";
import { GoBack } from "./GoBack";
import { countMarks } from "./marks";
import type { Places } from "./places";
import { Source } from "./Source";
import { Spans } from "./Spans";
import { StatePanel } from "./StatePanel";
import { Tree } from "./Tree";
import { Withheld } from "./Withheld";
import { count, seconds, stepStatus, unfinished } from "./words";

export interface DetailProps {
  store: Store;
  view: View;
  step: Step;
  control: Control;
  places: Places;
  edits: Edits;
  loadColours: () => Promise<ColourSpans>;
}

const TABS = ["State", "Inputs", "Result", "Deltas", "Spans", "Source", "Why"] as const;
type Tab = (typeof TABS)[number];

export function Detail(props: DetailProps) {
  const { store, view, step, control, edits } = props;
  const tab = useSignal<Tab>("State");
  const id = useName();
  return (
    <section class="bcw-detail" aria-label={`Step ${step.step}, ${step.action}`}>
      <header class="bcw-detail-head">
        <h3 class="bcw-detail-title">{step.action}</h3>
        <p class="bcw-quiet">{summary(view, step)}</p>
        {store.offers("history") && (
          <GoBack
            key={step.step}
            store={store}
            step={step}
            running={view.status !== "idle"}
            control={control}
            edits={edits}
          />
        )}
      </header>
      <Failure view={view} step={step} />
      <Tabs id={id} tab={tab.value} step={step} choose={(chosen) => (tab.value = chosen)} />
      <div id={`${id}-panel`} class="bcw-detail-panel" role="tabpanel" aria-labelledby={`${id}-${tab.value}`}>
        {panel(tab.value, props)}
      </div>
    </section>
  );
}

/** What went wrong in it. */
function Failure({ view, step }: { view: View; step: Step }) {
  if (step.status !== "failed") return null;
  const error = view.messages.findLast((message) => message.turn === step.turn && message.error !== null)?.error;
  if (!error) return null;
  return (
    <div class="bcw-detail-error" dir="auto">
      <p>
        <b>{error.kind}</b>: {error.message} {error.remedy}
      </p>
      {error.traceback !== null && (
        <details>
          <summary>Traceback</summary>
          <pre class="bcw-source" dir="ltr">
            {error.traceback}
          </pre>
        </details>
      )}
    </div>
  );
}

function summary(view: View, step: Step): string {
  const isNewest = view.steps.at(-1) === step;
  const facts = [`step ${step.step}`, stepStatus(step, isNewest ? view.held : null, isTakenBack(view, step))];
  if (step.duration !== null) facts.push(seconds(step.duration));
  if (step.first_delta !== null) facts.push(`first delta after ${seconds(step.first_delta)}`);
  const deltas = Math.max(step.deltas, countMarks(step.marks));
  if (deltas > 0) facts.push(count(deltas, "delta"));
  return facts.join(" · ");
}

interface TabsProps {
  id: string;
  tab: Tab;
  step: Step;
  choose(tab: Tab): void;
}

function Tabs({ id, tab, step, choose }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: 1, ArrowLeft: -1, Home: -TABS.length, End: TABS.length }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(TABS.length - 1, TABS.indexOf(tab) + to));
    const next = TABS[at] ?? "State";
    choose(next);
    (list.current?.children[at] as HTMLElement | undefined)?.focus();
  };
  return (
    <div ref={list} class="bcw-tabs" role="tablist" aria-label="About the step" onKeyDown={onKeyDown}>
      {TABS.map((name) => (
        <button
          key={name}
          id={`${id}-${name}`}
          type="button"
          class="bcw-tab"
          role="tab"
          aria-selected={name === tab}
          aria-controls={name === tab ? `${id}-panel` : undefined}
          tabIndex={name === tab ? 0 : -1}
          data-empty={isEmpty(name, step)}
          onClick={() => choose(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** Whether it is known that there is nothing behind the tab: it is quieter then. */
function isEmpty(tab: Tab, step: Step): boolean {
  switch (tab) {
    case "Inputs":
      return Object.keys(step.inputs).length === 0;
    case "Deltas":
      return step.marks === "";
    case "Spans":
      return step.spans.length === 0 && Object.keys(step.attributes).length === 0;
    case "Why":
      return step.decision === null;
    default:
      return false;
  }
}

function panel(tab: Tab, { store, view, step, places, edits, loadColours }: DetailProps): ComponentChildren {
  if ((tab === "State" || tab === "Inputs" || tab === "Result") && !store.offers("state")) return <Withheld />;
  switch (tab) {
    case "State":
      return <StatePanel store={store} view={view} step={step} places={places} edits={edits} />;
    case "Inputs":
      if (isEmpty("Inputs", step)) return <p class="bcw-quiet">It was given no inputs.</p>;
      return (
        <Tree key={`${view.branch} ${step.step}`} root={places.of(view, step, "inputs")} label="Inputs" store={store} />
      );
    case "Result":
      if (step.status !== "done") return <p class="bcw-quiet">{unfinished(step, "result")}</p>;
      return (
        <Tree key={`${view.branch} ${step.step}`} root={places.of(view, step, "result")} label="Result" store={store} />
      );
    case "Deltas":
      return <Deltas key={step.step} view={view} step={step} />;
    case "Spans":
      return <Spans step={step} />;
    case "Source":
      return <Source action={view.graph.actions.find(({ name }) => name === step.action)} loadColours={loadColours} />;
    case "Why":
      return <Why view={view} step={step} />;
  }
}

function Why({ view, step }: { view: View; step: Step }) {
  const { decision } = step;
  if (decision !== null) {
    return (
      <>
        <p>
          After it came <b>{decision.to_action}</b>: the first transition that was true.
        </p>
        <Conditions conditions={decision.conditions} />
      </>
    );
  }
  if (step.status === "running") return <p class="bcw-quiet">What comes after it is decided when it ends.</p>;
  if (step.status !== "done") return <p class="bcw-quiet">{unfinished(step, "transition")}</p>;
  const leads = view.graph.transitions.some(({ from_action }) => from_action === step.action);
  return <p class="bcw-quiet">{leads ? "No transition was taken after it." : "Nothing leads out of this action."}</p>;
}
