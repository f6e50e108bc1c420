/** Where a card goes: never over what it is about, inside the canvas, and over as little else as can be. */
import type { Box, Size } from "./positions";

const GAP = 10;
const EDGE = 8;
const WIDTH = 320;
/** Narrower than this a card beside the node is hard to read; it goes above or below instead. */
const LEAST_BESIDE = 230;
/** As high as cards mostly are: how high one will be is known only once it is there. */
const LIKELY_HEIGHT = 300;
/** What a card covers counts more, in square pixels, than being so many pixels narrower or further away. */
const COST_OF_NARROW = 25;
const COST_OF_FAR = 8;

/** The room that a card may take, in pixels from the canvas's edges. */
export interface Place {
  left: number;
  width: number;
  top: number;
  bottom: number;
  /** How far below `top` the card starts, if it is short enough; Infinity puts it at the bottom. */
  lead: number;
}

/** `others` are the boxes that would better be seen too. */
export function place(anchor: Box, canvas: Size, others: readonly Box[] = []): Place {
  const left = clamp(anchor.x, canvas.w);
  const right = clamp(anchor.x + anchor.w, canvas.w);
  const top = clamp(anchor.y, canvas.h);
  const bottom = clamp(anchor.y + anchor.h, canvas.h);
  const beside = besides(left, right, canvas.w).map(({ x, width }) => {
    const height = Math.min(LIKELY_HEIGHT, canvas.h - 2 * EDGE);
    const y = Math.max(EDGE, Math.min(top, canvas.h - EDGE - height));
    const far = x > right ? x - right : left - x - width;
    const covered = coveredBy({ x, y, w: width, h: height }, others);
    const cost = covered + (WIDTH - width) * COST_OF_NARROW + (far - GAP) * COST_OF_FAR;
    return { cost, place: { left: x, width, top: EDGE, bottom: EDGE, lead: Math.max(0, top - EDGE) } };
  });
  const best = beside.toSorted((a, b) => a.cost - b.cost)[0];
  if (best) return best.place;
  const width = Math.min(WIDTH, canvas.w - 2 * EDGE);
  const x = Math.max(EDGE, Math.min((left + right) / 2 - width / 2, canvas.w - EDGE - width));
  return canvas.h - bottom >= top
    ? { left: x, width, top: bottom + GAP, bottom: EDGE, lead: 0 }
    : { left: x, width, top: EDGE, bottom: canvas.h - top + GAP, lead: Number.POSITIVE_INFINITY };
}

/** On either side: next to the node or at the canvas's edge, wide or narrow; on the right first. */
function besides(left: number, right: number, canvas: number): { x: number; width: number }[] {
  const sides = [
    {
      from: right + GAP,
      to: canvas - EDGE,
      near: (_: number) => right + GAP,
      far: (width: number) => canvas - EDGE - width,
    },
    { from: EDGE, to: left - GAP, near: (width: number) => left - GAP - width, far: (_: number) => EDGE },
  ];
  return sides.flatMap(({ from, to, near, far }) => {
    const room = to - from;
    if (room < LEAST_BESIDE) return [];
    const widths = [...new Set([Math.min(WIDTH, room), (Math.min(WIDTH, room) + LEAST_BESIDE) / 2, LEAST_BESIDE])];
    return widths.flatMap((width) => [
      { x: near(width), width },
      { x: far(width), width },
    ]);
  });
}

function coveredBy(card: Box, others: readonly Box[]): number {
  const shared = (from: number, length: number, other: number, otherLength: number): number =>
    Math.max(0, Math.min(from + length, other + otherLength) - Math.max(from, other));
  return others.reduce(
    (sum, other) => sum + shared(card.x, card.w, other.x, other.w) * shared(card.y, card.h, other.y, other.h),
    0,
  );
}

export function placeStyle({ left, width, top, bottom, lead }: Place): string {
  const basis = Number.isFinite(lead) ? `${lead}px` : "100%";
  return `left:${left}px;width:${width}px;top:${top}px;bottom:${bottom}px;--bcw-g-lead:${basis}`;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
