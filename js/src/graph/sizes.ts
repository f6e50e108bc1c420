/** How large actions and conditions are in the picture, and what of their text is shown there. */
import type { ActionInfo, Graph, TransitionInfo } from "../protocol.gen";
import type { Size } from "./positions";
import { cut, measureIn, wrap } from "./text";

const NAME_SIZE = 13;
const SMALL_SIZE = 11;
export const NAME_LINE = 16;
export const SMALL_LINE = 14;
/** Room for the status icon on the left of the name; as much again on the right keeps the name in the middle. */
const ICON = 22;
/** Around a label's words: its frame, and beside that some room. */
const LABEL_PADDING = { x: 12, y: 3 };

export interface NodeText extends Size {
  lines: string[];
  /** The external inputs, as shown under the name, and how wide that is; null without any. */
  inputs: { text: string; w: number } | null;
}

export interface LabelText extends Size {
  lines: string[];
}

export function nodeText(action: ActionInfo, font: string, compact: boolean): NodeText {
  const name = measureIn(`600 ${NAME_SIZE}px ${font}`, NAME_SIZE);
  const small = measureIn(`${SMALL_SIZE}px ${font}`, SMALL_SIZE);
  const width = compact ? 92 : 180;
  const lines = wrap(action.name, name, width, 2);
  const inputs = [...action.inputs, ...action.optional_inputs.map((input) => `${input}?`)].join(", ");
  const shown = inputs ? cut(inputs, small, width) : null;
  const text = Math.max(...lines.map(name), shown ? small(shown) + 14 : 0);
  return {
    lines,
    inputs: shown ? { text: shown, w: small(shown) } : null,
    w: Math.ceil(Math.max(text, 40) + 2 * ICON + 4),
    h: lines.length * NAME_LINE + (shown ? SMALL_LINE + 2 : 0) + 16,
  };
}

/** No label for the one unconditional way out: the arrow alone says it. */
export function labelText(edge: TransitionInfo, graph: Graph, font: string, compact: boolean): LabelText | null {
  const alone = graph.transitions.filter((other) => other.from_action === edge.from_action).length === 1;
  if (alone && edge.condition === "default") return null;
  const small = measureIn(`${SMALL_SIZE}px ${font}`, SMALL_SIZE);
  const lines = wrap(edge.condition, small, compact ? 90 : 150, 2);
  return {
    lines,
    w: Math.ceil(Math.max(...lines.map(small)) + 2 * LABEL_PADDING.x),
    h: lines.length * SMALL_LINE + 2 * LABEL_PADDING.y,
  };
}
