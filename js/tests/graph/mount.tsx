/** The view in a page whose layout is given: happy-dom has no sizes and observes none. */
import { type Signal, signal } from "@preact/signals";
import { act, cleanup, render } from "@testing-library/preact";
import { afterEach, beforeEach, vi } from "vitest";
import { type LayoutEngine, StateMachine } from "../../src/graph";
import type { Graph, Node, Step, TransitionTaken } from "../../src/protocol.gen";
import { idle } from "./samples";

const canvas = { w: 800, h: 500 };
let observers: (() => void)[] = [];

export function withSizes(): void {
  beforeEach(() => {
    Object.assign(canvas, { w: 800, h: 500 });
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockImplementation(() => canvas.w);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockImplementation(() => canvas.h);
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(callback: () => void) {
          observers.push(callback);
        }
        observe(): void {}
        disconnect(): void {}
      },
    );
  });
  afterEach(() => {
    cleanup();
    observers = [];
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

export function resizeTo(w: number, h: number): void {
  Object.assign(canvas, { w, h });
  for (const observed of observers) observed();
}

/** Does something and waits for what it paints: signals write to the page in a microtask. */
export async function settle(change: () => void): Promise<void> {
  await act(async () => change());
}

export interface Mounted {
  nodes: Signal<{ [name: string]: Node }>;
  taken: Signal<readonly number[]>;
  decisions: Signal<readonly TransitionTaken[]>;
  steps: Signal<readonly Step[]>;
  root: HTMLElement;
  svg: SVGElement;
  stage: HTMLElement;
  node(name: string): SVGElement;
  edge(from: string, to: string, which?: number): SVGElement;
  card(): HTMLElement | null;
  /** The picture's transform: how far it is moved and zoomed. */
  view(): string | null;
}

export function mount(graph: Graph, loadLayout?: () => Promise<LayoutEngine>): Mounted {
  const nodes = signal<{ [name: string]: Node }>(idle(graph));
  const taken = signal<readonly number[]>(graph.transitions.map(() => 0));
  const decisions = signal<readonly TransitionTaken[]>([]);
  const steps = signal<readonly Step[]>([]);
  const props = { graph, nodes, taken, decisions, steps };
  const { container } = render(<StateMachine {...props} {...(loadLayout && { loadLayout })} />);
  const one = <E extends Element>(selector: string, at = 0): E => container.querySelectorAll<E>(selector)[at] as E;
  return {
    nodes,
    taken,
    decisions,
    steps,
    root: one(".bcw-graph"),
    svg: one("svg"),
    stage: one(".bcw-graph-stage"),
    node: (name) =>
      [...container.querySelectorAll<SVGElement>("[data-action]")].find(
        (element) => element.getAttribute("data-action") === name,
      ) as SVGElement,
    edge: (from, to, which = 0) => one(`[data-from="${from}"][data-to="${to}"]`, which),
    card: () => container.querySelector<HTMLElement>(".bcw-graph-card"),
    view: () => one("svg > g").getAttribute("style")?.replaceAll(/[\s;]/g, "") ?? null,
  };
}
