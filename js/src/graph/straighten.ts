/** The way in, from the start to the first branch, as one straight line where there is room: dagre tends to set it off. */
import { type Box, centre, overlaps, type Point } from "./positions";
import type { Laid } from "./routes";

const MARGIN = 12;

/** Moves the nodes that lead from `first` to the first branch above that branch, unless something is there. */
export function straighten(laid: Laid, first: string): void {
  const chain: string[] = [];
  const names: string[] = [];
  let end = first;
  while (!chain.includes(end)) {
    const leaving = [...laid.edges].filter(([, edge]) => edge.from === end);
    const next = leaving.length === 1 ? leaving[0] : undefined;
    if (!next) break;
    chain.push(end);
    names.push(next[0]);
    end = next[1].to;
  }
  if (chain.includes(end)) return;
  const x = centre(laid.nodes[end] as Box).x;
  const moved = Object.fromEntries(
    chain.map((id) => {
      const box = laid.nodes[id] as Box;
      return [id, { ...box, x: x - box.w / 2 }];
    }),
  );
  const others = [...laid.edges].filter(([name]) => !names.includes(name)).map(([, edge]) => edge);
  const inTheWay = (box: Box): boolean =>
    Object.entries(laid.nodes).some(([id, other]) => !(id in moved) && overlaps(box, other, MARGIN)) ||
    others.some(
      (edge) => (edge.label && overlaps(box, edge.label, MARGIN)) || edge.via.some((point) => near(box, point)),
    );
  const vias = names.flatMap((name) => laid.edges.get(name)?.via ?? []).map((point) => ({ ...point, x, w: 0, h: 0 }));
  if ([...Object.values(moved), ...vias].some(inTheWay)) return;
  Object.assign(laid.nodes, moved);
  for (const name of names) {
    const edge = laid.edges.get(name);
    if (!edge) continue;
    const label = edge.label && { ...edge.label, x: x - edge.label.w / 2 };
    laid.edges.set(name, { ...edge, label, via: edge.via.map((point) => ({ x, y: point.y })) });
  }
}

function near(box: Box, point: Point): boolean {
  return overlaps(box, { ...point, w: 0, h: 0 }, MARGIN);
}
