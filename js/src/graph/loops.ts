/** Self-loops: the room that the layout keeps for them, and the curve beside the node. */
import type { Box, EdgePosition, Size } from "./positions";

/** How far from the node a loop turns, and its label begins, with room for a badge on the turn. */
const LOOP = { side: 24, reach: 40, height: 22, gap: 6 };

/** The node's box with the room that its self-loops need on the right, and as much on the left. */
export function withLoops(node: Size, labels: (Size | null)[]): Size {
  if (!labels.length) return { w: node.w, h: node.h };
  const reach = Math.max(...labels.map((label) => label?.w ?? 0)) + LOOP.reach;
  return { w: node.w + 2 * reach, h: Math.max(node.h, loopHeight(labels)) };
}

function loopHeight(labels: (Size | null)[]): number {
  return labels.reduce((sum, label) => sum + Math.max(LOOP.height, label?.h ?? 0) + LOOP.gap, -LOOP.gap);
}

/** The `at`th of `count` self-loops: out of the right side and back into it, its label behind it. */
export function loop(box: Box, at: number, count: number, label: Size | null): EdgePosition {
  const place = at - (count - 1) / 2;
  const pitch = Math.max(LOOP.height, label?.h ?? 0) + LOOP.gap;
  const anchor = box.y + box.h / 2 + (place * box.h * 0.9) / count;
  const y = box.y + box.h / 2 + place * pitch;
  const half = Math.min(7, (box.h * 0.3) / count);
  const x = box.x + box.w;
  const side = x + LOOP.side;
  const points = [
    { x, y: anchor - half },
    { x: x + 14, y: anchor - half - 6 },
    { x: side, y: y - LOOP.height / 2 },
    { x: side, y },
    { x: side, y: y + LOOP.height / 2 },
    { x: x + 18, y: anchor + half },
    { x, y: anchor + half },
  ];
  return { points, label: label && { x: x + LOOP.reach - 3, y: y - label.h / 2, w: label.w, h: label.h } };
}
