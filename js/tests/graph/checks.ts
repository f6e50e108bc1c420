/** What any layout of a graph has to hold. */
import { expect } from "vitest";
import type { Picture } from "../../src/graph/plan";
import { BADGE, type Box, distance, flatten, INSET, overlaps, type Point, spotOn } from "../../src/graph/positions";
import type { Graph } from "../../src/protocol.gen";

/** All pairs that overlap, by name. */
export function overlapping(boxes: [string, Box][], others: [string, Box][] = boxes): string[] {
  const found: string[] = [];
  for (const [i, [name, box]] of boxes.entries()) {
    for (const [other, otherBox] of boxes === others ? boxes.slice(i + 1) : others) {
      if (overlaps(box, otherBox)) found.push(`${name} over ${other}`);
    }
  }
  return found;
}

export function labels(picture: Picture): [string, Box][] {
  return picture.edges.flatMap((edge, i): [string, Box][] => (edge.label ? [[`label ${i}`, edge.label]] : []));
}

export function expectReadable(graph: Graph, picture: Picture): void {
  const nodes = [...picture.nodes];
  expect(nodes.map(([name]) => name).sort()).toEqual(graph.actions.map(({ name }) => name).sort());
  expect(overlapping(nodes)).toEqual([]);
  expect(overlapping(labels(picture), nodes)).toEqual([]);
  expect(overlapping(labels(picture))).toEqual([]);
  for (const [i, { from_action, to_action }] of graph.transitions.entries()) {
    const points = picture.edges[i]?.points ?? [];
    expect(points.length % 3).toBe(1);
    expect(toBorder(points[0] as Point, picture.nodes.get(from_action) as Box)).toBeLessThan(3);
    expect(toBorder(points.at(-1) as Point, picture.nodes.get(to_action) as Box)).toBeLessThan(3);
  }
  const off = picture.edges.map((edge) => fromPath(spotOn(edge), edge.points));
  expect(Math.max(0, ...off)).toBeLessThan(1);
  for (const box of [...nodes, ...labels(picture)].map(([, box]) => box)) {
    expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(-0.01);
    expect(box.x + box.w).toBeLessThanOrEqual(picture.size.w + 0.01);
    expect(box.y + box.h).toBeLessThanOrEqual(picture.size.h + 0.01);
  }
}

/** Where the counts of transitions are, they hide no action and no condition. */
export function expectBadgesFree(picture: Picture): void {
  const badges = picture.edges.map((edge, i): [string, Box] => {
    const { x, y } = spotOn(edge);
    return [`badge ${i}`, { x: x - BADGE.w / 2, y: y - BADGE.h / 2, ...BADGE }];
  });
  const drawn = labels(picture).map(([name, { x, y, w, h }]): [string, Box] => [
    name,
    { x: x + INSET, y, w: w - 2 * INSET, h },
  ]);
  expect(overlapping(badges, [...picture.nodes, ...drawn])).toEqual([]);
}

/** How far a point is from a path. */
function fromPath(point: Point, points: readonly Point[]): number {
  const polyline = flatten(points, 100);
  const lengths = polyline.slice(1).map((b, i) => {
    const a = polyline[i] as Point;
    const along = (point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y);
    const share = Math.max(0, Math.min(1, along / distance(a, b) ** 2));
    return distance(point, { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share });
  });
  return Math.min(...lengths);
}

/** How far a point is from the box's border, inside or outside. */
function toBorder(point: Point, box: Box): number {
  const x = Math.max(box.x, Math.min(point.x, box.x + box.w));
  const y = Math.max(box.y, Math.min(point.y, box.y + box.h));
  const outside = distance(point, { x, y });
  const inside = Math.min(point.x - box.x, box.x + box.w - point.x, point.y - box.y, box.y + box.h - point.y);
  return outside > 0 ? outside : inside;
}
