import { describe, expect, test } from "vitest";
import { linesOf, partingOf } from "../../src/branches/tree";
import type { BranchInfo } from "../../src/protocol.gen";
import { branch } from "./samples";

/** b1 ran a b c d; b2 left it after two steps, b3 after one, b4 left b2 after three. */
const b1 = branch("b1", null, 0, ["a", "b", "c", "d"]);
const b2 = branch("b2", "b1", 2, ["c", "x"]);
const b3 = branch("b3", "b1", 1, ["b", "c", "d"]);
const b4 = branch("b4", "b2", 3, ["y", "z"]);
const all = [b1, b2, b3, b4];

test("each branch is followed by those that were forked from it", () => {
  expect(linesOf(all).map(({ branch, number, guides }) => [branch.key, number, ...guides])).toEqual([
    ["b1", 1],
    ["b2", 2, true],
    ["b4", 4, true, false],
    ["b3", 3, false],
  ]);
});

describe("two branches part", () => {
  const parting = (here: BranchInfo, there: BranchInfo) => {
    const { shared, pairs, at } = partingOf(all, here, there);
    return [shared, at, pairs.map(({ here, there }) => `${here ?? ""}/${there ?? ""}`).join(" ")];
  };

  test.each([
    ["from its parent", b2, b1, [2, 1, "c/c x/d"]],
    ["from its child", b1, b2, [2, 1, "c/c d/x"]],
    ["from its parent's parent", b4, b1, [2, 1, "c/c y/d z/"]],
    ["from a sibling that began earlier", b2, b3, [1, 2, "b/b c/c x/d"]],
    ["from a sibling's child", b3, b4, [1, 2, "b/b c/c d/y /z"]],
    ["and never differ", b1, b3, [1, null, "b/b c/c d/d"]],
  ])("%s", (_, here, there, expected) => {
    expect(parting(here, there)).toEqual(expected);
  });

  test("where the parent was rewound since, and shares less than a sibling does", () => {
    // b2 left b1 after five steps, b3 left b2 after two; then b2 went back to its first step.
    const rewound = branch("b2", "b1", 1, ["count", "say"]);
    const sibling = branch("b3", "b2", 2, ["say"], null, "b1");
    const told = [branch("b1", null, 0, ["start", "count", "say"]), rewound, sibling];
    const [first] = told as [BranchInfo];
    expect(partingOf(told, sibling, first)).toEqual({ shared: 2, pairs: [{ here: "say", there: "say" }], at: null });
    expect(partingOf(told, sibling, rewound).shared).toBe(1);
    expect(partingOf(told, rewound, first).shared).toBe(1);
  });

  test("where more ran than is told, the rest stays beside its like", () => {
    const cut = branch("b1", null, 0, ["a"]);
    const fork = branch("b2", "b1", 3, ["x"]);
    expect(partingOf([cut, fork], fork, cut)).toEqual({ shared: 3, pairs: [{ here: "x", there: null }], at: 0 });
  });
});
