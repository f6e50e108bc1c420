/** The picture itself. It renders once for each layout; what changes while the machine runs is bound to attributes. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Edge } from "./Edge";
import { arrowData } from "./marks";
import { NodeMark } from "./NodeMark";
import { pathData } from "./positions";
import type { Scene } from "./scene";

export function Picture({ scene }: { scene: Scene }) {
  const transform = useMemo(
    () =>
      computed(() => {
        const { x, y, k } = scene.viewport.view.value;
        return `transform:translate(${x}px,${y}px) scale(${k})`;
      }),
    [scene],
  );
  const gliding = useMemo(() => computed(() => (scene.viewport.gliding.value ? "bcw-graph-gliding" : "")), [scene]);
  const drawing = scene.drawing.value;
  if (!drawing) return null;
  const { plan, picture } = drawing;
  return (
    <g style={transform} class={gliding}>
      <path class="bcw-graph-lines" d={picture.edges.map((edge) => pathData(edge.points)).join("")} />
      <path class="bcw-graph-tips" d={picture.edges.map((edge) => arrowData(edge.points)).join("")} />
      {picture.start && (
        <g class="bcw-graph-start">
          <circle cx={picture.start.at.x} cy={picture.start.at.y} r="6" />
          <path class="bcw-graph-lines" d={pathData(picture.start.points)} />
          <path class="bcw-graph-tips" d={arrowData(picture.start.points)} />
        </g>
      )}
      {scene.graph.transitions.map((transition, index) => {
        const at = picture.edges[index];
        return at?.points.length ? (
          <Edge
            key={index}
            scene={scene}
            index={index}
            transition={transition}
            at={at}
            label={plan.labels[index] ?? null}
          />
        ) : null;
      })}
      {scene.graph.actions.map((action) => {
        const box = picture.nodes.get(action.name);
        const text = plan.nodes.get(action.name);
        return box && text ? <NodeMark key={action.name} scene={scene} action={action} box={box} text={text} /> : null;
      })}
    </g>
  );
}
