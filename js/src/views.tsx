// The views of one chat: each is a root element on the same store, mounted and taken down on its own.
import { computed, effect, signal, useComputed } from "@preact/signals";
import { Component, type ComponentChildren, render } from "preact";
import { useMemo } from "preact/hooks";
import { Beside, type OpenBeside } from "./Beside";
import { Chat } from "./chat/Chat";
import { choosersOf } from "./chat/choosing";
import { guardKeyboard } from "./chat/keyboard";
import { outgoingOf } from "./chat/outgoing";
import type { LayoutEngine } from "./graph/positions";
import { StateMachine } from "./graph/StateMachine";
import "./graph/graph.css";
import { ASKS, controlOf, HeldBar, listenForKeys, type ViewActions } from "./inspector";
import "./inspector/controls.css";
import { type ColourSpans, createMarkdown, type MathRenderer } from "./markdown/markdown";
import "./markdown/markdown.css";
import { OnDemand } from "./OnDemand";
import { leaveOnEscape, PastBanner } from "./PastBanner";
import "./past.css";
import type { Lane, Step, View } from "./protocol.gen";
import type { QuizProps } from "./quiz/QuizView";
import { type Store, shownOf } from "./store/store";
import type { TimelineProps } from "./timeline/Timeline";
import type { LoadAsset } from "./transport/assets";
import type { Connection } from "./transport/connection";
import { KERNEL, type Peer } from "./transport/peer";

export type ViewName = "chat" | "graph" | "inspector" | "timeline" | "comparison" | "quiz";

export interface ViewContext {
  /** Which session it is of, among all on the page. */
  session: string;
  store: Store;
  actions: ViewActions;
  load: LoadAsset;
  arrivals: Connection["arrivals"];
  /** Whether a key belongs to a command for chats that the notebook has: it is not kept in the view then. */
  isShortcut?: ((event: KeyboardEvent) => boolean) | undefined;
  /** Opens a view beside the notebook, where the page can. */
  beside?: OpenBeside<ViewName> | undefined;
  /** Told of each view's root, and when it goes. */
  onRoot?: ((root: HTMLElement, gone: AbortSignal) => void) | undefined;
  /** What a comparison shows. */
  lanes?: Lane[] | undefined;
}

/** Mount one view into `el` until `signal` aborts; not at all where it has. An error shows in its place: a cell is never empty. */
export function mountView(view: ViewName, el: HTMLElement, signal: AbortSignal, context: ViewContext): void {
  if (signal.aborted) return;
  const root = document.createElement("div");
  root.className = "bcw";
  root.dataset.view = view;
  root.dataset.session = context.session;
  el.append(root);
  signal.addEventListener("abort", () => root.remove());
  try {
    guardKeyboard(root, signal, context.isShortcut);
    listenForKeys(root, controlOf(context.store, context.actions), signal);
    leaveOnEscape(root, context.store, signal);
    context.onRoot?.(root, signal);
    // The others are of no use without what is beside them.
    const beside = view === "comparison" || view === "quiz" ? undefined : context.beside;
    const stop = effect(() => {
      root.dataset.sessionStatus = context.store.status.value;
      root.toggleAttribute("data-past", context.store.past.value !== null);
      // Nothing was heard, and nothing will be.
      root.toggleAttribute(
        "data-empty",
        context.store.connection.value === "lost" && context.store.known.value === null,
      );
      root.toggleAttribute("data-still", !context.store.settings.value.animations);
      root.toggleAttribute("data-beside", (beside?.value ?? null) !== null);
    });
    render(
      <Boundary peer={context.store.peer}>
        {content(view, context)}
        {beside && <Beside open={beside} view={view} />}
      </Boundary>,
      root,
    );
    signal.addEventListener("abort", () => {
      stop();
      render(null, root);
    });
  } catch (error) {
    showError(root, error, context.store.peer);
  }
}

export function showError(el: HTMLElement, error: unknown, peer: Peer = KERNEL): void {
  console.error(error);
  const box = document.createElement("pre");
  box.className = "bcw bcw-broken";
  box.setAttribute("role", "alert");
  box.textContent = brokenWords(error, peer);
  el.replaceChildren(box);
}

interface Broken {
  error: unknown;
}

/** What goes wrong in a view that is already there: Preact would leave it half made. */
class Boundary extends Component<{ peer: Peer; children: ComponentChildren }, { broken: Broken | null }> {
  override state: { broken: Broken | null } = { broken: null };

