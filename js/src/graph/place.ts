/** Where a card goes: beside what it is about, never over it, inside the canvas. */
import type { Box, Size } from "./positions";

const GAP = 10;
const EDGE = 8;
const WIDTH = 320;
/** Narrower than this a card beside the node is hard to read; it goes above or below instead. */
const LEAST_BESIDE = 230;
/** A card beside the node starts no lower than this above the canvas's bottom. */
const LEAST_HEIGHT = 280;

/** In pixels from the canvas's edges; either `top` or `bottom` is given. */
export interface Place {
  left: number;
  width: number;
  maxHeight: number;
  top?: number;
  bottom?: number;
}

export function place(anchor: Box, canvas: Size): Place {
  const left = Math.max(0, Math.min(anchor.x, canvas.w));
  const right = Math.max(0, Math.min(anchor.x + anchor.w, canvas.w));
  const top = Math.max(0, Math.min(anchor.y, canvas.h));
  const bottom = Math.max(0, Math.min(anchor.y + anchor.h, canvas.h));
  const room = {
    right: canvas.w - right - GAP - EDGE,
    left: left - GAP - EDGE,
    below: canvas.h - bottom - GAP - EDGE,
    above: top - GAP - EDGE,
  };
  if (Math.max(room.right, room.left) >= LEAST_BESIDE) {
    const onRight = room.right >= Math.min(WIDTH, room.left);
    const width = Math.min(WIDTH, onRight ? room.right : room.left);
    const y = Math.max(EDGE, Math.min(top, canvas.h - EDGE - LEAST_HEIGHT));
    return { left: onRight ? right + GAP : left - GAP - width, width, top: y, maxHeight: canvas.h - y - EDGE };
  }
  const width = Math.min(WIDTH, canvas.w - 2 * EDGE);
  const x = Math.max(EDGE, Math.min((left + right) / 2 - width / 2, canvas.w - EDGE - width));
  return room.below >= room.above
    ? { left: x, width, top: bottom + GAP, maxHeight: room.below }
    : { left: x, width, bottom: canvas.h - top + GAP, maxHeight: room.above };
}

export function placeStyle({ left, width, maxHeight, top, bottom }: Place): string {
  const vertical = top === undefined ? `bottom:${bottom ?? 0}px` : `top:${top}px`;
  return `left:${left}px;width:${width}px;max-height:${Math.max(0, maxHeight)}px;${vertical}`;
}
