/**
 * Many transitions back to one action, as in a chatbot whose every answer leads back to the prompt, are drawn as one
 * trunk: each runs down to a joint below, and from there they share one way up. The joint is a node of the layout only.
 */
import type { LayoutRequest } from "./positions";

/** How many back edges to one node are worth a trunk. */
const WORTH_A_TRUNK = 3;
const JOINT = "joint:";

export interface Joint {
  id: string;
  target: string;
  /** Indices of the request's edges that go through it. */
  members: number[];
}

export function isJoint(id: string): boolean {
  return id.startsWith(JOINT);
}

/** `back`: the edges that close a cycle, as `walk` finds them. */
export function findJoints(request: LayoutRequest, back: readonly number[]): Joint[] {
  const byTarget = new Map<string, number[]>();
  for (const index of back) {
    const target = request.edges[index]?.to ?? "";
    byTarget.set(target, [...(byTarget.get(target) ?? []), index]);
  }
  return [...byTarget]
    .filter(([, members]) => members.length >= WORTH_A_TRUNK)
    .map(([target, members]) => ({ id: JOINT + target, target, members: members.sort((a, b) => a - b) }));
}

/**
 * What a walk depth-first from the first node on meets, in the order given: the edges that close a cycle, and after the
 * first node those from which it has to start again because nothing before leads to them.
 */
export function walk({ nodes, edges }: LayoutRequest): { back: number[]; roots: string[] } {
  const outgoing = new Map<string, number[]>(nodes.map((node) => [node.id, []]));
  for (const [index, edge] of edges.entries()) outgoing.get(edge.from)?.push(index);
  const state = new Map<string, "open" | "closed">();
  const back: number[] = [];
  const roots: string[] = [];
  for (const { id } of nodes) {
    if (state.has(id)) continue;
    roots.push(id);
    const stack = [{ id, next: 0 }];
    state.set(id, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const index = outgoing.get(top.id)?.[top.next++];
      if (index === undefined) {
        state.set(top.id, "closed");
        stack.pop();
        continue;
      }
      const to = edges[index]?.to ?? "";
      if (state.get(to) === "open") back.push(index);
      else if (!state.has(to)) {
        state.set(to, "open");
        stack.push({ id: to, next: 0 });
      }
    }
  }
  return { back, roots: roots.slice(1) };
}
