/** One action in the picture. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ActionInfo } from "../protocol.gen";
import { NodeBreakpoints } from "./Breakpoints";
import { Count } from "./Count";
import { INPUT_ICON, STATUS_ICON, STREAMING_ICON } from "./marks";
import { NodeChildren } from "./NodeChildren";
import type { Box } from "./positions";
import { type Scene, same } from "./scene";
import { NAME_LINE, type NodeText, SMALL_LINE } from "./sizes";
import { HELD_ICON, heldAt, steppingInWords } from "./stepping";
import { TextLines } from "./TextLines";
import { applicationsInWords, roleInWords, statusInWords } from "./words";

interface NodeMarkProps {
  scene: Scene;
  action: ActionInfo;
  box: Box;
  text: NodeText;
}

export function NodeMark({ scene, action, box, text }: NodeMarkProps) {
  const { name } = action;
  const bound = useMemo(() => {
    const node = computed(() => scene.nodes.value[name]);
    const status = computed(() => node.value?.status ?? "idle");
    const visits = computed(() => node.value?.visits ?? 0);
    const open = computed(() => same(scene.card.value?.subject, { action: name }));
    return {
      status,
      visits,
      held: computed(() => heldAt(scene.stepping, name)),
      icon: computed(() => (heldAt(scene.stepping, name) === undefined ? STATUS_ICON[status.value] : HELD_ICON)),
      tabindex: computed(() => (scene.current.value === name ? 0 : -1)),
      open: computed(() => (open.value ? "true" : undefined)),
      expanded: computed((): "true" | "false" => (open.value ? "true" : "false")),
      describedBy: computed(() => (open.value ? `${scene.id}-card-facts ${scene.id}-card-decision` : undefined)),
      label: computed(() =>
        [
          name,
          ...roleInWords(action, scene.graph.entrypoint),
          statusInWords(node.value),
          ...applicationsInWords(scene.latest.value.get(name)),
          ...steppingInWords(scene.stepping, name),
        ].join(", "),
      ),
    };
  }, [scene, action, name]);
  const content = text.lines.length * NAME_LINE + (text.inputs ? SMALL_LINE + 2 : 0);
  const top = (box.h - content) / 2;
  const inputsY = top + text.lines.length * NAME_LINE + 2 + SMALL_LINE / 2;
  const middleOfName = top + (text.lines.length * NAME_LINE) / 2;
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no element for a group of shapes that is a button
    <g
      class="bcw-node"
      role="button"
      tabindex={bound.tabindex}
      aria-label={bound.label}
      aria-expanded={bound.expanded}
      aria-describedby={bound.describedBy}
      data-action={name}
      data-status={bound.status}
      data-visits={bound.visits}
      data-open={bound.open}
      data-held={bound.held}
      transform={`translate(${box.x},${box.y})`}
    >
      <rect class="bcw-node-halo" x="-5" y="-5" width={box.w + 10} height={box.h + 10} rx="13" />
      <rect class="bcw-node-box" width={box.w} height={box.h} rx="8" />
      {action.terminal && <rect class="bcw-node-inner" x="3.5" y="3.5" width={box.w - 7} height={box.h - 7} rx="5" />}
      <g transform={`translate(14,${middleOfName})`}>
        <path class="bcw-node-icon" d={bound.icon} />
      </g>
      {action.streaming && (
        <path class="bcw-node-mark" d={STREAMING_ICON} transform={`translate(${box.w - 14},${middleOfName})`} />
      )}
      <g class="bcw-node-name">
        <TextLines lines={text.lines} x={box.w / 2} y={top + NAME_LINE / 2} pitch={NAME_LINE} />
      </g>
      {text.inputs && (
        <g class="bcw-node-inputs">
          <path
            class="bcw-node-mark"
            d={INPUT_ICON}
            transform={`translate(${(box.w - text.inputs.w) / 2 - 4},${inputsY})`}
          />
          <text x={box.w / 2 + 6} y={inputsY}>
            {text.inputs.text}
          </text>
        </g>
      )}
      <NodeBreakpoints stepping={scene.stepping} action={name} box={box} />
      <NodeChildren scene={scene} action={name} box={box} />
      <Count class="bcw-node-count" count={bound.visits} x={box.w - 2} y={0} height={16} />
    </g>
  );
}
