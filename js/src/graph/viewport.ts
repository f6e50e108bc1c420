/** What part of the picture is seen: zoom and offset, by hand or following the running action. */
import { computed, type Signal, signal } from "@preact/signals";
import type { Box, Point, Size } from "./positions";

export interface View {
  /** Of the picture's origin, in CSS pixels from the canvas's top left corner. */
  x: number;
  y: number;
  /** The zoom; 1 is natural size. */
  k: number;
}

/**
 * Who decides what is seen: `auto`, we do; `fit`, the reader wants the whole picture; `zoomed`, the reader chose the zoom
 * and we keep the running action in sight; `moved`, the reader moved the picture and we leave it alone.
 */
export type Mode = "auto" | "fit" | "zoomed" | "moved";

const MARGIN = 16;
const LEAST = 0.03;
const MOST = 3;
/**
 * Below this zoom small print is noise, lines would fade away, and the whole picture is a pattern rather than a graph: what
 * would need it starts zoomed in, and Fit shows as much of it as can be made out. Who wants to see more zooms out.
 */
const FAR = 0.3;
const START_ZOOM = 0.85;
const FIT_ZOOM = 0.45;

export class Viewport {
  readonly view: Signal<View> = signal({ x: 0, y: 0, k: 1 });
  readonly mode: Signal<Mode> = signal("auto");
  /** Whether the view moves to the running action by itself. */
  readonly following = computed(() => this.mode.value !== "moved");
  /** Whether the last move should be seen as a movement. */
  readonly gliding = signal(false);
  /** Whether part of the picture is outside the canvas. */
  readonly overflowing = signal(false);
  readonly far = computed(() => this.view.value.k < FAR);
  #canvas: Size = { w: 0, h: 0 };
  #picture: Size = { w: 0, h: 0 };

  get canvas(): Size {
    return this.#canvas;
  }

  /** Takes new sizes. `focus` is what should stay in sight where not everything can. */
  resize(canvas: Size, picture: Size, focus: Box | null): void {
    this.#canvas = canvas;
    this.#picture = picture;
    if (this.mode.value === "auto") this.#showAll(focus, START_ZOOM, false);
    else if (this.mode.value === "fit") this.#showAll(focus, FIT_ZOOM, false);
    else this.#set(this.view.value, false);
  }

  /** Shows the whole picture, or of one that is too large as much as can be made out, round `focus`. */
  fit(focus: Box | null): void {
    this.mode.value = "fit";
    this.#showAll(focus, FIT_ZOOM, true);
  }

  /** All of it, or of a picture that is too large as much as is seen at this zoom round the focus. */
  #showAll(focus: Box | null, zoom: number, glide: boolean): void {
    const k = this.#fitting();
    if (k < FAR && focus) {
      this.#centre(focus, zoom, glide);
      return;
    }
    this.#set(
      { k, x: (this.#canvas.w - this.#picture.w * k) / 2, y: Math.max((this.#canvas.h - this.#picture.h * k) / 2, 0) },
      glide,
    );
  }

  /** Zooms by `factor` round a point of the canvas, its middle by default. */
  zoom(factor: number, round: Point = { x: this.#canvas.w / 2, y: this.#canvas.h / 2 }, glide = true): void {
    const { x, y, k } = this.view.value;
    const next = Math.min(MOST, Math.max(LEAST, k * factor));
    const share = next / k;
    if (this.mode.value !== "moved") this.mode.value = "zoomed";
    this.#set({ k: next, x: round.x - (round.x - x) * share, y: round.y - (round.y - y) * share }, glide);
  }

  pan(dx: number, dy: number): void {
    this.mode.value = "moved";
    const { x, y, k } = this.view.value;
    this.#set({ k, x: x + dx, y: y + dy }, false);
  }

  /** Moves a box of the picture into view, to the middle, if it is not wholly seen. */
  reveal(box: Box): void {
    const near = MARGIN / 2;
    const seen = this.onCanvas(box);
    const inside =
      seen.x >= near &&
      seen.y >= near &&
      seen.x + seen.w <= this.#canvas.w - near &&
      seen.y + seen.h <= this.#canvas.h - near;
    if (!inside) this.#centre(box, this.view.value.k, true);
  }

  /** Brings a box to the middle, as far as the picture does not leave an empty edge. */
  #centre(box: Box, k: number, glide: boolean): void {
    const offset = (canvas: number, picture: number, middle: number): number => {
      const free = canvas - picture * k;
      if (free >= 2 * MARGIN) return free / 2;
      return Math.min(MARGIN, Math.max(free - MARGIN, canvas / 2 - middle * k));
    };
    this.#set(
      {
        k,
        x: offset(this.#canvas.w, this.#picture.w, box.x + box.w / 2),
        y: offset(this.#canvas.h, this.#picture.h, box.y + box.h / 2),
      },
      glide,
    );
  }

  /** Where a box of the picture is, in canvas pixels. */
  onCanvas(box: Box): Box {
    const { x, y, k } = this.view.value;
    return { x: box.x * k + x, y: box.y * k + y, w: box.w * k, h: box.h * k };
  }

  #fitting(): number {
    const { w, h } = this.#picture;
    if (!w || !h || !this.#canvas.w || !this.#canvas.h) return 1;
    return Math.max(LEAST, Math.min(1, (this.#canvas.w - 2 * MARGIN) / w, (this.#canvas.h - 2 * MARGIN) / h));
  }

  #set(view: View, glide: boolean): void {
    const { w, h } = this.#picture;
    this.gliding.value = glide;
    this.view.value = view;
    this.overflowing.value =
      view.x < 0 || view.y < 0 || view.x + w * view.k > this.#canvas.w || view.y + h * view.k > this.#canvas.h;
  }
}

/** How high a canvas of this width has to be to show the picture, within what a notebook cell bears. */
export function naturalHeight(picture: Size, width: number): number {
  const fitting = Math.min(1, (width - 2 * MARGIN) / Math.max(1, picture.w));
  const k = fitting < FAR ? START_ZOOM : fitting;
  return Math.round(Math.min(600, Math.max(280, picture.h * k + 2 * MARGIN)));
}
