// The moving part of a plot: it is drawn again, once an animation frame at most, when something of it changes, and it takes what is done
// to it with pointer, wheel and keys.
import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import { AXIS, axisWidth, heightOf, heightOfAll, placeAt, timeAt, topOf } from "./layout";
import { COLOURS, type Colours, paint } from "./paint";
import { ALL, panned, type Sight, seen, withTime, zoomed } from "./scale";
import { countMarksOf, moved, type Place, type Scene, timeOf } from "./scene";

export interface Plotted {
  scene: ReadonlySignal<Scene>;
  sight: Signal<Sight>;
  chosen: ReadonlySignal<Place | null>;
  /** What the pointer is at. */
  hovered: Signal<Place | null>;
  /** When what is looked at came to other rows: by the row's place, those at the foot counted after the others. */
  way: ReadonlySignal<ReadonlyMap<number, number>>;
  playhead: ReadonlySignal<number | null>;
  choose(place: Place | null): void;
}

export interface Elements {
  /** Scrolls the rows. */
  box: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Has the plot's colours, one on each of its children: what a canvas draws knows nothing of style sheets. */
  palette: HTMLElement;
}

const ZOOM = 1.5;
/** So many pixels further it is no click any more. */
const DRAG = 4;

/** So often it is looked whether colours or the screen have changed, in milliseconds. */
const LOOK_MS = 400;