  static override getDerivedStateFromError(error: unknown) {
    return { broken: { error } };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render(): ComponentChildren {
    const { broken } = this.state;
    if (broken === null) return this.props.children;
    return (
      <pre class="bcw-broken" role="alert">
        {brokenWords(broken.error, this.props.peer)}
      </pre>
    );
  }
}

function brokenWords(error: unknown, { again }: Peer): string {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This view could not be shown. ${again}; if it happens again, please report it.\n\n${words}`;
}

function content(view: ViewName, context: ViewContext): ComponentChildren {
  switch (view) {
    case "chat":
      return (
        <Chat store={context.store} actions={context.actions} markdown={markdown(context.load)}>
          <PastBanner store={context.store} />
          <HeldBar store={shownOf(context.store)} control={controlOf(context.store, context.actions)} />
        </Chat>
      );
    case "graph":
      return <GraphView {...context} />;
    case "inspector":
      return <InspectorView {...context} />;
    case "timeline":
      return <TimelineView {...context} />;
    case "comparison":
      return (
        <OnDemand
          name="timeline"
          part="Comparison"
          load={context.load}
          store={context.store}
          props={{ lanes: context.lanes }}
        />
      );
    case "quiz":
      return <QuizView {...context} />;
    default:
      return unknown(view);
  }
}

function unknown(view: never): never {
  throw new Error(`there is no view ${JSON.stringify(view)}`);
}

function markdown(load: LoadAsset) {
  const loadMath = async () => (await load("math")).renderMath as MathRenderer;
  return (el: HTMLElement) => createMarkdown(el, { loadMath, loadColours: colours(load) });
}

function colours(load: LoadAsset) {
  return async () => (await load("code")).colourSpans as ColourSpans;
}

function GraphView({ store: known, actions, load }: ViewContext) {
  const store = useMemo(() => shownOf(known), [known]);
  const graph = useComputed(() => store.view.value?.graph ?? null).value;
  const nodes = useComputed(() => {
    const known = store.view.value?.nodes ?? {};
    return store.connection.value === "lost" ? withoutRunning(known) : known;
  });
  const taken = useComputed(() => store.view.value?.taken ?? []);
  const decisions = useComputed(() => store.view.value?.decisions ?? []);
  const steps = useComputed(() => {
    const known = store.view.value?.steps ?? [];
    return store.connection.value === "lost" ? known.map(cutOff) : known;
  });
  const { offered } = controlOf(known, actions);
  const isOffered = offered.value;
  const stepping = useMemo(() => {
    const { breakpoints, setBreakpoint } = controlOf(known, actions);
    // Where it is held while a quiz asks is not where it goes on.
    const held = computed(() => (store.quiz.value?.asks.value ? null : (store.view.value?.held ?? null)));
    return isOffered ? { breakpoints, held, setBreakpoint } : { breakpoints: signal([]), held, setBreakpoint: null };
  }, [known, store, actions, isOffered]);
  if (graph === null) {
    const waiting = `The state machine appears when the ${store.peer.name} answers.`;
    return <p class="bcw-waiting">{store.connection.value === "lost" ? store.lost.value : waiting}</p>;
  }
  return (
    <>
      <PastBanner store={known} />
      <StateMachine
        graph={graph}
        nodes={nodes}
        taken={taken}
        decisions={decisions}
        steps={steps}
        stepping={stepping}
        loadLayout={async () => (await load("graphviz")).layout as LayoutEngine}
      />
    </>
  );
}

function cutOff(step: Step): Step {
  return step.status === "running" ? { ...step, status: "stopped" } : step;
}

function InspectorView({ store, actions, load }: ViewContext) {
  const loadColours = useMemo(() => colours(load), [load]);
  const control = controlOf(store, actions);
  const outgoing = outgoingOf(store, actions);
  const given = { store, control, outgoing, inspect: actions.inspect, loadColours };
  return <OnDemand name="inspector" load={load} store={store} props={given} />;
}

function TimelineView({ store, actions, load, arrivals }: ViewContext) {
  // What is told of a turn would give away what the quiz asks of it.
  const log: ViewActions["log"] = (turn, start) =>
    store.quiz.peek()?.asks.peek() && turn === store.known.peek()?.turns.at(-1)?.key
      ? Promise.reject(new Error(ASKS))
      : actions.log(turn, start);
  const given: TimelineProps = {
    ...{ store, arrivals },
    actions: { ...actions, log },
    control: controlOf(store, actions),
    choosers: choosersOf(store),
  };
  return <OnDemand name="timeline" load={load} store={store} props={given} />;
}

function QuizView(context: ViewContext) {
  const { store, actions, load } = context;
  const given: QuizProps = { store, control: controlOf(store, actions), graph: <GraphView {...context} /> };
  return <OnDemand name="quiz" load={load} store={store} props={given} />;
}

/** Of a kernel that is gone, nothing runs. */
function withoutRunning(nodes: View["nodes"]): View["nodes"] {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [name, node.status === "running" ? { ...node, status: "idle" } : node]),
  );
}
