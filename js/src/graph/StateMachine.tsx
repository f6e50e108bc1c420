/** The state machine view: a toolbar, the picture or the list. It takes its data from signals and knows no transport. */
import type { ReadonlySignal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Graph, Node, Step, TransitionTaken } from "../protocol.gen";
import { List } from "./List";
import type { LayoutEngine } from "./positions";
import { Stage, ZOOM_STEP } from "./Stage";
import { Scene } from "./scene";
import type { Stepping } from "./stepping";

export interface GraphProps {
  /** Static for a session. */
  graph: Graph;
  /** Status and visits, by the action's name. */
  nodes: ReadonlySignal<{ [name: string]: Node }>;
  /** How often each transition was taken, in the order of `graph.transitions`. */
  taken: ReadonlySignal<readonly number[]>;
  /** The transition taken last, with all conditions that were evaluated. */
  decisions: ReadonlySignal<readonly TransitionTaken[]>;
  /** All steps: what happened inside them is shown at their actions. */
  steps: ReadonlySignal<readonly Step[]>;
  /** Breakpoints, and where a turn is held; without it the picture has neither. The same one as long as it is shown. */
  stepping?: Stepping | undefined;
  /** Fetches a better layout for large graphs; without it, or when it fails, dagre's stays. */
  loadLayout?: () => Promise<LayoutEngine>;
}

export function StateMachine({ graph, nodes, taken, decisions, steps, stepping, loadLayout }: GraphProps): JSX.Element {
  const load = useRef(loadLayout);
  load.current = loadLayout;
  const known = useSame(graph);
  const scene = useMemo(
    () => new Scene({ graph: known, nodes, taken, decisions, steps, stepping, loadLayout: load.current }),
    [known, nodes, taken, decisions, steps, stepping],
  );
  const asList = useSignal(false);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-graph" role="group" aria-label="State machine">
      <div class="bcw-graph-bar">
        <button
          type="button"
          onClick={() => {
            asList.value = !asList.value;
          }}
        >
          {asList.value ? "Graph" : "List"}
        </button>
        {!asList.value && <ViewButtons scene={scene} />}
      </div>
      <Stage scene={scene} hidden={asList.value} />
      <List scene={scene} shown={asList.value} />
    </div>
  );
}

/** The graph that was there first, as long as what comes is equal: a new snapshot must not reset the reader's view. */
function useSame(graph: Graph): Graph {
  const known = useRef(graph);
  const same = known.current === graph || JSON.stringify(known.current) === JSON.stringify(graph);
  if (!same) known.current = graph;
  return known.current;
}

function ViewButtons({ scene }: { scene: Scene }) {
  const { viewport } = scene;
  return (
    <>
      {viewport.mode.value === "moved" && viewport.overflowing.value && (
        <button type="button" class="bcw-graph-follow" onClick={() => scene.follow()}>
          Follow
        </button>
      )}
      <span class="bcw-graph-gap" />
      <button type="button" aria-label="Zoom out" onClick={() => viewport.zoom(1 / ZOOM_STEP)}>
        −
      </button>
      <button type="button" aria-label="Zoom in" onClick={() => viewport.zoom(ZOOM_STEP)}>
        +
      </button>
      <button type="button" onClick={() => scene.fit()}>
        Fit
      </button>
    </>
  );
}
