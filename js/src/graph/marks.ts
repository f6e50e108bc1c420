/** The small shapes of the picture, as SVG path data. */
import type { Node } from "../protocol.gen";
import type { RowStatus } from "../spans/tree";
import type { Point } from "./positions";

/** Round the origin, 10 pixels wide: each status has a shape of its own, so that nothing rests on colour alone. */
export const STATUS_ICON: Record<Node["status"], string> = {
  idle: "M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0",
  next: "M-3,-5L5,0L-3,5Z",
  running: "M5,0A5,5 0 1,1 0,-5",
  done: "M-5,0L-1.5,3.5L5,-4",
  failed: "M-4,-4L4,4M4,-4L-4,4",
};

/** The same, 6 pixels wide, for what runs inside an action. */
export const CHILD_ICON: Record<RowStatus, string> = {
  waiting: "M-1.2,0a1.2,1.2 0 1,0 2.4,0a1.2,1.2 0 1,0 -2.4,0",
  running: "M3.4,0A3.4,3.4 0 1,1 0,-3.4",
  done: "M-3.2,0.2L-1,2.4L3.2,-2.6",
  stopped: "M-2.6,0H2.6",
  failed: "M-2.6,-2.6L2.6,2.6M2.6,-2.6L-2.6,2.6",
};

/** Three waves: this action streams. */
export const STREAMING_ICON = [-4, 0, 4].map((y) => `M-5,${y}q2.5,-3 5,0t5,0`).join("");

/** An arrow into a tray: this action takes external inputs. */
export const INPUT_ICON = "M0,-5V2M-2.5,-0.5L0,2L2.5,-0.5M-4.5,1V4.5H4.5V1";

/** The head of an arrow at the end of a path, in the direction in which it arrives. */
export function arrowData(points: readonly Point[], size = 7): string {
  const tip = points.at(-1);
  const before = points.findLast((point) => tip && Math.hypot(point.x - tip.x, point.y - tip.y) > 1);
  if (!tip || !before) return "";
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const corner = (turn: number): string => {
    const x = tip.x - size * 1.15 * Math.cos(angle + turn);
    const y = tip.y - size * 1.15 * Math.sin(angle + turn);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  return `M${tip.x.toFixed(1)},${tip.y.toFixed(1)}L${corner(0.42)}L${corner(-0.42)}Z`;
}
