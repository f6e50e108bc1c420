/** The layout that is fetched for large graphs: Graphviz's `dot`, compiled to WebAssembly. Bundled apart from the core. */
import { instance } from "@viz-js/viz";
import { type Box, type EdgePosition, type LayoutEngine, type LayoutRequest, normalise, type Point } from "./positions";

const INCH = 72;

/** What `dot -Tjson` says of nodes and edges, as far as it is read here. Positions are points: "x,y", "e,x,y x,y ...". */
interface Answer {
  objects?: { name: string; pos?: string; width?: string; height?: string }[];
  edges?: { mark?: string; pos?: string; lp?: string }[];
}

export const layout: LayoutEngine = async (request) => {
  const viz = await instance();
  const answer = viz.renderJSON(
    {
      graphAttributes: { rankdir: "TB", ranksep: 0.5, nodesep: 0.32, splines: "true" },
      nodeAttributes: { shape: "box", fixedsize: true, label: "", margin: 0 },
      edgeAttributes: { arrowhead: "normal", arrowsize: 0.1 },
      nodes: request.nodes.map((node) => ({
        name: node.id,
        attributes: { width: node.w / INCH, height: node.h / INCH },
      })),
      edges: edges(request),
    },
    { engine: "dot", yInvert: true },
  ) as Answer;
  return read(request, answer);
};

function edges(request: LayoutRequest) {
  return request.edges.map((edge, i) => ({
    tail: edge.from,
    head: edge.to,
    attributes: { mark: String(i), ...(edge.label ? { label: { html: sized(edge.label.w, edge.label.h) } } : {}) },
  }));
}

/** An empty label of just this size. */
function sized(w: number, h: number): string {
  return `<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr><td fixedsize="true" width="${w}" height="${h}"></td></tr></table>`;
}

function read(request: LayoutRequest, answer: Answer) {
  const sizes = new Map(request.nodes.map((node) => [node.id, node]));
  const nodes: Record<string, Box> = {};
  for (const { name, pos } of answer.objects ?? []) {
    const node = sizes.get(name);
    const at = points(pos ?? "")[0];
    if (node && at) nodes[node.id] = { x: at.x - node.w / 2, y: at.y - node.h / 2, w: node.w, h: node.h };
  }
  const edges: EdgePosition[] = request.edges.map(() => ({ points: [], label: null }));
  for (const { mark, pos, lp } of answer.edges ?? []) {
    const size = request.edges[Number(mark)]?.label;
    const at = points(lp ?? "")[0];
    edges[Number(mark)] = {
      points: spline(pos ?? ""),
      label: size && at ? { x: at.x - size.w / 2, y: at.y - size.h / 2, w: size.w, h: size.h } : null,
    };
  }
  const placed = Object.keys(nodes).length === request.nodes.length && edges.every((edge) => edge.points.length > 3);
  if (!placed) throw new Error("Graphviz left out a node or an edge");
  return normalise(nodes, edges);
}

/** The curve, and if Graphviz kept room for an arrow's tip, which `e,x,y` names first, on to that. */
function spline(pos: string): Point[] {
  if (!pos.startsWith("e,")) return points(pos);
  const [tip, ...chain] = points(pos.slice(2));
  return tip ? [...chain.slice(0, -1), tip] : [];
}

function points(text: string): Point[] {
  return text
    .split(" ")
    .map((pair) => pair.split(",").map(Number))
    .filter((pair) => pair.length === 2 && pair.every(Number.isFinite))
    .map(([x, y]) => ({ x, y }) as Point);
}
