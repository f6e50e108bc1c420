/** The state machine as a list: always there for screen readers, and seen by whoever prefers it to the picture. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ActionInfo, Step, TransitionInfo } from "../protocol.gen";
import { rowsOf } from "../spans/tree";
import { pairWords, rowWords } from "../spans/words";
import { BreakpointButtons } from "./Breakpoints";
import { Decision, RunFacts, Source, useRun } from "./facts";
import type { Scene } from "./scene";
import { steppingInWords } from "./stepping";
import {
  applicationsInWords,
  conditionInWords,
  decisionInWords,
  inputsInWords,
  roleInWords,
  statusInWords,
  times,
} from "./words";

export function List({ scene, shown }: { scene: Scene; shown: boolean }) {
  return (
    <ul class={shown ? "bcw-graph-list" : "bcw-graph-list bcw-graph-unseen"} aria-label="Actions">
      {scene.graph.actions.map((action) => (
        <Item key={action.name} scene={scene} action={action} shown={shown} />
      ))}
    </ul>
  );
}

/** What is not seen has nothing in it that takes the focus: what can be unfolded is said in words there, or left out. */
function Item({ scene, action, shown }: { scene: Scene; action: ActionInfo; shown: boolean }) {
  const leaving = [...scene.graph.transitions.entries()].filter(([, edge]) => edge.from_action === action.name);
  const bound = useMemo(
    () => ({
      status: computed(() => scene.nodes.value[action.name]?.status ?? "idle"),
      words: computed(() =>
        [statusInWords(scene.nodes.value[action.name]), ...steppingInWords(scene.stepping, action.name)].join(", "),
      ),
    }),
    [scene, action],
  );
  const about: [string, string][] = [
    ["needs", inputsInWords(action)],
    ["reads", action.reads.join(", ")],
    ["writes", action.writes.join(", ")],
  ];
  return (
    <li data-list-status={bound.status}>
      <strong>{action.name}</strong>
      <span>{`: ${[...roleInWords(action, scene.graph.entrypoint), ""].join(", ")}`}</span>
      <span>{bound.words}</span>
      {action.docstring && <div class="bcw-graph-list-doc">{action.docstring}</div>}
      {about.map(([what, names]) =>
        names ? (
          <div key={what}>
            {what} {names}
          </div>
        ) : null,
      )}
      {leaving.length > 0 && (
        <ul>
          {leaving.map(([index, edge]) => (
            <Way key={index} scene={scene} index={index} edge={edge} siblings={leaving.map(([, sibling]) => sibling)} />
          ))}
        </ul>
      )}
      {shown ? (
        <>
          <BreakpointButtons stepping={scene.stepping} action={action.name} />
          <LastDecision scene={scene} action={action.name} />
          <RunFacts scene={scene} action={action.name} />
          {action.source && <Source source={action.source} />}
        </>
      ) : (
        <>
          <DecisionWords scene={scene} action={action.name} />
          <RunWords scene={scene} action={action.name} />
        </>
      )}
    </li>
  );
}

interface PartProps {
  scene: Scene;
  action: string;
}

function LastDecision({ scene, action }: PartProps) {
  const decision = scene.decisions.value.get(action);
  return decision ? <Decision decision={decision} /> : null;
}

function DecisionWords({ scene, action }: PartProps) {
  const words = useMemo(() => computed(() => decisionInWords(scene.decisions.value.get(action))), [scene, action]);
  return <div>{words}</div>;
}

/** So many rows are said of what ran inside an action. */
const SAID = 20;

function RunWords({ scene, action }: PartProps) {
  const step = useRun(scene, action);
  if (step === undefined) return null;
  const rows = rowsOf(step);
  const more = rows.length - SAID;
  return (
    <div>
      {["last run", ...applicationsInWords(step), ...pairs(step)].join(", ")}
      <ul>
        {rows.slice(0, SAID).map((row) => (
          <li key={row.key}>{rowWords(row)}</li>
        ))}
        {more > 0 && <li>{`and ${more} more`}</li>}
      </ul>
    </div>
  );
}

function pairs(step: Step): string[] {
  const words = pairWords(Object.entries(step.attributes));
  return words === "" ? [] : [`logged ${words}`];
}

interface WayProps {
  scene: Scene;
  index: number;
  edge: TransitionInfo;
  siblings: TransitionInfo[];
}

function Way({ scene, index, edge, siblings }: WayProps) {
  const taken = useMemo(
    () =>
      computed(() => {
        const count = scene.taken.value[index] ?? 0;
        const last = scene.last.value === index ? ", last one taken" : "";
        return (count ? `, taken ${times(count)}` : "") + last;
      }),
    [scene, index],
  );
  return (
    <li>
      <span>{`to ${edge.to_action}, ${conditionInWords(edge, siblings)}`}</span>
      <span>{taken}</span>
    </li>
  );
}
