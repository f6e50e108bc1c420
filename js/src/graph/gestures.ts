/** Drag, touch and wheel on the canvas. A plain wheel is left to the notebook; with ctrl or cmd it zooms. */
import { distance, type Point } from "./positions";
import type { Viewport } from "./viewport";

/** How far a pointer moves before it drags rather than clicks. */
const SLACK = 4;

/** Listens until `signal` aborts. */
export function listen(canvas: HTMLElement, viewport: Viewport, signal: AbortSignal): void {
  const pointers = new Map<number, Point>();
  let origin: Point | null = null;
  let dragging = false;

  const local = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const down = (event: PointerEvent): void => {
    dragging = false;
    if (event.button !== 0 || (event.target as Element).closest("[data-no-pan]")) return;
    // A first finger or the mouse: whatever was down before went up out of sight.
    if (event.isPrimary) pointers.clear();
    pointers.set(event.pointerId, local(event));
    origin = local(event);
    dragging = pointers.size > 1;
  };
  const move = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    if (!before || !origin) return;
    const now = local(event);
    if (!dragging && distance(origin, now) < SLACK) return;
    // Captured only once it drags: a captured pointer's click would go to the canvas instead of to the node.
    if (!dragging) canvas.setPointerCapture?.(event.pointerId);
    dragging = true;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = distance(before, other);
      if (spread > 0) viewport.zoom(distance(now, other) / spread, middleOf(now, other), false);
      viewport.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else viewport.pan(now.x - before.x, now.y - before.y);
    pointers.set(event.pointerId, now);
  };
  const up = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    if (!pointers.size) origin = null;
  };
  const click = (event: MouseEvent): void => {
    if (!dragging) return;
    dragging = false;
    event.stopPropagation();
  };
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    viewport.zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 150), local(event), false);
    viewport.mode.value = "moved";
  };

  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", up, { signal });
  canvas.addEventListener("click", click, { signal, capture: true });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
