/** The card beside a node or a transition: what it is, and how the last decision there was made. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ActionInfo, TransitionInfo } from "../protocol.gen";
import { BreakpointButtons } from "./Breakpoints";
import { Condition, Decision, RunFacts, Source } from "./facts";
import { place, placeStyle } from "./place";
import type { Scene } from "./scene";
import { evaluation, inputsInWords, roleInWords, statusInWords, times } from "./words";

export function CardView({ scene, dismiss }: { scene: Scene; dismiss: () => void }) {
  const style = useMemo(
    () =>
      computed(() => {
        const subject = scene.card.value?.subject;
        const box = subject && scene.boxOf(subject);
        if (!box) return "";
        const others = [...(scene.drawing.value?.picture.nodes.values() ?? [])]
          .filter((other) => other !== box)
          .map((other) => scene.viewport.onCanvas(other));
        return placeStyle(place(scene.viewport.onCanvas(box), scene.viewport.canvas, others));
      }),
    [scene],
  );
  const card = scene.card.value;
  if (!card) return null;
  const { subject, pinned } = card;
  const action = "action" in subject ? scene.graph.actions.find(({ name }) => name === subject.action) : undefined;
  const transition = "transition" in subject ? scene.graph.transitions[subject.transition] : undefined;
  const title = action ? action.name : `${transition?.from_action} → ${transition?.to_action}`;
  return (
    <div class="bcw-graph-place" style={style}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div
        class="bcw-graph-card"
        role="group"
        aria-label={action ? `Action ${title}` : `Transition ${title}`}
        data-pinned={String(pinned)}
        // A click on its text leaves the focus here, where Escape closes it, instead of nowhere.
        tabIndex={-1}
        data-no-pan=""
      >
        <div class="bcw-graph-card-head">
          <strong>{title}</strong>
          <button type="button" aria-label="Close" onClick={dismiss}>
            ×
          </button>
        </div>
        {action && <ActionFacts scene={scene} action={action} />}
        {transition && "transition" in subject && (
          <TransitionFacts scene={scene} index={subject.transition} transition={transition} />
        )}
      </div>
    </div>
  );
}

function ActionFacts({ scene, action }: { scene: Scene; action: ActionInfo }) {
  const decision = scene.decisions.value.get(action.name);
  const roles = roleInWords(action, scene.graph.entrypoint);
  const facts: [string, string][] = [
    ["Reads", action.reads.join(", ")],
    ["Writes", action.writes.join(", ")],
    ["Needs", inputsInWords(action)],
    ["Tags", action.tags.join(", ")],
  ];
  return (
    <>
      <div id={`${scene.id}-card-facts`}>
        <p class="bcw-graph-card-status">{[statusInWords(scene.nodes.value[action.name]), ...roles].join(" · ")}</p>
        {action.docstring && <p class="bcw-graph-card-doc">{action.docstring}</p>}
        <dl>
          {facts.map(([term, value]) =>
            value ? (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ) : null,
          )}
        </dl>
      </div>
      <BreakpointButtons stepping={scene.stepping} action={action.name} />
      <RunFacts scene={scene} action={action.name} />
      {decision && (
        <div id={`${scene.id}-card-decision`}>
          <Decision decision={decision} />
        </div>
      )}
      {action.source && <Source source={action.source} />}
    </>
  );
}

function TransitionFacts(props: { scene: Scene; index: number; transition: TransitionInfo }) {
  const { scene, index, transition } = props;
  const result = evaluation(scene.graph.transitions, index, scene.decisions.value.get(transition.from_action));
  const taken = scene.taken.value[index] ?? 0;
  return (
    <div id={`${scene.id}-card-facts`}>
      <dl>
        <div>
          <dt>Condition</dt>
          <dd>
            <code>{transition.condition}</code>
          </dd>
        </div>
        <div>
          <dt>Taken</dt>
          <dd>{taken ? times(taken) : "not yet"}</dd>
        </div>
      </dl>
      {result && (
        <div class="bcw-graph-decision">
          <p>Last evaluation</p>
          <ol>
            <Condition result={result} />
          </ol>
        </div>
      )}
    </div>
  );
}
