// Where the browser tells how a number was written; the Node that runs the other tests may not.
import { cleanup, render } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { numberOf, parseBeginning, preview } from "../../src/chat/json";
import { Tree } from "../../src/chat/Tree";

afterEach(cleanup);

const NUMBERS = '"id": 12345678901234567890, "x": 1.0, "n": 2, "far": 1e400';

test.each([`{${NUMBERS}}`, `{${NUMBERS}, "and`])("the tree shows the numbers of %s as they were written", (text) => {
  const value = parseBeginning(text) ?? null;
  const { container } = render(<Tree value={value} />);
  const leaves = [...container.querySelectorAll(".bcw-tree-value")];
  expect(leaves.map((each) => each.textContent)).toEqual(["12345678901234567890", "1.0", "2", "1e400"]);
  expect(leaves.map((each) => each.getAttribute("data-type"))).toEqual(["number", "number", "number", "number"]);
  expect(preview(value)).toBe("id: 12345678901234567890, x: 1.0, n: 2, far: 1e400");
});

test("what it stands for is counted with", () => {
  expect(["1.0", "0.50", "2", '"2"', "null"].map((text) => numberOf(parseBeginning(text)))).toEqual([
    1,
    0.5,
    2,
    null,
    null,
  ]);
});
