import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPlain } from "../../src/chat/plain";
import { colourSpans } from "../../src/markdown/colours";
import { createMarkdown } from "../../src/markdown/markdown";
import { eventually } from "../eventually";
import { ENDLESS, pieces, random } from "./corpus";
import { render, structure } from "./render";

describe("the end is that of one render", () => {
  for (const [name, text] of Object.entries(ENDLESS)) {
    it(`for ${name} without end`, async () => {
      const whole = structure(await render([text]));
      for (const size of [3000, 32_768]) {
        expect(structure(await render(pieces(text, size, random(size)))) === whole).toBe(true);
      }
      // The end of the first section comes with every delta.
      const near = pieces(text.slice(32_700, 32_800), 1);
      expect(structure(await render([text.slice(0, 32_700), ...near, text.slice(32_800)])) === whole).toBe(true);
    });
  }

  it("for any long text", async () => {
    const unit = fc.constantFrom(
      ..."** ` ``` - 1. > | # $$ [a] <b> word 12".split(" "),
      "\n",
      "\n\n",
      " ",
      "    ",
      "|a|b|\n|-|-|\n",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 900, max: 9000 }),
        async (units, size) => {
          const one = units.join("");
          const text = one.repeat(Math.ceil(70_000 / one.length));
          expect(structure(await render(pieces(text, size, random(size)))) === structure(await render([text]))).toBe(
            true,
          );
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe("what is nested without end is shown to some depth, and deeper as it was written", () => {
  it.each(["> ", ">", "1. ", "> - "])("%j", async (unit) => {
    const text = unit.repeat(30_000 / unit.length);
    const element = await render([text]);
    expect(structure(await render(pieces(text, 1500))) === structure(element)).toBe(true);
    expect(element.querySelector(".bcw-md-html")?.textContent?.length).toBeGreaterThan(29_000);
  });
});

/** The text of a block of `ENDLESS`. */
const endless = (name: string) => ENDLESS[name] as string;

describe("a block without end goes on in parts", () => {
  it.each(["one paragraph", "one word"])("that hold all of the text: %s", async (name) => {
    const element = await render([endless(name)]);
    expect(element.textContent).toBe(endless(name));
    const parts = [...element.querySelectorAll("p")].map((p) => p.textContent?.length ?? 0);
    expect(parts.length).toBeGreaterThan(2);
    expect(Math.max(...parts)).toBeLessThanOrEqual(32_768);
    expect(parts.every((length) => length > 16_000 || length === parts.at(-1))).toBe(true);
  });

  it("which no longer change when the next one has begun", async () => {
    const element = document.createElement("div");
    document.body.append(element);
    const view = createMarkdown(element);
    const text = endless("one paragraph");
    view.append(text.slice(0, 40_000));
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    const first = element.firstElementChild as Element;
    observer.observe(first, { subtree: true, childList: true, characterData: true });
    for (const piece of pieces(text.slice(40_000), 5000)) view.append(piece);
    await view.finish();
    expect([...changes, ...observer.takeRecords()]).toEqual([]);
    expect(element.firstElementChild).toBe(first);
    view.destroy();
    element.remove();
  });

  it("a list between two items, with its numbers", async () => {
    const lists = [...(await render([endless("one numbered list")])).querySelectorAll("ol")];
    expect(lists.length).toBeGreaterThan(1);
    let next = 3;
    for (const list of lists) {
      expect(list.start).toBe(next);
      next += list.children.length;
    }
    expect(next).toBe(5003);
  });

  it("a list whose items are all numbered alike", async () => {
    const lists = [...(await render(["1. item\n".repeat(9000)])).querySelectorAll("ol")];
    expect(lists.map((list) => list.start)).toEqual([1, 1 + (lists[0]?.children.length ?? 0), expect.any(Number)]);
  });

  it("a table between two rows, under the same head", async () => {
    const element = await render([endless("one table")]);
    const tables = [...element.querySelectorAll("table")];
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) expect(table.querySelector("thead")?.textContent).toBe("ab");
    const rows = [...element.querySelectorAll("tbody tr")].map((row) => row.firstElementChild?.textContent);
    expect(rows).toEqual(Array.from({ length: 3000 }, (_, n) => `${n}`));
  });

  it.each(["one block of code", "one line of code", "one word of code"])("%s, which is one block", async (name) => {
    const element = await render(pieces(endless(name), 7000));
    const code = endless(name)
      .replace(/^.*\n/, "")
      .replace(/\n```[\s\S]*$/, "");
    expect([...element.querySelectorAll("code")].map((each) => each.textContent === code)).toEqual([true]);
    expect(element.querySelectorAll(".bcw-piece").length).toBeGreaterThan(1);
  });

  it.each(["one paragraph", "one paragraph of many lines", "one word"])("and so does plain text: %s", (name) => {
    const show = (parts: string[]) => {
      const element = document.createElement("div");
      const view = createPlain(element);
      for (const part of parts) view.append(part);
      return element;
    };
    const whole = show([endless(name)]);
    expect(whole.textContent).toBe(endless(name));
    const lengths = [...whole.querySelectorAll(".bcw-piece")].map((piece) => piece.textContent?.length ?? 0);
    expect(lengths.length).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(34_001);
    expect(show(pieces(endless(name), 1000, random(1))).innerHTML === whole.innerHTML).toBe(true);
  });

  it("code in parts is coloured to its end", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element, { loadColours: async () => colourSpans });
    const source = Array.from({ length: 900 }, (_, n) => `def function_${n}(): pass`).join("\n");
    for (const piece of pieces(`\`\`\`python\n${source}\n\`\`\`\n\nafter\n`, 3000)) view.append(piece);
    await view.finish();
    await eventually(() => expect(element.querySelectorAll(".bcw-hl-title")).toHaveLength(900));
    expect(element.querySelector(".bcw-piece .bcw-hl-title")).not.toBeNull();
    expect(element.querySelector("code")?.textContent).toBe(source);
    view.destroy();
  });
});
