import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPlain } from "../../src/chat/plain";
import { colourSpans } from "../../src/markdown/colours";
import { createMarkdown, type MarkdownView } from "../../src/markdown/markdown";
import { eventually } from "../eventually";
import "../../src/markdown/markdown.css";
import { renderMath } from "../../src/markdown/math";
import { pieces } from "./corpus";
import { PAYLOADS } from "./payloads";

let element: HTMLElement;
let view: MarkdownView;

beforeEach(() => {
  element = document.createElement("div");
  document.body.append(element);
  view = createMarkdown(element, { loadMath: async () => renderMath, loadColours: async () => colourSpans });
});

afterEach(() => {
  view.destroy();
  element.remove();
});

/** Selects the first occurrence of `text`, as a reader does with the mouse. */
function select(text: string): Selection {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const at = node.data.indexOf(text);
    if (at < 0) continue;
    const selection = document.getSelection() as Selection;
    selection.setBaseAndExtent(node, at, node, at + text.length);
    return selection;
  }
  throw new Error(`${JSON.stringify(text)} is not shown`);
}

describe("a selection survives", () => {
  it.each([
    ["in a finished block", "the chosen words here\n\nnext ", " and more **text** to\ncome"],
    ["in the paragraph that grows", "the chosen words here", " and more **text** to\ncome"],
    ["in bold text that grows", "**the chosen words", " and more *text* to come** end"],
    ["in a link's label", "see [the chosen words](", "https://x.example/a) and more"],
    ["in a list that grows", "- the chosen words\n- two", " and more **text** to\ncome"],
    ["in a list that turns loose", "- the chosen words", "\n\n- next\n\n and more"],
    ["in a table that grows", "| a | the chosen words |\n|---|---|\n| 1 ", "| **2** |\n| 3 | 4 |\n\nend"],
    ["in the first line of a table", "| a | the chosen words |", "\n|---|:-:|\n| 1 | 2 |\n"],
    ["in code that grows", "```python\nprint('chosen words')\n", "more = 1\n"],
    ["in a quote that grows", "> the chosen words", " and more **text** to\ncome"],
  ])("%s", async (_, start, rest) => {
    view.append(start);
    const selection = select("chosen words");
    for (const piece of pieces(rest, 3)) {
      view.append(piece);
      expect(selection.toString()).toBe("chosen words");
    }
    await view.finish();
    expect(selection.toString()).toBe("chosen words");
  });

  it("while its code is coloured", async () => {
    view.append("```python\ndef total(values):\n    return sum(values)\n");
    const selection = document.getSelection() as Selection;
    const text = element.querySelector("code")?.firstChild as Text;
    selection.setBaseAndExtent(text, 2, text, 30);
    const chosen = text.data.slice(2, 30);
    view.append("```\n\nafter");
    await eventually(() => expect(element.querySelector(".bcw-hl-keyword")).not.toBeNull());
    expect(selection.toString()).toBe(chosen);
    expect(element.querySelector("code")?.textContent).toBe("def total(values):\n    return sum(values)");
  });
});

describe("on the page", () => {
  it("wide code and tables scroll inside themselves", async () => {
    element.style.width = "320px";
    const wide = "x".repeat(400);
    view.append(`\`\`\`\n${wide}\n\`\`\`\n\n| ${"a | ".repeat(60)}\n|${"---|".repeat(60)}\n`);
    await view.finish();
    expect(element.scrollWidth).toBeLessThanOrEqual(320);
    for (const scroller of element.querySelectorAll<HTMLElement>("[tabindex]")) {
      expect(scroller.scrollWidth).toBeGreaterThan(scroller.clientWidth);
      scroller.focus();
      expect(document.activeElement).toBe(scroller);
    }
  });

  /** How far down the character of `node` at `at` is. */
  function lineAt(node: Node, at: number): number {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().top;
  }

  it.each([
    ["code", "```\n", "code"],
    ["plain text", "", "div"],
  ])("the parts of very long %s follow each other like its lines", async (_, open, tag) => {
    const source = Array.from({ length: 3000 }, (_, n) => `line ${n} ${n === 2500 ? "wide ".repeat(100) : ""}`).join(
      "\n",
    );
    const plain = document.createElement("div");
    if (open === "") {
      view.destroy();
      plain.style.cssText = "white-space: pre-wrap; width: 600px";
      element.append(plain);
      view = createPlain(plain);
    }
    for (const piece of pieces(open + source, 5000)) view.append(piece);
    await view.finish();
    const text = tag === "div" ? plain : (element.querySelector("code") as HTMLElement);
    expect(text.textContent).toBe(source);
    const [second] = text.querySelectorAll(".bcw-piece");
    const after = second?.firstChild as Text;
    const before = second?.previousSibling as Text;
    expect(before.data.endsWith("\n")).toBe(true);
    second?.scrollIntoView({ block: "center" });
    const last = lineAt(before, before.data.lastIndexOf("\n", before.length - 2) + 1);
    const first = lineAt(after, 0);
    const pitch = lineAt(after, after.data.indexOf("\n") + 1) - first;
    expect(pitch).toBeGreaterThan(5);
    expect(first - last).toBeCloseTo(pitch, 0);
    const selection = document.getSelection() as Selection;
    selection.setBaseAndExtent(before, before.length - 8, after, 8);
    expect(selection.toString()).toBe(before.data.slice(-8) + after.data.slice(0, 8));
    if (tag === "code") {
      const wide = [...text.querySelectorAll(".bcw-piece")].find((each) => each.textContent?.includes("wide"));
      wide?.scrollIntoView();
      const pre = text.parentElement as HTMLElement;
      await eventually(() => expect(pre.scrollWidth).toBeGreaterThan(2 * pre.clientWidth));
      // Nothing of it is cut off.
      expect(wide?.scrollWidth).toBeLessThanOrEqual((wide as HTMLElement).clientWidth);
    }
  });

  it("formulas are typeset", async () => {
    view.append("$\\frac{1}{2}$ and\n\n$$\n\\mathcal{L}\n$$\n");
    await view.finish();
    await eventually(() => expect(element.querySelectorAll("math")).toHaveLength(2));
    expect(element.querySelector(".bcw-md-math-source")).toBeNull();
  });

  it.each([
    ["in a line", "a $\\kern-9em X$"],
    ["on lines of its own", "$$\n\\kern-9em\\kern-9em X\n$$"],
    ["in a list", "- $\\kern-9em X$"],
  ])("a formula %s paints nothing outside of its answer", async (_, tex) => {
    element.style.cssText = "margin-left: 250px; width: 100px";
    view.append(tex);
    await view.finish();
    await eventually(() => expect(element.querySelector("mi")).not.toBeNull());
    const moved = (element.querySelector("mi") as Element).getBoundingClientRect();
    const [x, y] = [(moved.left + moved.right) / 2, (moved.top + moved.bottom) / 2];
    expect(x).toBeLessThan(element.getBoundingClientRect().left);
    const there = document.elementFromPoint(x, y);
    expect([there === null, element.contains(there)]).toEqual([false, false]);
  });

  it.each([
    ["\\ref{main}", "main"],
    ["\\eqref{main}", "main"],
    ["\\begin{equation} x \\label{main} \\end{equation}", "main"],
    ["x \\tag{1} \\label{main}", "main"],
  ])("%s names nothing of the page, and leads to nothing in it", async (tex, name) => {
    view.append(`$$\n${tex}\n$$\n`);
    await view.finish();
    await eventually(() => expect(element.querySelector(".bcw-md-math > span")).not.toBeNull());
    expect(element.querySelectorAll("a, [id], [href]")).toHaveLength(0);
    expect(document.getElementById(name)).toBeNull();
  });
});

