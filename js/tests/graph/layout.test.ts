import { describe, expect, it } from "vitest";
import { layOut } from "../../src/graph/dagre";
import { type Picture, plan } from "../../src/graph/plan";
import { type Box, centre } from "../../src/graph/positions";
import { quality } from "../../src/graph/quality";
import type { Graph } from "../../src/protocol.gen";
import { expectBadgesFree, expectReadable } from "./checks";
import { demo, edge, graphOf, odd, seeded } from "./samples";

function draw(graph: Graph, compact = false): Picture {
  const planned = plan(graph, { compact });
  return planned.finish(layOut(planned.request));
}

/** With room for the counts, too. */
function expectRoomy(graph: Graph, picture: Picture): void {
  expectReadable(graph, picture);
  expectBadgesFree(picture);
}

const y = (picture: Picture, name: string): number => centre(picture.nodes.get(name) as Box).y;

describe("dagre's layout", { timeout: 60_000 }, () => {
  it.each([5, 15, 30, 60, 150])("keeps nodes and labels apart with %i actions", (size) => {
    for (const seed of size > 30 ? [1] : [1, 2, 3]) {
      const graph = seeded(size, seed);
      expectRoomy(graph, draw(graph));
      expectRoomy(graph, draw(graph, true));
    }
  });

  it("gives the same picture for the same graph", () => {
    for (const size of [5, 30, 150]) expect(draw(seeded(size))).toEqual(draw(seeded(size)));
  });

  it.each([5, 15, 30])("puts the entry point at the top with %i actions", (size) => {
    const graph = seeded(size);
    const picture = draw(graph);
    for (const { name } of graph.actions.slice(1)) {
      expect(y(picture, name)).toBeGreaterThan(y(picture, graph.entrypoint));
    }
  });

  it("runs no edge of a small graph through a node", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const planned = plan(seeded(15, seed));
      expect(quality(layOut(planned.request), planned.request.edges).through).toBe(0);
    }
  });

  it("keeps the best of its runs", () => {
    const { request } = plan(seeded(30, 3));
    const best = quality(layOut(request), request.edges);
    // 500 and more nodes and edges leave room for one run only; here that one run is what padding brings about.
    const padded = {
      nodes: [...request.nodes, ...Array.from({ length: 500 }, (_, i) => ({ id: `pad${i}`, w: 1, h: 1 }))],
      edges: request.edges,
    };
    expect(best.crossings).toBeLessThanOrEqual(quality(layOut(padded), request.edges).crossings);
  });

  it("leads the demo's five ways back up one trunk, straight in, without a crossing", () => {
    const picture = draw(demo);
    expectRoomy(demo, picture);
    const { request } = plan(demo);
    expect(quality(layOut(request), request.edges)).toMatchObject({ through: 0 });
    const back = picture.edges.slice(7).map(({ points }) => points.slice(-7));
    for (const points of back) expect(points).toEqual(back[0]);
    expect(new Set(picture.edges.slice(7).map(({ own }) => JSON.stringify(own))).size).toBe(5);
    expect(centre(picture.nodes.get("prompt") as Box).x).toBeCloseTo(
      centre(picture.nodes.get("check_safety") as Box).x,
    );
    expect(picture.start?.at.x).toBeCloseTo(centre(picture.nodes.get("prompt") as Box).x);
  });
});

describe("graphs out of the ordinary", () => {
  it("draws self-loops beside their node, with their labels apart", () => {
    const graph = graphOf(
      ["a", "b"],
      [edge("a", "a", "x=1"), edge("a", "a", "x=2"), edge("a", "a", "x=3"), edge("a", "b")],
    );
    const picture = draw(graph);
    expectRoomy(graph, picture);
    const right = (picture.nodes.get("a") as Box).x + (picture.nodes.get("a") as Box).w;
    for (const loop of picture.edges.slice(0, 3)) {
      for (const point of loop.points) expect(point.x).toBeGreaterThanOrEqual(right);
    }
  });

  it("draws parallel transitions apart", () => {
    const graph = graphOf(["a", "b"], [edge("a", "b", "x=1"), edge("a", "b", "x=2"), edge("a", "b")]);
    const picture = draw(graph);
    expectRoomy(graph, picture);
    expect(new Set(picture.edges.map(({ points }) => JSON.stringify(points))).size).toBe(3);
  });

  it.each([
    ["a single action", graphOf(["only"], [])],
    ["a single action with a loop", graphOf(["only"], [edge("only", "only", "again=True")])],
    ["no transitions", graphOf(["a", "b", "c"], [])],
    [
      "disconnected parts",
      graphOf(["a", "b", "c", "d"], [edge("a", "b"), edge("c", "d"), edge("d", "c", "back=True")]),
    ],
    [
      "an entry point that is not first",
      graphOf(["a", "b", "c"], [edge("b", "a"), edge("a", "c"), edge("c", "b")], "b"),
    ],
    [
      "names that objects have already",
      graphOf(["constructor", "toString"], [edge("constructor", "toString", "__proto__")]),
    ],
  ])("draws %s", (_, graph) => {
    const picture = draw(graph);
    expectRoomy(graph, picture);
    expect(picture.start).not.toBeNull();
  });

  it("puts what nothing leads to beside the entry point, not above", () => {
    expectRoomy(odd, draw(odd));
    const picture = draw(odd);
    for (const { name } of odd.actions) expect(y(picture, name)).toBeGreaterThanOrEqual(y(picture, "start") - 1);
  });

  it("leaves out a transition to an action that is not there", () => {
    const graph = graphOf(["a", "b"], [edge("a", "gone"), edge("a", "b")]);
    expect(draw(graph).edges.map(({ points }) => points.length > 0)).toEqual([false, true]);
  });

  it("draws no actions at all", () => {
    expect(draw({ entrypoint: "none", actions: [], transitions: [] })).toMatchObject({
      nodes: new Map(),
      edges: [],
      start: null,
    });
  });

  it("cuts long names and conditions", () => {
    const long = "an_action_with_a_name_that_goes_on_and_on_and_on_and_on_and_on_and_on";
    const graph = graphOf([long, "b"], [edge(long, "b", `${"x".repeat(300)}=1`), edge(long, long)]);
    const planned = plan(graph);
    expect(planned.nodes.get(long)?.lines).toHaveLength(2);
    expect(planned.nodes.get(long)?.lines.at(-1)).toMatch(/…$/);
    expect(planned.labels[0]?.lines.at(-1)).toMatch(/…$/);
    expect(planned.nodes.get(long)?.w).toBeLessThan(260);
    expect(planned.labels[0]?.w).toBeLessThan(200);
  });
});
