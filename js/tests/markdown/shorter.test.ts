/** A text that gets shorter, as a replay shows it backwards: what is left ends as if it had never been longer. */

import { describe, expect, it } from "vitest";
import { createMarkdown } from "../../src/markdown/markdown";
import { answer, DOCUMENTS, random } from "./corpus";
import { render, structure, visibleText } from "./render";

/** Shown whole, then made as long as each of these in turn, and finished. */
async function shortened(text: string, lengths: readonly number[], finished: boolean): Promise<HTMLElement> {
  const element = document.createElement("div");
  const view = createMarkdown(element);
  view.append(text);
  if (finished) await view.finish();
  for (const length of lengths) view.replace(text.slice(0, length));
  await view.finish();
  return element;
}

describe("the end is that of the shorter text", () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    it(`for ${name}, wherever that ends`, async () => {
      for (let length = 0; length < text.length; length += 3) {
        const expected = structure(await render([text.slice(0, length)]));
        for (const finished of [true, false]) {
          expect(structure(await shortened(text, [length], finished))).toBe(expected);
        }
      }
    });
  }

  it.each([1, 2, 3])("for long answers, made shorter and longer again (%i)", async (seed) => {
    const next = random(seed);
    const text = answer(90_000, seed);
    const lengths = Array.from({ length: 8 }, () => Math.floor(next() * text.length));
    const expected = structure(await render([text.slice(0, lengths.at(-1))]));
    for (const finished of [true, false]) {
      expect(structure(await shortened(text, lengths, finished)) === expected).toBe(true);
    }
  });

  it.each([
    ["a list", "- an item that goes on\n".repeat(3_000)],
    ["a table", `| a | b |\n|---|---|\n${"| a cell | another cell |\n".repeat(2_800)}`],
    ["a paragraph", "word ".repeat(14_000)],
    ["code", `Here:\n\n\`\`\`python\n${"x = 1\n".repeat(11_000)}\`\`\`\nand more`],
  ])("for %s without end", async (_, text) => {
    for (const length of [45_001, 33_000]) {
      const expected = structure(await render([text.slice(0, length)]));
      expect(structure(await shortened(text, [text.length - 1, length], true)) === expected).toBe(true);
    }
  });
});

it("all of what is left is there at once, in the elements that it was in", async () => {
  const text = Array.from({ length: 4_000 }, (_, n) => `Paragraph ${n}, and what it says.\n\n`).join("");
  const element = document.createElement("div");
  const view = createMarkdown(element);
  view.append(text);
  await view.finish();
  const before = [...element.querySelectorAll("p")];
  for (const count of [3_500, 3_499, 2_000, 1]) {
    view.replace(text.slice(0, text.indexOf(`Paragraph ${count},`)));
    const after = [...element.querySelectorAll("p")];
    expect(after).toHaveLength(count);
    expect(after.slice(0, -1).every((paragraph, index) => paragraph === before[index])).toBe(true);
    expect(visibleText(after.at(-1) as Element)).toBe(`Paragraph ${count - 1}, and what it says.`);
  }
  view.destroy();
});