describe("nothing runs and nothing is fetched", () => {
  const ran: string[] = [];
  let entries: PerformanceObserver;
  const fetched: string[] = [];

  beforeEach(() => {
    ran.length = 0;
    fetched.length = 0;
    (globalThis as unknown as { alarm: () => void }).alarm = () => ran.push("alarm");
    entries = new PerformanceObserver((list) => fetched.push(...list.getEntries().map((entry) => entry.name)));
    entries.observe({ type: "resource" });
  });

  afterEach(() => entries.disconnect());

  function isInertMath(node: Element): boolean {
    const names = node.getAttributeNames();
    const safe = names.every((name) => !/^(?:href|src|xlink:href|on.*)$/.test(name));
    return (
      safe &&
      node.namespaceURI === "http://www.w3.org/1998/Math/MathML" &&
      !/url\(/.test(node.getAttribute("style") ?? "")
    );
  }

  /** Everything in the document that could run or fetch: there is a list of what may be there, not of what may not. */
  function intruders(): string[] {
    const tags = new Set(
      "DIV P H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE HR PRE CODE SPAN STRONG EM DEL BR A BUTTON TABLE THEAD TBODY TR TH TD INPUT".split(
        " ",
      ),
    );
    const attributes = new Set(
      "class dir tabindex role aria-label type scope data-align href target rel title start disabled".split(" "),
    );
    return [...element.querySelectorAll("*")].flatMap((node) => {
      if (node.closest("math")) return isInertMath(node) ? [] : [node.outerHTML];
      if (!tags.has(node.tagName)) return [node.outerHTML];
      const extra = node.getAttributeNames().filter((name) => !attributes.has(name));
      const href = node.getAttribute("href");
      return extra.length > 0 || (href !== null && !/^(https?|mailto):/.test(href)) ? [node.outerHTML] : [];
    });
  }

  /** Waits until the browser would have run and fetched what was given to it: a probe of our own is seen to do both. */
  async function settle(): Promise<void> {
    const probe = new Image();
    const failed = new Promise((resolve) => probe.addEventListener("error", resolve));
    const name = `/probe-${Math.random()}.png`;
    probe.src = name;
    await failed;
    await eventually(() => expect(fetched.some((address) => address.endsWith(name))).toBe(true));
  }

  it.each(PAYLOADS)("%j", async (payload) => {
    for (const split of [payload.length, 1, 4]) {
      view.replace("");
      for (const piece of pieces(`before ${payload}`, split)) {
        view.append(piece);
        expect(intruders()).toEqual([]);
      }
      await view.finish();
      expect(intruders()).toEqual([]);
    }
    for (let at = 1; at < payload.length; at++) {
      view.replace("");
      view.append(payload.slice(0, at));
      expect(intruders()).toEqual([]);
      view.append(payload.slice(at));
      await view.finish();
      expect(intruders()).toEqual([]);
    }
    for (const link of element.querySelectorAll("a:not([href])")) (link as HTMLElement).click();
    await settle();
    expect(intruders()).toEqual([]);
    expect(ran).toEqual([]);
    expect(fetched.filter((address) => address.includes("leak.example"))).toEqual([]);
  });
});
