/** The canvas with the picture, and everything that pointer, focus and keys do to it. */
import { computed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { CardView } from "./Card";
import { Cards } from "./cards";
import { listen } from "./gestures";
import { type Direction, neighbour } from "./neighbours";
import { Picture } from "./Picture";
import { type Scene, type Subject, same } from "./scene";
import { toggle } from "./stepping";
import { naturalHeight } from "./viewport";

const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
export const ZOOM_STEP = 1.25;

export function Stage({ scene, hidden }: { scene: Scene; hidden: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const width = useSignal(0);
  const cards = useMemo(() => new Cards(scene), [scene]);
  const style = useMemo(
    () =>
      computed(() => {
        const size = scene.drawing.value?.picture.size ?? { w: 0, h: 0 };
        return `--bcw-graph-natural:${naturalHeight(size, width.value || 600)}px`;
      }),
    [scene, width],
  );
  const layout = useMemo(() => computed(() => (scene.drawing.value?.better ? "better" : "first")), [scene]);
  const far = useMemo(() => computed(() => String(scene.viewport.far.value)), [scene]);
  const overflowing = useMemo(() => computed(() => String(scene.viewport.overflowing.value)), [scene]);

  useLayoutEffect(() => {
    const canvas = root.current;
    if (!canvas) return;
    const leaving = new AbortController();
    const resize = (): void => {
      if (canvas.hidden) return;
      width.value = canvas.clientWidth;
      scene.resize({ w: canvas.clientWidth, h: canvas.clientHeight }, getComputedStyle(canvas).fontFamily);
    };
    resize();
    const observer = new ResizeObserver(resize);
    observer.observe(canvas);
    listen(canvas, scene.viewport, leaving.signal);
    // What opened on hover closes on Escape wherever the focus is; capture, because other parts keep their keys in.
    const onEscape = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !canvas.contains(event.target as globalThis.Node)) cards.dismissHovered();
    };
    document.addEventListener("keydown", onEscape, { signal: leaving.signal, capture: true });
    const stop = scene.start();
    return () => {
      leaving.abort();
      observer.disconnect();
      stop();
      cards.keep();
    };
  }, [scene, cards, width]);

  const focusOn = (attribute: string, value: string | number): void => {
    const elements = [...(root.current?.querySelectorAll<SVGElement>(`[${attribute}]`) ?? [])];
    const element = elements.find((candidate) => candidate.getAttribute(attribute) === String(value));
    element?.focus({ preventScroll: true });
  };
  const goTo = (name: string | null | undefined): void => {
    if (name) focusOn("data-action", name);
  };
  const returnFrom = (subject: Subject | undefined): void => {
    if (subject && "transition" in subject) focusOn("data-transition", subject.transition);
    else goTo(subject?.action);
    cards.close();
  };

  /** T goes through the transitions out of the action, in the order in which Burr evaluates them. */
  const nextTransition = (subject: Subject): void => {
    const { transitions } = scene.graph;
    const from = "action" in subject ? subject.action : transitions[subject.transition]?.from_action;
    const leaving = [...transitions.keys()].filter((i) => transitions[i]?.from_action === from);
    const at = "action" in subject ? -1 : leaving.indexOf(subject.transition);
    const next = leaving[(at + 1) % Math.max(1, leaving.length)];
    if (next !== undefined) focusOn("data-transition", next);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const subject = subjectOf(event.target);
    if (event.key === "Escape" && scene.card.value) {
      returnFrom(scene.card.value.subject);
      event.preventDefault();
      return;
    }
    if (!subject || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const picture = scene.drawing.value?.picture;
    if (arrow && picture) {
      if ("action" in subject) goTo(neighbour(scene.graph, picture, subject.action, arrow));
      else if (arrow === "up") goTo(scene.graph.transitions[subject.transition]?.from_action);
      else if (arrow === "down") goTo(scene.graph.transitions[subject.transition]?.to_action);
    } else if (event.key === "Home") goTo(scene.graph.entrypoint);
    else if (event.key === "Enter" || event.key === " ") cards.toggle(subject);
    else if (event.key === "t" || event.key === "T") nextTransition(subject);
    else if ((event.key === "b" || event.key === "B") && "action" in subject) {
      toggle(scene.stepping, subject.action, event.shiftKey ? "after" : "before");
    } else if (event.key === "+" || event.key === "=") scene.viewport.zoom(ZOOM_STEP);
    else if (event.key === "-") scene.viewport.zoom(1 / ZOOM_STEP);
    else if (event.key === "0") scene.fit();
    else return;
    event.preventDefault();
  };

  const onFocusIn = (event: FocusEvent): void => {
    const subject = subjectOf(event.target);
    if (!subject) {
      cards.keep();
      return;
    }
    if ("action" in subject) scene.current.value = subject.action;
    cards.keep();
    // A press may become a drag: it must not move the node from under the pointer, and its click opens the card.
    if (pressed.current) return;
    if (!same(scene.card.peek()?.subject, subject)) cards.show(subject);
    const box = scene.boxOf(subject);
    if (box) scene.viewport.reveal(box);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is interactive is inside; events are handled here for all
    <div
      ref={root}
      class="bcw-graph-stage"
      style={style}
      data-overflowing={overflowing}
      hidden={hidden}
      onKeyDown={onKeyDown}
      onFocusIn={onFocusIn}
      onFocusOut={() => cards.leave()}
      onPointerDown={() => {
        pressed.current = true;
      }}
      onPointerUp={() => {
        pressed.current = false;
      }}
      onPointerCancel={() => {
        pressed.current = false;
      }}
      onPointerOver={(event) => {
        const subject = subjectOf(event.target);
        if (subject) cards.hover(subject);
        else if (inCard(event.target)) cards.keep();
        else cards.leave();
      }}
      onPointerMove={(event) => cards.move(subjectOf(event.target))}
      onPointerLeave={() => {
        pressed.current = false;
        cards.leave();
      }}
      onClick={(event) => {
        const subject = subjectOf(event.target);
        if (subject) cards.toggle(subject);
        else if (!inCard(event.target)) cards.dismiss();
      }}
    >
      <svg
        class="bcw-graph-canvas"
        data-layout={layout}
        data-far={far}
        role="application"
        aria-label="Graph"
        aria-describedby={`${scene.id}-keys`}
      >
        <Picture scene={scene} />
      </svg>
      <p id={`${scene.id}-keys`} class="bcw-graph-unseen">
        Arrow keys follow the transitions, T goes through the transitions out of an action, Enter pins the details,
        Escape closes them, Home goes to the entry point,
        {scene.stepping?.setBreakpoint && " B sets a breakpoint before an action and Shift+B after it,"} plus, minus and
        0 zoom.
      </p>
      <CardView scene={scene} dismiss={() => returnFrom(scene.card.value?.subject)} />
    </div>
  );
}

function subjectOf(target: EventTarget | null): Subject | null {
  const element = (target as Element | null)?.closest?.("[data-action],[data-transition]");
  const action = element?.getAttribute("data-action");
  if (action !== null && action !== undefined) return { action };
  const transition = element?.getAttribute("data-transition");
  return transition ? { transition: Number(transition) } : null;
}

function inCard(target: EventTarget | null): boolean {
  return Boolean((target as Element | null)?.closest?.(".bcw-graph-card"));
}
