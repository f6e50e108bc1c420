/**
 * From what dagre gives (boxes, and for each edge one point in every rank that it crosses) to curves: vertical inside a
 * rank, so that no node's corner is cut, bent between the ranks, and with the ends spread along the node's border.
 */
import { isJoint, type Joint } from "./joints";
import {
  type Box,
  centre,
  type EdgePosition,
  type LayoutRequest,
  line,
  middle,
  normalise,
  overlaps,
  type Point,
  type Positions,
} from "./positions";

export interface LaidEdge {
  from: string;
  to: string;
  /** Between the ends, in order. */
  via: Point[];
  label: Box | null;
}

export interface Laid {
  nodes: Record<string, Box>;
  /** By the request's edge index, or by the joint's id for its trunk. */
  edges: Map<string, LaidEdge>;
}

const PORT_GAP = 16;
const TURN = 18;
/** How far along its height a curve's control points lie: more makes it steeper in the middle. */
const SWAY = 0.6;

export function route(request: LayoutRequest, laid: Laid, joints: readonly Joint[]): Positions {
  const bands = rankHeights(laid);
  const sides = new Map(joints.map((joint) => [joint.id, sideEntry(joint, laid)]));
  const ports = spreadPorts(laid, sides);
  const curve = (name: string): EdgePosition => {
    const edge = laid.edges.get(name) as LaidEdge;
    const start = ports.get(`${name}>`) as Point;
    const end = ports.get(`${name}<`) as Point;
    return { points: bend(start, edge.via, end, bands), label: edge.label };
  };
  const trunks = new Map(
    joints.map((joint) => [joint.id, trunk(joint, laid, bands, ports, sides.get(joint.id) ?? null)]),
  );
  const edges = request.edges.map((_, index) => {
    const edge = curve(String(index));
    const shared = trunks.get(laid.edges.get(String(index))?.to ?? "");
    if (!shared) return edge;
    const own = edge.label === null ? { own: middle(edge.points) } : {};
    return { ...edge, points: [...edge.points, ...shared], ...own };
  });
  const nodes = Object.fromEntries(Object.entries(laid.nodes).filter(([id]) => !isJoint(id)));
  return normalise(nodes, edges);
}

/** The trunk without its first point: from the joint round below and up, into the target's side where that is free. */
function trunk(
  joint: Joint,
  laid: Laid,
  bands: Map<number, number>,
  ports: Map<string, Point>,
  side: Point | null,
): Point[] {
  const from = centre(laid.nodes[joint.id] as Box);
  const { via } = laid.edges.get(joint.id) as LaidEdge;
  const target = laid.nodes[joint.target] as Box;
  const first = via[0];
  const last = via.at(-1);
  if (!first || !last) return line(from, ports.get(`${joint.id}<`) ?? centre(target));
  const up = { x: first.x, y: from.y };
  const round = [{ x: from.x, y: from.y + TURN }, { x: up.x, y: from.y + TURN }, up];
  if (!side) return [...round, ...bend(up, via, ports.get(`${joint.id}<`) as Point, bands).slice(1)];
  const corner = { x: last.x, y: side.y + TURN };
  const turned = { x: last.x + Math.sign(side.x - last.x) * TURN, y: side.y };
  const control = { x: last.x, y: side.y };
  return [...round, ...bend(up, via, corner, bands).slice(1), control, control, turned, ...line(turned, side)];
}

/** Where on the target's side the trunk ends, null when a node or label is in the way. */
function sideEntry(joint: Joint, laid: Laid): Point | null {
  const last = laid.edges.get(joint.id)?.via.at(-1);
  if (!last) return null;
  const target = laid.nodes[joint.target] as Box;
  const right = last.x > target.x + target.w / 2;
  const x = right ? target.x + target.w : target.x;
  if (Math.abs(last.x - x) < TURN * 1.5 || (last.x > target.x && last.x < target.x + target.w)) return null;
  const y = target.y + target.h / 2;
  const way = { x: Math.min(x, last.x) + 1, y: y - 1, w: Math.abs(last.x - x) + 4, h: Math.abs(last.y - y) };
  const taken = Object.entries(laid.nodes).some(([id, box]) => id !== joint.target && overlaps(way, box));
  const labelled = [...laid.edges.values()].some((edge) => edge.label && overlaps(way, edge.label));
  return taken || labelled ? null : { x, y };
}

/** A chain of curves from start to end, vertical where it passes a rank. */
function bend(start: Point, via: readonly Point[], end: Point, bands: Map<number, number>): Point[] {
  const points = [start];
  let at = start;
  for (const point of via) {
    const half = ((bands.get(Math.round(point.y)) ?? 0) / 2) * Math.sign(end.y - start.y);
    const enter = { x: point.x, y: point.y - half };
    const leave = { x: point.x, y: point.y + half };
    points.push(...sway(at, enter));
    if (half) points.push(...line(enter, leave));
    at = leave;
  }
  points.push(...sway(at, end));
  return points;
}

/** One curve that leaves and arrives vertically. */
function sway(from: Point, to: Point): Point[] {
  const half = (to.y - from.y) * SWAY;
  return [{ x: from.x, y: from.y + half }, { x: to.x, y: to.y - half }, to];
}

/** The height of the nodes and labels in each rank, by the rank's rounded centre. */
function rankHeights(laid: Laid): Map<number, number> {
  const bands = new Map<number, number>();
  for (const box of [...Object.values(laid.nodes), ...[...laid.edges.values()].flatMap((edge) => edge.label ?? [])]) {
    const y = Math.round(box.y + box.h / 2);
    bands.set(y, Math.max(bands.get(y) ?? 0, box.h));
  }
  return bands;
}

/**
 * Where each edge leaves (`name>`) and arrives (`name<`): beside each other, in the order in which the edges go on. Trunks
 * that arrive at a side take no room at the top or bottom.
 */
function spreadPorts(laid: Laid, sides: Map<string, Point | null>): Map<string, Point> {
  const rows = new Map<string, { port: string; towards: number; node: string; bottom: boolean }[]>();
  const add = (port: string, node: string, next: Point): void => {
    const bottom = next.y > centre(laid.nodes[node] as Box).y;
    const key = `${node}${bottom}`;
    rows.set(key, [...(rows.get(key) ?? []), { port, towards: next.x, node, bottom }]);
  };
  for (const [name, edge] of laid.edges) {
    add(`${name}>`, edge.from, edge.via[0] ?? centre(laid.nodes[edge.to] as Box));
    if (!sides.get(name)) add(`${name}<`, edge.to, edge.via.at(-1) ?? centre(laid.nodes[edge.from] as Box));
  }
  const ports = new Map<string, Point>();
  for (const ends of rows.values()) {
    const { node, bottom } = ends[0] as { node: string; bottom: boolean };
    const box = laid.nodes[node] as Box;
    const gap = isJoint(node) ? 0 : Math.min(PORT_GAP, (box.w * 0.7) / Math.max(1, ends.length - 1));
    ends.sort((a, b) => a.towards - b.towards);
    for (const [i, end] of ends.entries()) {
      const x = centre(box).x + (i - (ends.length - 1) / 2) * gap;
      ports.set(end.port, { x, y: bottom ? box.y + box.h : box.y });
    }
  }
  return ports;
}
