/**
 * The one format that every layout engine takes and gives, and the geometry that they share.
 *
 * Lengths are CSS pixels at zoom 1, y grows downwards. A path is a chain of cubic Bézier curves: its start, then three
 * points (control, control, end) for each curve, from the source's border to the target's.
 */

export interface Point {
  x: number;
  y: number;
}

/** `x` and `y` are the top left corner. */
export interface Box extends Point {
  w: number;
  h: number;
}

export interface Size {
  w: number;
  h: number;
}

export interface LayoutRequest {
  /** The first one belongs at the top. Ids are unique, and plain words. */
  nodes: readonly ({ id: string } & Size)[];
  /** Several between the same pair are allowed, self-loops are not: we draw those ourselves. */
  edges: readonly { from: string; to: string; label: Size | null }[];
}

export interface EdgePosition {
  points: Point[];
  label: Box | null;
  /** Where on the path something small about the edge goes, where that is not beside its label or half way. */
  own?: Point;
}

export interface Positions extends Size {
  nodes: Record<string, Box>;
  /** In the order of the request's edges. */
  edges: EdgePosition[];
}

/** What a layout loaded on demand is: a function from sizes to positions. */
export type LayoutEngine = (request: LayoutRequest) => Promise<Positions>;

export function centre(box: Box): Point {
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
}

export function overlaps(a: Box, b: Box, margin = 0): boolean {
  return a.x < b.x + b.w + margin && b.x < a.x + a.w + margin && a.y < b.y + b.h + margin && b.y < a.y + a.h + margin;
}

/** A straight line, as one cubic curve without its start. */
export function line(from: Point, to: Point): Point[] {
  return [
    { x: from.x + (to.x - from.x) / 3, y: from.y + (to.y - from.y) / 3 },
    { x: to.x - (to.x - from.x) / 3, y: to.y - (to.y - from.y) / 3 },
    to,
  ];
}

/** The SVG path data of a chain of curves. */
export function pathData(points: readonly Point[]): string {
  const pairs = points.map(({ x, y }) => `${round(x)},${round(y)}`);
  return pairs.length < 4 ? "" : `M${pairs[0]}C${pairs.slice(1).join(" ")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The point at `t` (0 to 1) of the curve whose start is `points[at]`. */
function along(points: readonly Point[], at: number, t: number): Point {
  const [a, b, c, d] = points.slice(at, at + 4) as [Point, Point, Point, Point];
  const s = 1 - t;
  const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t] as const;
  return {
    x: weights[0] * a.x + weights[1] * b.x + weights[2] * c.x + weights[3] * d.x,
    y: weights[0] * a.y + weights[1] * b.y + weights[2] * c.y + weights[3] * d.y,
  };
}

/** The path as a polyline. A straight curve gives one segment, any other `steps`. */
export function flatten(points: readonly Point[], steps = 6): Point[] {
  const first = points[0];
  if (!first) return [];
  const polyline = [first];
  for (let at = 0; at + 3 < points.length; at += 3) {
    const [a, b, c, d] = points.slice(at, at + 4) as [Point, Point, Point, Point];
    const straight = Math.abs(turn(a, d, b)) + Math.abs(turn(a, d, c)) < 1;
    if (!straight) for (let step = 1; step < steps; step++) polyline.push(along(points, at, step / steps));
    polyline.push(d);
  }
  return polyline;
}

/** Twice the signed area of a triangle: which side of the line a-b the point c is on. */
export function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** A label is drawn so much narrower than its box. */
export const INSET = 7;
/** Room for a badge: the number of times that an edge was taken. */
export const BADGE = { w: 24, h: 16 };

/** Where something small about the edge goes: on its own part of the path, beside its label or half way. */
export function spotOn({ own, label, points }: EdgePosition): Point {
  return own ?? (label && besideLabel(points, label)) ?? middle(points);
}

/**
 * The point of the path that is nearest to the label and has room for a badge, nearest in height above all; null where there is
 * none. Of a label that stands on its path it is above or below, else on the path beside it.
 */
function besideLabel(points: readonly Point[], label: Box): Point | null {
  const to = centre(label);
  const drawn = { ...label, x: label.x + INSET, w: label.w - 2 * INSET };
  const STEPS = 40;
  let best: { point: Point; far: number } | null = null;
  for (let at = 0; at + 3 < points.length; at += 3) {
    for (let step = 0; step <= STEPS; step += 1) {
      const point = along(points, at, step / STEPS);
      const far = Math.abs(point.x - to.x) + 4 * Math.abs(point.y - to.y);
      const badge = { x: point.x - BADGE.w / 2, y: point.y - BADGE.h / 2, ...BADGE };
      if ((best === null || far < best.far) && !overlaps(badge, drawn)) best = { point, far };
    }
  }
  return best?.point ?? null;
}

/** The point half way along the path, by length. */
export function middle(points: readonly Point[]): Point {
  const polyline = flatten(points, 12);
  const lengths = polyline.slice(1).map((point, i) => distance(polyline[i] ?? point, point));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [i, length] of lengths.entries()) {
    const a = polyline[i];
    const b = polyline[i + 1];
    if (a && b && left <= length) {
      const share = length ? left / length : 0;
      return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
    }
    left -= length;
  }
  return polyline.at(-1) ?? { x: 0, y: 0 };
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Moves everything so that the picture starts at (0, 0), and measures it: nodes, labels and the curves themselves. */
export function normalise(nodes: Record<string, Box>, edges: EdgePosition[]): Positions {
  const boxes = Object.values(nodes).concat(edges.flatMap((edge) => edge.label ?? []));
  const points = edges.flatMap((edge) => flatten(edge.points));
  const left = least(boxes.map((box) => box.x).concat(points.map((point) => point.x)));
  const top = least(boxes.map((box) => box.y).concat(points.map((point) => point.y)));
  const right = -least(boxes.map((box) => -box.x - box.w).concat(points.map((point) => -point.x)));
  const bottom = -least(boxes.map((box) => -box.y - box.h).concat(points.map((point) => -point.y)));
  const shift = <T extends Point>(item: T): T => ({ ...item, x: item.x - left, y: item.y - top });
  return {
    w: right - left,
    h: bottom - top,
    nodes: Object.fromEntries(Object.entries(nodes).map(([id, box]) => [id, shift(box)])),
    edges: edges.map(({ points, label, own }) => ({
      points: points.map(shift),
      label: label && shift(label),
      ...(own && { own: shift(own) }),
    })),
  };
}

function least(values: number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}
