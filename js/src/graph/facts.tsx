/** What the card and the list both tell of an action. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ConditionResult, Step, TransitionTaken } from "../protocol.gen";
import { SpanTree } from "../spans/SpanTree";
import { applicationWords } from "../spans/words";
import type { Scene } from "./scene";
import { outcomeInWords } from "./words";

/** The action's last step, where it is known what ran inside it; the component renders again when that changes. */
export function useRun(scene: Scene, action: string): Step | undefined {
  return useMemo(() => computed(() => scene.runs.value.get(action)), [scene, action]).value;
}

/** What ran inside the action when it ran last. */
export function RunFacts({ scene, action }: { scene: Scene; action: string }) {
  const step = useRun(scene, action);
  if (step === undefined) return null;
  const words = applicationWords(step) ?? "trace";
  return (
    <div class="bcw-graph-inside">
      <p>{words.charAt(0).toUpperCase() + words.slice(1)}</p>
      <SpanTree key={`${step.turn}:${step.step}`} steps={[step]} label={`Inside ${action}`} />
    </div>
  );
}

export function Source({ source }: { source: string }) {
  return (
    <details>
      <summary>Source</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard */}
      <pre tabIndex={0}>{source}</pre>
    </details>
  );
}

export function Decision({ decision }: { decision: TransitionTaken }) {
  return (
    <div class="bcw-graph-decision">
      <p>Last decision: to {decision.to_action}</p>
      <ol>
        {decision.conditions.map((result, i) => (
          <Condition key={i} result={result} target />
        ))}
      </ol>
    </div>
  );
}

/** One condition as it was evaluated; `target` names where it leads too. */
export function Condition({ result, target = false }: { result: ConditionResult; target?: boolean }) {
  const outcome = outcomeInWords(result);
  return (
    <li data-outcome={outcome} data-taken={String(result.taken)}>
      <span class="bcw-graph-outcome">{outcome}</span> <code>{result.condition}</code>
      {target && ` → ${result.to}`}
      {result.taken && <em> taken</em>}
      <Values values={result.values} />
      {result.error && <span class="bcw-graph-value">{result.error}</span>}
    </li>
  );
}

function Values({ values }: { values: ConditionResult["values"] }) {
  return (
    <>
      {Object.entries(values).map(([key, value]) => (
        <span key={key} class="bcw-graph-value">
          {key} = {value}
        </span>
      ))}
    </>
  );
}
