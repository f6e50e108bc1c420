/** From the graph to what a layout engine is asked for, and from its answer to the picture. */
import type { Graph, TransitionInfo } from "../protocol.gen";
import { loop, withLoops } from "./loops";
import {
  type Box,
  centre,
  distance,
  type EdgePosition,
  type LayoutRequest,
  line,
  normalise,
  type Point,
  type Positions,
  type Size,
} from "./positions";
import { type LabelText, labelText, type NodeText, nodeText } from "./sizes";

const START = "start";
const START_SIZE = 12;
const START_ARROW = 20;

export interface Picture {
  size: Size;
  /** By the action's name. */
  nodes: ReadonlyMap<string, Box>;
  /** In the order of the graph's transitions. */
  edges: EdgePosition[];
  /** Where the start mark is, and the arrow from it to the entrypoint. */
  start: { at: Point; points: Point[] } | null;
}

export interface Plan {
  request: LayoutRequest;
  nodes: ReadonlyMap<string, NodeText>;
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
  const nodes = new Map(graph.actions.map((action) => [action.name, nodeText(action, font, compact)]));
  const labels = graph.transitions.map((edge) => labelText(edge, graph, font, compact));
  // Engines never see the names, which may hold anything.
  const ids = new Map(graph.actions.map(({ name }, i) => [name, `n${i}`]));
  const start = ids.get(graph.entrypoint);
  const loopsOf = (name: string): number[] =>
    indices(graph.transitions, (edge) => edge.from_action === name && edge.to_action === name);
  const drawn = indices(
    graph.transitions,
    ({ from_action, to_action }) => from_action !== to_action && ids.has(from_action) && ids.has(to_action),
  );

  const request: LayoutRequest = {
    nodes: [
      ...(start ? [{ id: START, w: START_SIZE, h: START_SIZE }] : []),
      ...[...nodes]
        .map(([name, text]) => ({
          id: ids.get(name) ?? "",
          ...withLoops(
            text,
            loopsOf(name).map((i) => labels[i] ?? null),
          ),
        }))
        .sort((a, b) => Number(b.id === start) - Number(a.id === start)),
    ],
    edges: [
      ...drawn.map((i) => {
        const { from_action, to_action } = graph.transitions[i] as TransitionInfo;
        return { from: ids.get(from_action) ?? "", to: ids.get(to_action) ?? "", label: labels[i] ?? null };
      }),
      ...(start ? [{ from: START, to: start, label: null }] : []),
    ],
  };

  const finish = (positions: Positions): Picture => {
    const boxes: Record<string, Box> = {};
    for (const [name, id] of ids) boxes[id] = shrunk(positions.nodes[id] as Box, nodes.get(name) as NodeText);
    const edges: EdgePosition[] = graph.transitions.map(() => ({ points: [], label: null }));
    for (const [at, i] of drawn.entries()) {
      const { from, to } = request.edges[at] as LayoutRequest["edges"][number];
      edges[i] = attached(positions.edges[at] as EdgePosition, boxes[from] as Box, boxes[to] as Box);
    }
    for (const [name, id] of ids) {
      const loops = loopsOf(name);
      for (const [at, i] of loops.entries()) edges[i] = loop(boxes[id] as Box, at, loops.length, labels[i] ?? null);
    }
    const mark = positions.nodes[START];
    const arrow = positions.edges[drawn.length];
    const near = start && mark && arrow && drawNear(mark, attached(arrow, mark, boxes[start] as Box));
    const whole = normalise(near ? { ...boxes, [START]: near.box } : boxes, near ? [...edges, near.edge] : edges);
    return {
      size: { w: whole.w, h: whole.h },
      nodes: new Map([...ids].map(([name, id]) => [name, whole.nodes[id] as Box])),
      edges: whole.edges.slice(0, edges.length),
      start: near
        ? { at: centre(whole.nodes[START] as Box), points: (whole.edges[edges.length] as EdgePosition).points }
        : null,
    };
  };
  return { request, nodes, labels, finish };
}

function indices<T>(items: readonly T[], wanted: (item: T) => boolean): number[] {
  return [...items.keys()].filter((i) => wanted(items[i] as T));
}

/** A box of this size in the middle of a larger one. */
function shrunk(box: Box, { w, h }: Size): Box {
  const middle = centre(box);
  return { x: middle.x - w / 2, y: middle.y - h / 2, w, h };
}

/** The edge led on to its nodes, where the layout kept more room round them than they fill. */
function attached(edge: EdgePosition, from: Box, to: Box): EdgePosition {
  const first = edge.points[0];
  const last = edge.points.at(-1);
  if (!first || !last) return edge;
  const begin = nearest(first, from);
  const end = nearest(last, to);
  const before = distance(begin, first) > 1 ? [begin, ...line(begin, first).slice(0, -1)] : [];
  const after = distance(end, last) > 1 ? line(last, end) : [];
  return { ...edge, points: [...before, ...edge.points, ...after] };
}

/** The point of the box that is nearest, a little off its corners. */
function nearest(point: Point, box: Box): Point {
  const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));
  const inset = point.y < box.y || point.y > box.y + box.h ? 10 : 0;
  return { x: clamp(point.x, box.x + inset, box.x + box.w - inset), y: clamp(point.y, box.y, box.y + box.h) };
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
