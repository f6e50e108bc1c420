/** Where a card goes: beside what it is about, never over it, inside the canvas. */
import type { Box, Size } from "./positions";

const GAP = 10;
const EDGE = 8;
const WIDTH = 320;
/** Narrower than this a card beside the node is hard to read; it goes above or below instead. */
const LEAST_BESIDE = 230;

/** The room that a card may take, in pixels from the canvas's edges. */
export interface Place {
  left: number;
  width: number;
  top: number;
  bottom: number;
  /** How far below `top` the card starts, if it is short enough; Infinity puts it at the bottom. */
  lead: number;
}

export function place(anchor: Box, canvas: Size): Place {
  const left = clamp(anchor.x, canvas.w);
  const right = clamp(anchor.x + anchor.w, canvas.w);
  const top = clamp(anchor.y, canvas.h);
  const bottom = clamp(anchor.y + anchor.h, canvas.h);
  const onRight = canvas.w - right - GAP - EDGE;
  const onLeft = left - GAP - EDGE;
  if (Math.max(onRight, onLeft) >= LEAST_BESIDE) {
    const goRight = onRight >= Math.min(WIDTH, onLeft);
    const width = Math.min(WIDTH, goRight ? onRight : onLeft);
    const x = goRight ? right + GAP : left - GAP - width;
    return { left: x, width, top: EDGE, bottom: EDGE, lead: Math.max(0, top - EDGE) };
  }
  const width = Math.min(WIDTH, canvas.w - 2 * EDGE);
  const x = Math.max(EDGE, Math.min((left + right) / 2 - width / 2, canvas.w - EDGE - width));
  return canvas.h - bottom >= top
    ? { left: x, width, top: bottom + GAP, bottom: EDGE, lead: 0 }
    : { left: x, width, top: EDGE, bottom: canvas.h - top + GAP, lead: Number.POSITIVE_INFINITY };
}

export function placeStyle({ left, width, top, bottom, lead }: Place): string {
  const basis = Number.isFinite(lead) ? `${lead}px` : "100%";
  return `left:${left}px;width:${width}px;top:${top}px;bottom:${bottom}px;--bcw-g-lead:${basis}`;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