/** Draw what is plotted until the function returned is called. */
export function attachPlot({ box, canvas, palette }: Elements, plotted: Plotted): () => void {
  const { scene, sight, chosen, hovered, way, playhead } = plotted;
  const listeners = new AbortController();
  const { signal } = listeners;
  let frame: number | null = null;
  let look = "";

  const range = () => seen(sight.peek(), scene.peek().end);

  function request(): void {
    frame ??= requestAnimationFrame(draw);
  }

  function draw(): void {
    frame = null;
    const context = canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = canvas;
    if (context === null || width === 0) return;
    fit(canvas, context, width, height);
    look = lookOf(palette);
    const drawn = paint(context, {
      scene: scene.peek(),
      range: range(),
      ...{ width, height },
      scrolled: box.scrollTop,
      colours: coloursOf(palette),
      font: fontOf(canvas),
      chosen: chosen.peek(),
      hovered: hovered.peek(),
      way: way.peek(),
      playhead: playhead.peek(),
    });
    const { from, to } = range();
    const { holds } = scene.peek();
    const told = {
      deltas: countMarksOf(scene.peek()),
      holds: holds.length,
      ...drawn,
      from: from.toFixed(4),
      to: to.toFixed(4),
    };
    for (const [name, value] of Object.entries(told)) canvas.dataset[name] = String(value);
  }

  function zoom(factor: number, at: number): void {
    sight.value = zoomed(sight.peek(), scene.peek().end, factor, at);
  }

  function pan(pixels: number): void {
    const { from, to } = range();
    sight.value = panned(sight.peek(), scene.peek().end, (pixels * (to - from)) / axisWidth(canvas.clientWidth));
  }

  /** Bring the row of a place in sight, in the box alone. */
  function reveal(place: Place | null): void {
    const { rows, foot } = scene.peek();
    const row = place === null ? undefined : rows[place.row];
    if (place === null || row === undefined) return;
    const top = topOf(rows, place.row);
    const room = box.clientHeight - AXIS - heightOfAll(foot);
    box.scrollTop = Math.min(top, Math.max(box.scrollTop, top + heightOf(row) - room));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!act(event)) return;
    event.preventDefault();
  }

  /** Says whether the key means something. */
  function act({ key, shiftKey }: KeyboardEvent): boolean {
    const { from, to } = range();
    const place = chosen.peek();
    const looked = place === null ? undefined : timeOf(scene.peek(), place);
    const at = looked !== undefined && looked >= from && looked <= to ? looked : (from + to) / 2;
    if (key === "+" || key === "=") zoom(1 / ZOOM, at);
    else if (key === "-" || key === "_") zoom(ZOOM, at);
    else if (key === "0") sight.value = ALL;
    else if (key === "Escape" && place !== null) plotted.choose(null);
    else if (shiftKey && (key === "ArrowLeft" || key === "ArrowRight")) {
      pan((key === "ArrowLeft" ? -1 : 1) * 0.1 * axisWidth(canvas.clientWidth));
    } else return move(key, place);
    return true;
  }

  function move(key: string, from: Place | null): boolean {
    const place = moved(scene.peek(), from, key);
    if (place === null) return false;
    plotted.choose(place);
    const time = timeOf(scene.peek(), place);
    if (time !== undefined) sight.value = withTime(sight.peek(), scene.peek().end, time);
    return true;
  }

  function onWheel(event: WheelEvent): void {
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 16;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(
        Math.exp(Math.max(-1, Math.min(1, event.deltaY * pixels * 0.005))),
        timeAt(event.offsetX, range(), canvas.clientWidth),
      );
      return;
    }
    // Up and down belong to the rows, and to the notebook.
    const across = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (!event.shiftKey && Math.abs(across) <= Math.abs(event.deltaY)) return;
    if (sight.peek().span === null) return;
    event.preventDefault();
    pan(across * pixels);
  }

  let drag: { x: number; moves: boolean } | null = null;

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    drag = { x: event.clientX, moves: false };
    canvas.setPointerCapture(event.pointerId);
  }

  function onPointerMove(event: PointerEvent): void {
    if (drag === null) {
      hovered.value = placeOf(event);
      return;
    }
    const by = event.clientX - drag.x;
    if (!drag.moves && Math.abs(by) < DRAG) return;
    drag = { x: event.clientX, moves: true };
    hovered.value = null;
    pan(-by);
  }

  function onPointerUp(event: PointerEvent): void {
    const clicked = drag?.moves === false;
    drag = null;
    if (!clicked) return;
    const place = placeOf(event);
    if (place !== null) plotted.choose(place);
  }

  function placeOf(event: PointerEvent): Place | null {
    const { offsetX: x, offsetY: y } = event;
    if (y < AXIS || y >= canvas.clientHeight - heightOfAll(scene.peek().foot)) return null;
    return placeAt(scene.peek(), range(), canvas.clientWidth, x, y - AXIS + box.scrollTop);
  }

  box.addEventListener("keydown", onKeyDown, { signal });
  canvas.addEventListener("wheel", onWheel, { passive: false, signal });
  canvas.addEventListener("pointerdown", onPointerDown, { signal });
  canvas.addEventListener("pointermove", onPointerMove, { signal });
  canvas.addEventListener("pointerup", onPointerUp, { signal });
  canvas.addEventListener("pointercancel", () => (drag = null), { signal });
  canvas.addEventListener("pointerleave", () => (hovered.value = null), { signal });
  box.addEventListener("scroll", request, { passive: true, signal });
  const sizes = new ResizeObserver(request);
  sizes.observe(canvas);
  // No event tells that a theme was changed, or that the window was moved to another screen.
  const looking = setInterval(() => {
    if (!document.hidden && lookOf(palette) !== look) request();
  }, LOOK_MS);
  const everything = computed(() => [
    ...[scene.value, sight.value, chosen.value, hovered.value, way.value, playhead.value],
  ]);
  const stops = [everything.subscribe(request), chosen.subscribe(reveal)];
  return () => {
    listeners.abort();
    sizes.disconnect();
    clearInterval(looking);
    for (const stop of stops) stop();
    if (frame !== null) cancelAnimationFrame(frame);
  };
}

/** As many pixels as the screen has there. */
function fit(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, width: number, height: number): void {
  const ratio = window.devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

function coloursOf(palette: HTMLElement): Colours {
  return Object.fromEntries(
    COLOURS.map((name, index) => [name, getComputedStyle(palette.children[index] as Element).color]),
  ) as Colours;
}

/** Another word for each theme and screen. */
function lookOf(palette: HTMLElement): string {
  return [window.devicePixelRatio, ...Object.values(coloursOf(palette))].join();
}

function fontOf(canvas: HTMLElement): string {
  const { fontSize, fontFamily } = getComputedStyle(canvas);
  return `${fontSize} ${fontFamily}`;
}
