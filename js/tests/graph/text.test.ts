import { expect, it } from "vitest";
import { cut, wrap } from "../../src/graph/text";

const LONE = /\p{Surrogate}/u;
const measure = (text: string): number => [...text].length;

it.each([
  ["short", 10, 2, ["short"]],
  ["generate_code", 10, 2, ["generate_", "code"]],
  ["mode=generate_code", 13, 2, ["mode=", "generate_code"]],
  ["abcdefghijklmnop", 6, 2, ["abcdef", "ghijk…"]],
  ["one two three four", 9, 2, ["one two", "three fo…"]],
  ["draft_check_1", 12, 2, ["draft_", "check_1"]],
  ["mode == 'fast'", 8, 2, ["mode ==", "'fast'"]],
  ["mode=='fast'", 8, 2, ["mode==", "'fast'"]],
  ["", 5, 2, []],
])("breaks %j at %i into %i lines", (text, width, most, lines) => {
  expect(wrap(text, measure, width, most)).toEqual(lines);
});

it("never splits a character that takes two code units", () => {
  for (const width of [1, 2, 3, 4, 5]) {
    for (const line of wrap("🚀🚀🚀🚀🚀🚀🚀🚀", measure, width, 3)) expect(line).not.toMatch(LONE);
    expect(cut("🚀🚀🚀🚀🚀🚀🚀🚀", measure, width)).not.toMatch(LONE);
  }
});
