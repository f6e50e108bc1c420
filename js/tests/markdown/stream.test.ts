import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMarkdown } from "../../src/markdown/markdown";
import { mendInline } from "../../src/markdown/mend";
import { answer, DOCUMENTS, pieces, random } from "./corpus";
import { render, structure, visibleText } from "./render";

describe("the end is that of one render", () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    it(`for ${name}, split anywhere`, async () => {
      const whole = structure(await render([text]));
      for (const size of [1, 2, 3, 7]) expect(structure(await render(pieces(text, size)))).toBe(whole);
      for (let at = 1; at < text.length; at++) {
        expect(structure(await render([text.slice(0, at), text.slice(at)]))).toBe(whole);
      }
    });
  }

  it("for long answers", async () => {
    for (const seed of [1, 2, 3]) {
      const text = answer(30_000, seed);
      expect(structure(await render(pieces(text, 40, random(seed))))).toBe(structure(await render([text])));
    }
  });

  it("for any text in any split", async () => {
    const token = fc.constantFrom(
      ..."* ** _ ` ``` ~~~ ~~ [ ] ( ) ![ ]( <b> < > | \n \n\n - 1. # > $ $$ \\( \\) \\[ \\] \\ & &amp; : [a]: \r\n --- === | a ☃ 😀 word".split(
        " ",
      ),
      " ",
      "\n",
      "\n    ",
      "x",
      "|---|---|\n",
      "- [ ] ",
      "https://example.org/",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (tokens, size) => {
        const text = tokens.join("");
        expect(structure(await render(pieces(text, size)))).toBe(structure(await render([text])));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Updates that took something back: the text before is not the start of the text after, blanks aside. */
function retractions(text: string, size: number): string[] {
  const element = document.createElement("div");
  const view = createMarkdown(element);
  const found: string[] = [];
  let before = "";
  for (const part of pieces(text, size)) {
    view.append(part);
    const after = visibleText(element).replace(/\s+/g, "");
    if (!after.startsWith(before)) found.push(`${before.slice(-60)} -> ${after.slice(-60)}`);
    before = after;
  }
  view.destroy();
  return found;
}

describe("nothing shown is taken back", () => {
  // What turns out to be something else than it looked like: rare, and shown as what it is when that is known.
  const unsure = new Set(["references", "escapes", "lookalikes", "unclosed"]);
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    if (unsure.has(name)) continue;
    it(`in ${name}`, () => {
      for (const size of [1, 2, 3, 4]) expect(retractions(text, size)).toEqual([]);
    });
  }

  it("in long answers", () => {
    for (const seed of [11, 12, 13]) expect(retractions(answer(3_000, seed), 4)).toEqual([]);
  });
});

it.each([
  ["**bold", "**bold**"],
  ["a **b *c", "a **b *c***"],
  ["**bold `co", "**bold `co`**"],
  ["`a", "`a`"],
  ["see [label](https://x", "see [label](<>)"],
  ["see [lab", "see "],
  ["![alt](https://x", ""],
  ["R&am", "R"],
  ["a < b", "a < b"],
  ["a <b", "a "],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["snake_case_na", "snake_case_na"],
  ["~5 minutes", "~5 minutes"],
  ["~~go", "~~go~~"],
  ["$a*b", "$a\\*b"],
  ["$5 and *more", "$5 and *more*"],
])("half-written %j is read as %j", (half, whole) => {
  expect(mendInline(half)).toBe(whole);
});
