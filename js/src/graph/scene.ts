/** The state of one shown state machine: the picture, the view on it, what is focused and which card is open. */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { Graph, Node, Step, TransitionTaken } from "../protocol.gen";
import { hasInside } from "../spans/tree";
import { layOut } from "./dagre";
import { type Picture, type Plan, plan } from "./plan";
import { type Box, type LayoutEngine, spotOn } from "./positions";
import type { Stepping } from "./stepping";
import { Viewport } from "./viewport";
import { takenIndex } from "./words";

/** What a card is about: an action, or a transition by its index. */
export type Subject = { action: string } | { transition: number };

export interface Card {
  subject: Subject;
  /** A pinned card stays until it is dismissed. */
  pinned: boolean;
}

export interface SceneInput {
  graph: Graph;
  nodes: ReadonlySignal<{ [name: string]: Node }>;
  taken: ReadonlySignal<readonly number[]>;
  decisions: ReadonlySignal<readonly TransitionTaken[]>;
  steps: ReadonlySignal<readonly Step[]>;
  stepping?: Stepping | undefined;
  loadLayout?: (() => Promise<LayoutEngine>) | undefined;
}

export interface Drawing {
  plan: Plan;
  picture: Picture;
  /** Whether it is the layout loaded on demand. */
  better: boolean;
}

/** Above this many actions a better layout than dagre's is worth its download. */
const LARGE = 20;
/** Below this width, in pixels, names are broken earlier. */
const NARROW = 640;

let scenes = 0;

export class Scene {
  /** For the element ids that ARIA relations need; unique in the page. */
  readonly id = `bcw-graph-${Date.now().toString(36)}-${scenes++}`;
  readonly graph: Graph;
  readonly nodes: SceneInput["nodes"];
  readonly taken: SceneInput["taken"];
  readonly stepping: SceneInput["stepping"];
  readonly viewport = new Viewport();
  readonly drawing: Signal<Drawing | null> = signal(null);
  readonly card: Signal<Card | null> = signal(null);
  /** The action that Tab leads to. */
  readonly current: Signal<string>;
  /** The index of the transition taken last, -1 for none. */
  readonly last: ReadonlySignal<number>;
  /** The last decision out of each action. */
  readonly decisions: ReadonlySignal<ReadonlyMap<string, TransitionTaken>>;
  /** The last step of each action, where it is known what ran inside it. */
  readonly runs: ReadonlySignal<ReadonlyMap<string, Step>>;
  /** Those of them that belong to the last turn. */
  readonly latest: ReadonlySignal<ReadonlyMap<string, Step>>;
  /** The action to keep in sight: the running one, else the next, else the one that ran last. */
  readonly active: ReadonlySignal<string>;
  readonly #loadLayout: SceneInput["loadLayout"];
  #engine: Promise<LayoutEngine> | null = null;
  #drawn = "";

  constructor({ graph, nodes, taken, decisions, steps, stepping, loadLayout }: SceneInput) {
    this.graph = graph;
    this.stepping = stepping;
    this.nodes = nodes;
    this.taken = taken;
    this.decisions = computed(() => new Map(decisions.value.map((decision) => [decision.from_action, decision])));
    this.runs = computed(() => lastRuns(steps.value, graph.actions.length));
    this.latest = computed(() => {
      const turn = steps.value.at(-1)?.turn;
      return new Map([...this.runs.value].filter(([, step]) => step.turn === turn));
    });
    this.#loadLayout = loadLayout;
    this.current = signal(graph.entrypoint);
    this.last = computed(() => takenIndex(graph.transitions, decisions.value.at(-1) ?? null));
    this.active = computed(() => {
      const named = (status: Node["status"]): string | undefined =>
        graph.actions.find(({ name }) => nodes.value[name]?.status === status)?.name;
      return named("running") ?? named("next") ?? steps.value.at(-1)?.action ?? graph.entrypoint;
    });
  }

  /** Follows the running action until the returned function is called. */
  start(): () => void {
    return effect(() => {
      const box = this.boxOf({ action: this.active.value });
      // Moving the view reads it too: tracked, that would be a cycle.
      if (box && this.viewport.following.peek()) untracked(() => batch(() => this.viewport.reveal(box)));
    });
  }

  /** Lays out for this canvas, if its width asks for another layout than the one drawn, and shows it in the new size. */
  resize(canvas: { w: number; h: number }, font: string): void {
    const compact = canvas.w > 0 && canvas.w < NARROW;
    const drawn = `${compact} ${font}`;
    batch(() => {
      if (this.#drawn !== drawn) {
        this.#drawn = drawn;
        this.#draw(plan(this.graph, { compact, font }), drawn);
      }
      this.#fitTo(canvas);
    });
  }

  /** Shows all of the picture, as far as it can be read. */
  fit(): void {
    this.viewport.fit(this.boxOf({ action: this.active.peek() }));
  }

  /** Lets the view follow the running action again after the reader moved it. */
  follow(): void {
    this.viewport.mode.value = "zoomed";
    const box = this.boxOf({ action: this.active.peek() });
    if (box) this.viewport.reveal(box);
  }

  #fitTo(canvas: { w: number; h: number }): void {
    const picture = this.drawing.peek()?.picture;
    if (picture) this.viewport.resize(canvas, picture.size, this.boxOf({ action: this.active.peek() }));
  }

  #draw(planned: Plan, drawn: string): void {
    this.drawing.value = { plan: planned, picture: planned.finish(layOut(planned.request)), better: false };
    if (!this.#loadLayout || this.graph.actions.length <= LARGE) return;
    this.#engine ??= this.#loadLayout();
    this.#engine
      .then((engine) => engine(planned.request))
      .then((positions) => {
        if (this.#drawn !== drawn) return;
        batch(() => {
          this.drawing.value = { plan: planned, picture: planned.finish(positions), better: true };
          this.#fitTo(this.viewport.canvas);
        });
      })
      .catch((error: unknown) => {
        this.#engine = null;
        console.warn("The better layout of the state machine could not be had; the first one stays.", error);
      });
  }

  /** Where the subject is in the picture: the node, or the transition's label or middle. */
  boxOf(subject: Subject): Box | null {
    const picture = this.drawing.value?.picture;
    if (!picture) return null;
    if ("action" in subject) return picture.nodes.get(subject.action) ?? null;
    const edge = picture.edges[subject.transition];
    if (!edge?.points.length) return null;
    const { x, y } = spotOn(edge);
    return edge.label ?? { x: x - 8, y: y - 8, w: 16, h: 16 };
  }
}

function lastRuns(steps: readonly Step[], actions: number): Map<string, Step> {
  const last = new Map<string, Step>();
  for (let at = steps.length - 1; at >= 0 && last.size < actions; at--) {
    const step = steps[at] as Step;
    if (!last.has(step.action)) last.set(step.action, step);
  }
  return new Map([...last].filter(([, step]) => hasInside(step)));
}

export function same(a: Subject | undefined, b: Subject | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
