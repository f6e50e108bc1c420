// What comes next: the action, what it needs, and why it is the one.
import type { ComponentChildren } from "preact";
import type { Held, TransitionInfo, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { Conditions } from "./Conditions";
import { lastThatCounts } from "./counts";
import { countMarks } from "./marks";
import { ASKS, count, heldWords, reasonWords } from "./words";

export function Next({ store }: { store: Store }) {
  const view = store.view.value;
  if (view === null) return null;
  const { held } = view;
  const isLost = store.connection.value === "lost";
  return (
    <section class="bcw-next" aria-label="What comes next" data-held={held?.at}>
      {isLost ? (
        <Lost gone={store.peer.gone} />
      ) : (
        <Here view={view} held={held} asks={store.quiz.value?.asks.value ?? false} />
      )}
    </section>
  );
}

function Here({ view, held, asks }: { view: View; held: Held | null; asks: boolean }) {
  if (held !== null && asks)
    return (
      <Title mark="held" more={ASKS}>
        {heldWords(held)}
      </Title>
    );
  if (held !== null) return <HeldHere view={view} held={held} />;
  return view.status === "running" ? <Running view={view} /> : <Idle view={view} />;
}

function Lost({ gone }: { gone: string }) {
  return (
    <>
      <Title mark="idle">{gone.replace(/\.$/, "")}</Title>
      <p>What was fetched of the steps can still be read.</p>
    </>
  );
}

function HeldHere({ view, held }: { view: View; held: Held }) {
  return (
    <>
      <Title mark="held" more={reasonWords(held)}>
        {heldWords(held)}
      </Title>
      {held.at === "delta" ? <HeldAtDelta view={view} /> : <HeldBetween view={view} held={held} />}
    </>
  );
}

function HeldAtDelta({ view }: { view: View }) {
  const step = view.steps.at(-1);
  if (step === undefined) return null;
  return (
    <>
      <p>
        The generator is held at its <code>yield</code>
        {`, ${count(countMarks(step.marks), "delta")} in`}.
      </p>
      <Ways view={view} from={step.action} />
    </>
  );
}

function HeldBetween({ view, held }: { view: View; held: Held }) {
  const { after, next_action: next, needs, conditions, error } = held;
  const inputs = view.graph.actions.find(({ name }) => name === next)?.inputs ?? [];
  return (
    <>
      <NextAction
        action={next}
        needs={needs}
        given={inputs.filter((name) => !needs.includes(name))}
        isTold={heldWords(held).endsWith(` before ${next}`)}
      />
      {error !== null && <p class="bcw-next-error">{error}</p>}
      {after === null ? <AsDecided view={view} next={next} /> : <Because from={after} conditions={conditions} />}
    </>
  );
}

function Running({ view }: { view: View }) {
  const step = view.steps.at(-1);
  const action = step?.status === "running" ? step.action : null;
  const next = nextOf(view);
  if (action === null) return <Title mark="running">{next === null ? "Running" : `Running: ${next} comes next`}</Title>;
  return (
    <>
      <Title mark="running">{`Running ${action}`}</Title>
      <Ways view={view} from={action} />
      {view.pausing && <p>It will be held before that.</p>}
    </>
  );
}

function Ways({ view, from }: { view: View; from: string }) {
  return <p>{waysWords(view.graph.transitions.filter(({ from_action }) => from_action === from))}</p>;
}

/** Where an action that still runs may lead. */
function waysWords(ways: readonly TransitionInfo[]): string {
  const [only] = ways;
  if (only === undefined) return "Nothing comes after it.";
  if (ways.length === 1 && only.condition === "default") return `Then ${only.to_action}.`;
  const words = ways.map(
    ({ to_action, condition }) => `${to_action} ${condition === "default" ? "otherwise" : `if ${condition}`}`,
  );
  return `Then ${words.join(", ")}: decided when it ends.`;
}

function Idle({ view }: { view: View }) {
  const { composer } = view;
  const next = nextOf(view) ?? composer.action;
  if (composer.ended || next === null) {
    return (
      <>
        <Title mark="idle">{composer.ended ? "The application has ended" : "Nothing comes next"}</Title>
        <Closed view={view} />
        <Because from={composer.after} conditions={composer.conditions} />
      </>
    );
  }
  const needs = [
    ...(composer.input === null ? [] : [composer.input]),
    ...composer.fields.filter((f) => f.required).map((f) => f.name),
  ];
  return (
    <>
      <Title mark="idle">{view.pausing ? "The next turn will be held at its start" : "Nothing is running"}</Title>
      <NextAction action={next} needs={needs} />
      <Closed view={view} />
      <AsDecided view={view} next={next} />
    </>
  );
}

/** Why no turn can begin. */
function Closed({ view: { composer, session } }: { view: View }) {
  const isKnown = composer.enabled || composer.ended || session.recording !== null;
  return isKnown ? null : <p class="bcw-next-error">{composer.hint}</p>;
}

/** Why that action comes next at the beginning of a turn: what was decided at the end of what came before, or by hand since. */
function AsDecided({ view, next }: { view: View; next: string | null }) {
  const last = lastThatCounts(view);
  if (last?.decision && last.decision.to_action === next) {
    return <Because from={last.action} conditions={last.decision.conditions} past={last.by_hand.length === 0} />;
  }
  const { action, after, conditions } = view.composer;
  if (action === next && conditions.length > 0) return <Because from={after} conditions={conditions} />;
  return next === view.graph.entrypoint && after === null ? <p>It is the entry point.</p> : null;
}

function nextOf(view: View): string | null {
  return Object.keys(view.nodes).find((name) => view.nodes[name]?.status === "next") ?? null;
}

function Title({
  mark,
  more,
  children,
}: {
  mark: "held" | "running" | "idle";
  more?: string;
  children: ComponentChildren;
}) {
  return (
    <p class="bcw-next-title" data-mark={mark}>
      <b>{children}</b> {more !== undefined && <span class="bcw-quiet">{more}</span>}
    </p>
  );
}

interface NextActionProps {
  action: string | null;
  needs: readonly string[];
  /** What it takes and has been given. */
  given?: readonly string[];
  /** Whether the title has named it: then only its inputs are left to say. */
  isTold?: boolean;
}

function NextAction({ action, needs, given = [], isTold = false }: NextActionProps) {
  if (isTold && needs.length === 0 && given.length === 0) return null;
  return (
    <p>
      {action === null ? (
        "No action comes next."
      ) : (
        <>
          Next: <b>{action}</b>
          <Names word="needs" names={needs} />
          <Names word="given" names={given} />
        </>
      )}
    </p>
  );
}

function Names({ word, names }: { word: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      {`, ${word} `}
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <code>{name}</code>
        </span>
      ))}
    </>
  );
}

interface BecauseProps {
  from: string | null;
  conditions: Held["conditions"];
  /** Whether they were evaluated for a transition that was taken, and not just now. */
  past?: boolean;
}

function Because({ from, conditions, past = false }: BecauseProps) {
  if (conditions.length === 0) return null;
  const where = past ? `As decided after ${from}` : `Out of ${from ?? "here"}, on the present state`;
  return (
    <div class="bcw-next-why">
      <p class="bcw-quiet">{where}</p>
      <Conditions conditions={conditions} taken={past ? "taken" : "next"} />
    </div>
  );
}
