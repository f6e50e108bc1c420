/** What any layout of a graph has to hold. */
import { expect } from "vitest";
import type { Picture } from "../../src/graph/plan";
import { type Box, distance, overlaps, type Point } from "../../src/graph/positions";
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
  for (const box of [...nodes, ...labels(picture)].map(([, box]) => box)) {
    expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(-0.01);
    expect(box.x + box.w).toBeLessThanOrEqual(picture.size.w + 0.01);
    expect(box.y + box.h).toBeLessThanOrEqual(picture.size.h + 0.01);
  }
}

/** How far a point is from the box's border, inside or outside. */
function toBorder(point: Point, box: Box): number {
  const x = Math.max(box.x, Math.min(point.x, box.x + box.w));
  const y = Math.max(box.y, Math.min(point.y, box.y + box.h));
  const outside = distance(point, { x, y });
  const inside = Math.min(point.x - box.x, box.x + box.w - point.x, point.y - box.y, box.y + box.h - point.y);
  return outside > 0 ? outside : inside;
}
