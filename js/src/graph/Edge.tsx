/** One transition: a line that shows once it was taken (the untaken ones are one path below), its label and its count. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { TransitionInfo } from "../protocol.gen";
import { Count } from "./Count";
import { arrowData } from "./marks";

import { type EdgePosition, INSET, pathData, spotOn } from "./positions";
import { type Scene, same } from "./scene";
import { type LabelText, SMALL_LINE } from "./sizes";
import { TextLines } from "./TextLines";
import { times } from "./words";

interface EdgeProps {
  scene: Scene;
  index: number;
  transition: TransitionInfo;
  at: EdgePosition;
  label: LabelText | null;
}

export function Edge({ scene, index, transition, at, label }: EdgeProps) {
  const { from_action: from, to_action: to, condition } = transition;
  const bound = useMemo(() => {
    const taken = computed(() => scene.taken.value[index] ?? 0);
    return {
      taken,
      last: computed(() => (scene.last.value === index ? "true" : undefined)),
      open: computed(() => (same(scene.card.value?.subject, { transition: index }) ? "true" : undefined)),
      name: computed(
        () => `Transition ${from} to ${to}, ${condition}, ${taken.value ? `taken ${times(taken.value)}` : "not taken"}`,
      ),
    };
  }, [scene, index, from, to, condition]);
  const d = pathData(at.points);
  const box = at.label;
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no element for a group of shapes that is a button
    <g
      class="bcw-edge"
      role="button"
      tabindex={-1}
      aria-label={bound.name}
      data-transition={index}
      data-from={from}
      data-to={to}
      data-taken={bound.taken}
      data-last={bound.last}
      data-open={bound.open}
    >
      <path class="bcw-edge-hit" d={d} />
      <path class="bcw-edge-line" d={d} />
      <path class="bcw-edge-tip" d={arrowData(at.points, 9)} />
      {box && label && (
        <g class="bcw-edge-label" transform={`translate(${box.x},${box.y})`}>
          <rect x={INSET} width={box.w - 2 * INSET} height={box.h} rx="4" />
          <TextLines
            lines={label.lines}
            x={box.w / 2}
            y={box.h / 2 - ((label.lines.length - 1) * SMALL_LINE) / 2}
            pitch={SMALL_LINE}
          />
        </g>
      )}
      <Count class="bcw-edge-count" count={bound.taken} {...spotOn(at)} height={15} />
    </g>
  );
}
