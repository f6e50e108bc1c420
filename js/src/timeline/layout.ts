// Where the rows of a plot are, in CSS pixels.

import { nearest } from "./bins";
import type { Range } from "./scale";
import type { Place, Row, Scene } from "./scene";

/** The axis above the rows. */
export const AXIS = 22;
/** Left and right of the axis. */
export const SIDE = 10;
/** A row's label, above its marks. */
export const LABEL = 17;

const GAP = 7;

/** How high the marks of a row are. */
export function bandOf({ tone }: Row): number {
  return tone === "yield" ? 18 : 8;
}

export function heightOf(row: Row): number {
  return LABEL + bandOf(row) + GAP;
}

/** How high the rows are together. */
export function heightOfAll(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + heightOf(row), 0);
}

/** How wide the axis is in a plot of that width. */
export function axisWidth(width: number): number {
  return Math.max(1, width - 2 * SIDE);
}

export function xOf(time: number, { from, to }: Range, width: number): number {
  return SIDE + ((time - from) / (to - from)) * axisWidth(width);
}

export function timeAt(x: number, { from, to }: Range, width: number): number {
  return from + ((x - SIDE) / axisWidth(width)) * (to - from);
}

/** Where a row begins, below the axis, when nothing is scrolled. */
export function topOf(rows: readonly Row[], index: number): number {
  return heightOfAll(rows.slice(0, index));
}

/** So near to a mark, in pixels, one is at it. */
const NEAR = 12;

/** What is at `x` and `y`, counted from the first row's top as scrolled: the nearest mark of a row, or the row. */
export function placeAt({ rows }: Scene, range: Range, width: number, x: number, y: number): Place | null {
  let top = 0;
  for (const [index, row] of rows.entries()) {
    const bottom = top + heightOf(row);
    if (y >= top && y < bottom) {
      const mark = nearest(row.times, timeAt(x, range, width));
      const near = mark >= 0 && Math.abs(xOf(row.times[mark] as number, range, width) - x) <= NEAR;
      return { row: index, mark: near ? mark : null };
    }
    top = bottom;
  }
  return null;
}
