/** The layout in the core: dagre, run from several starts, the most readable result kept. */
import { Graph, layout } from "@dagrejs/dagre";
import { findJoints, type Joint, walk } from "./joints";
import type { LayoutRequest, Positions } from "./positions";
import { cost, quality } from "./quality";
import { type Laid, route } from "./routes";
import { straighten } from "./straighten";

const MOST_RUNS = 12;
/** What a run costs, measured: about 0.5 ms for each node and edge. 250 ms in all; counted, not timed, so that the same
 * graph gets the same layout on every machine. */
const BUDGET = 500;

const UNSEEN = "unseen";
const SPACING = { ranksep: 60, nodesep: 26, edgesep: 18 };

export function layOut(request: LayoutRequest): Positions {
  const size = request.nodes.length + request.edges.length;
  const runs = Math.max(1, Math.min(MOST_RUNS, Math.floor(BUDGET / Math.max(1, size))));
  const { back, roots } = walk(request);
  const joints = findJoints(request, back);
  let best: { positions: Positions; cost: number } | undefined;
  for (let run = 0; run < runs; run++) {
    const positions = once(request, joints, roots, run);
    const found = quality(positions, request.edges);
    if (!best || cost(found) < best.cost) best = { positions, cost: cost(found) };
    if (found.crossings + found.through === 0) break;
  }
  return (best as { positions: Positions }).positions;
}

/** One run of dagre. Run 0 takes everything in the order given; others shuffle, which changes how dagre breaks ties. */
function once(request: LayoutRequest, joints: readonly Joint[], roots: readonly string[], run: number): Positions {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", ranker: run % 3 === 2 ? "longest-path" : "network-simplex", ...SPACING });
  const [first, ...rest] = request.nodes;
  for (const node of [...(first ? [first] : []), ...shuffled(rest, run)]) {
    graph.setNode(node.id, { width: node.w, height: node.h });
  }
  for (const joint of joints) graph.setNode(joint.id, { width: 1, height: 1 });
  const jointOf = new Map(joints.flatMap((joint) => joint.members.map((index) => [index, joint] as const)));
  for (const index of shuffled([...request.edges.keys()], run)) {
    const edge = request.edges[index];
    if (!edge) continue;
    graph.setEdge(
      edge.from,
      jointOf.get(index)?.id ?? edge.to,
      { width: edge.label?.w ?? 0, height: edge.label?.h ?? 0, labelpos: "c", weight: jointOf.has(index) ? 1 : 2 },
      String(index),
    );
  }
  for (const joint of joints) graph.setEdge(joint.id, joint.target, { weight: 1 }, joint.id);
  // What nothing leads to would stand above the entrypoint: unseen edges put it beside.
  for (const root of roots) if (first) graph.setEdge(first.id, root, { weight: 0 }, UNSEEN);
  layout(graph);

  const laid: Laid = { nodes: {}, edges: new Map() };
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id);
    laid.nodes[id] = { x: x - width / 2, y: y - height / 2, w: width, h: height };
  }
  for (const key of graph.edges()) {
    if (key.name === UNSEEN) continue;
    const { points, x, y, width, height } = graph.edge(key);
    const label = width ? { x: x - width / 2, y: y - height / 2, w: width, h: height } : null;
    laid.edges.set(key.name ?? "", { from: key.v, to: key.w, via: points.slice(1, -1), label });
  }
  if (first) straighten(laid, first.id);
  return route(request, laid, joints);
}

/** A copy in an order that depends on the seed alone; seed 0 keeps the order. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed * 2654435761;
  if (!seed) return result;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
