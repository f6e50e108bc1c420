/** From the graph to what a layout engine is asked for, and from its answer to the picture: sizes, start mark, self-loops. */
import type { ActionInfo, Graph, TransitionInfo } from "../protocol.gen";
import {
  type Box,
  centre,
  type EdgePosition,
  type LayoutRequest,
  line,
  normalise,
  type Point,
  type Positions,
  type Size,
} from "./positions";
import { cut, measureIn, wrap } from "./text";

export const NAME_SIZE = 13;
export const SMALL_SIZE = 11;
export const NAME_LINE = 16;
export const SMALL_LINE = 14;
const START = "\u0000start";
const START_SIZE = 12;
const START_ARROW = 20;
/** Room for the status icon on the left of the name; as much again on the right keeps the name in the middle. */
const ICON = 22;
const LOOP = { reach: 30, height: 22, gap: 6 };
/** A label's box keeps room for the count that sits on its corner. */
const LABEL_PADDING = { x: 12, y: 3 };

export interface NodeText extends Size {
  lines: string[];
  /** The external inputs, as shown under the name, and how wide that is; null without any. */
  inputs: { text: string; w: number } | null;
}

export interface LabelText extends Size {
  lines: string[];
}

export interface Picture {
  size: Size;
  nodes: Record<string, Box>;
  /** In the order of the graph's transitions. */
  edges: EdgePosition[];
  /** Where the start mark is, and the arrow from it to the entrypoint. */
  start: { at: Point; points: Point[] } | null;
}

export interface Plan {
  request: LayoutRequest;
  nodes: Record<string, NodeText>;
  labels: (LabelText | null)[];
  finish(positions: Positions): Picture;
}

export interface PlanOptions {
  /** The CSS font family that the picture is drawn in. */
  font?: string;
  /** For narrow places: longer names are broken earlier. */
  compact?: boolean;
}

export function plan(graph: Graph, { font = "sans-serif", compact = false }: PlanOptions = {}): Plan {
  const nodes = Object.fromEntries(graph.actions.map((action) => [action.name, nodeText(action, font, compact)]));
  const known = graph.transitions.map((edge) => edge.from_action in nodes && edge.to_action in nodes);
  const labels = graph.transitions.map((edge) => labelText(edge, graph, font, compact));
  const loops = (name: string): number[] =>
    [...graph.transitions.keys()].filter(
      (i) => isLoop(graph.transitions[i]) && graph.transitions[i]?.from_action === name,
    );
  const drawn = [...graph.transitions.keys()].filter((i) => known[i] && !isLoop(graph.transitions[i]));
  const hasStart = graph.entrypoint in nodes;

  const request: LayoutRequest = {
    nodes: [
      ...(hasStart ? [{ id: START, w: START_SIZE, h: START_SIZE }] : []),
      ...graph.actions
        .toSorted((a, b) => Number(b.name === graph.entrypoint) - Number(a.name === graph.entrypoint))
        .map(({ name }) => ({ id: name, ...withLoops(nodes[name] as NodeText, loops(name), labels) })),
    ],
    edges: [
      ...drawn.map((i) => {
        const { from_action, to_action } = graph.transitions[i] as TransitionInfo;
        return { from: from_action, to: to_action, label: labels[i] ?? null };
      }),
      ...(hasStart ? [{ from: START, to: graph.entrypoint, label: null }] : []),
    ],
  };

  const finish = (positions: Positions): Picture => {
    const boxes: Record<string, Box> = {};
    for (const [id, reserved] of Object.entries(positions.nodes)) {
      const middle = centre(reserved);
      const { w, h } = nodes[id] ?? reserved;
      boxes[id] = { x: middle.x - w / 2, y: middle.y - h / 2, w, h };
    }
    const edges: EdgePosition[] = graph.transitions.map(() => ({ points: [], label: null }));
    for (const [at, i] of drawn.entries()) edges[i] = positions.edges[at] as EdgePosition;
    for (const { name } of graph.actions) {
      for (const [at, i] of loops(name).entries()) {
        edges[i] = loop(boxes[name] as Box, at, loops(name).length, labels[i] ?? null);
      }
    }
    const startEdge = positions.edges[drawn.length];
    const { [START]: mark, ...actions } = boxes;
    const near = mark && startEdge && drawNear(mark, startEdge);
    const whole = normalise(near ? { ...actions, [START]: near.box } : actions, near ? [...edges, near.edge] : edges);
    const { [START]: start, ...shown } = whole.nodes;
    return {
      size: { w: whole.w, h: whole.h },
      nodes: shown,
      edges: whole.edges.slice(0, edges.length),
      start: start ? { at: centre(start), points: whole.edges[edges.length]?.points ?? [] } : null,
    };
  };
  return { request, nodes, labels, finish };
}

/** Moves the start mark down to its action where its arrow runs straight: engines keep a whole rank for it. */
function drawNear(box: Box, edge: EdgePosition): { box: Box; edge: EdgePosition } {
  const tip = edge.points.at(-1) as Point;
  const straight = edge.points.every((point) => Math.abs(point.x - tip.x) < 1);
  const y = tip.y - START_ARROW;
  if (!straight || y < box.y + box.h) return { box, edge };
  return {
    box: { ...box, y: y - box.h },
    edge: { ...edge, points: [{ x: tip.x, y }, ...line({ x: tip.x, y }, tip)] },
  };
}

function isLoop(edge: TransitionInfo | undefined): boolean {
  return edge !== undefined && edge.from_action === edge.to_action;
}

function nodeText(action: ActionInfo, font: string, compact: boolean): NodeText {
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
function labelText(edge: TransitionInfo, graph: Graph, font: string, compact: boolean): LabelText | null {
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

/** The node's box with the room that its self-loops need on the right, and as much on the left. */
function withLoops(node: NodeText, loops: number[], labels: (LabelText | null)[]): Size {
  if (!loops.length) return { w: node.w, h: node.h };
  const reach = Math.max(...loops.map((i) => labels[i]?.w ?? 0)) + LOOP.reach;
  return { w: node.w + 2 * reach, h: Math.max(node.h, loopHeight(loops.map((i) => labels[i] ?? null))) };
}

function loopHeight(labels: (LabelText | null)[]): number {
  return labels.reduce((sum, label) => sum + Math.max(LOOP.height, label?.h ?? 0) + LOOP.gap, -LOOP.gap);
}

/** The `at`th of `count` self-loops: out of the right side and back into it, its label behind it. */
function loop(box: Box, at: number, count: number, label: LabelText | null): EdgePosition {
  const place = at - (count - 1) / 2;
  const pitch = Math.max(LOOP.height, label?.h ?? 0) + LOOP.gap;
  const anchor = box.y + box.h / 2 + (place * box.h * 0.9) / count;
  const y = box.y + box.h / 2 + place * pitch;
  const half = Math.min(7, (box.h * 0.3) / count);
  const x = box.x + box.w;
  const side = x + LOOP.reach - 6;
  const points = [
    { x, y: anchor - half },
    { x: x + 14, y: anchor - half - 6 },
    { x: side, y: y - LOOP.height / 2 },
    { x: side, y },
    { x: side, y: y + LOOP.height / 2 },
    { x: x + 18, y: anchor + half },
    { x, y: anchor + half },
  ];
  return { points, label: label && { x: side + 3, y: y - label.h / 2, w: label.w, h: label.h } };
}
