// @vitest-environment node
import { expect, it } from "vitest";
import { layout } from "../../src/graph/graphviz";
import { plan } from "../../src/graph/plan";
import { quality } from "../../src/graph/quality";
import { expectReadable } from "./checks";
import { demo, edge, graphOf, seeded } from "./samples";

it.each([
  ["the demo", demo],
  ["30 actions", seeded(30)],
  ["150 actions", seeded(150)],
  [
    "awkward names",
    graphOf(['a "quoted" -> name', "<b>&amp;", "graph"], [edge('a "quoted" -> name', "<b>&amp;", "]; x")]),
  ],
  ["parallel transitions", graphOf(["a", "b"], [edge("a", "b", "x=1"), edge("a", "b", "x=2"), edge("b", "b", "y")])],
])("gives positions in our format for %s", { timeout: 60_000 }, async (_, graph) => {
  const planned = plan(graph);
  const positions = await layout(planned.request);
  expectReadable(graph, planned.finish(positions));
  expect(quality(positions, planned.request.edges).through).toBe(0);
});
