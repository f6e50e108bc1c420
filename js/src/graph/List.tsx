/** The state machine as a list: always there for screen readers, and seen by whoever prefers it to the picture. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ActionInfo, TransitionInfo } from "../protocol.gen";
import type { Scene } from "./scene";
import { conditionInWords, inputsInWords, roleInWords, statusInWords, times } from "./words";

export function List({ scene, shown }: { scene: Scene; shown: boolean }) {
  return (
    <ul class={shown ? "bcw-graph-list" : "bcw-graph-list bcw-graph-unseen"} aria-label="Actions">
      {scene.graph.actions.map((action) => (
        <Item key={action.name} scene={scene} action={action} />
      ))}
    </ul>
  );
}

function Item({ scene, action }: { scene: Scene; action: ActionInfo }) {
  const leaving = [...scene.graph.transitions.entries()].filter(([, edge]) => edge.from_action === action.name);
  const bound = useMemo(
    () => ({
      status: computed(() => scene.nodes.value[action.name]?.status ?? "idle"),
      words: computed(() => statusInWords(scene.nodes.value[action.name])),
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
    </li>
  );
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
