/** How good a layout is to read: what multi-start compares. */
import { type Box, flatten, type Point, type Positions, turn } from "./positions";

export interface Quality {
  crossings: number;
  /** Edges that run through a node which they neither leave nor enter. */
  through: number;
  /** Summed length of the edges, in pixels. */
  length: number;
}

type Ends = readonly { from: string; to: string }[];

export function quality(positions: Positions, ends: Ends): Quality {
  const lines = positions.edges.map((edge) => flatten(edge.points, 4));
  const bounds = lines.map(boundsOf);
  let crossings = 0;
  for (let i = 0; i < lines.length; i++) {
    for (let j = i + 1; j < lines.length; j++) {
      if (touching(bounds[i] as Box, bounds[j] as Box)) crossings += crossingsOf(lines[i] ?? [], lines[j] ?? []);
    }
  }
  let through = 0;
  let length = 0;
  for (const [i, polyline] of lines.entries()) {
    const edge = ends[i];
    for (const [id, box] of Object.entries(positions.nodes)) {
      if (edge && id !== edge.from && id !== edge.to && entersBox(polyline, bounds[i] as Box, box)) through += 1;
    }
    segments(polyline, (a, b) => {
      length += Math.hypot(a.x - b.x, a.y - b.y);
      return false;
    });
  }
  return { crossings, through, length };
}

/** One number to compare layouts by; smaller is better. A node run through costs as much as five crossings. */
export function cost({ crossings, through, length }: Quality): number {
  return crossings + 5 * through + length / 5000;
}

function crossingsOf(a: Point[], b: Point[]): number {
  let count = 0;
  segments(a, (p, q) => {
    segments(b, (r, s) => {
      if (cross(p, q, r, s)) count += 1;
      return false;
    });
    return false;
  });
  return count;
}

function cross(p: Point, q: Point, r: Point, s: Point): boolean {
  return turn(p, q, r) * turn(p, q, s) < 0 && turn(r, s, p) * turn(r, s, q) < 0;
}

function entersBox(polyline: Point[], bounds: Box, box: Box): boolean {
  const inner = { x: box.x + 2, y: box.y + 2, w: box.w - 4, h: box.h - 4 };
  if (!touching(bounds, inner)) return false;
  const topLeft = { x: inner.x, y: inner.y };
  const topRight = { x: inner.x + inner.w, y: inner.y };
  const bottomLeft = { x: inner.x, y: inner.y + inner.h };
  const bottomRight = { x: inner.x + inner.w, y: inner.y + inner.h };
  return segments(polyline, (a, b) => cross(a, b, topLeft, bottomRight) || cross(a, b, topRight, bottomLeft));
}

/** Whether `visit` said true of one of the polyline's segments; stops there. */
function segments(polyline: Point[], visit: (a: Point, b: Point) => boolean): boolean {
  return polyline.some((point, i) => i > 0 && visit(polyline[i - 1] as Point, point));
}

function touching(a: Box, b: Box): boolean {
  return a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;
}

function boundsOf(polyline: Point[]): Box {
  const xs = polyline.map((point) => point.x);
  const ys = polyline.map((point) => point.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}
