import { afterEach, describe, expect, it, vi } from "vitest";
import { colourSpans } from "../../src/markdown/colours";
import { createMarkdown } from "../../src/markdown/markdown";
import { eventually } from "../eventually";
import { answer, pieces } from "./corpus";
import { render, structure } from "./render";

/** The shown structure in short: tags, and the attributes that carry meaning. */
async function outline(text: string): Promise<string> {
  const element = await render([text]);
  return structure(element).replace(
    / (?:dir|class|tabindex|role|aria-label|scope|target|rel|referrerpolicy|decoding)="[^"]*"/g,
    "",
  );
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what is written is what is shown", () => {
  it.each([
    ["**b** *i* ~~d~~ `c`", "<p><strong>b</strong> <em>i</em> <del>d</del> <code>c</code></p>"],
    ["a  \nb\\\nc\nd", "<p>a<br>b<br>c\nd</p>"],
    ["- a\n- b\n  1. c", "<ul><li><p>a</p></li><li><p>b</p><ol><li><p>c</p></li></ol></li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
    ["> q\n> - a", "<blockquote><p>q</p><ul><li><p>a</p></li></ul></blockquote>"],
    ["# One #\n\nTwo\n---\n***", "<h1>One</h1><h2>Two</h2><hr>"],
    ["&copy; &amp;lt; &#65; AT&T &nosuch; \\&amp;", "<p>© &amp;lt; A AT&amp;T &amp;nosuch; &amp;amp;</p>"],
    [
      "[a][1] [b]\n\n[1]: https://x.example/1\n[B]: https://x.example/2",
      '<p><a href="https://x.example/1">a</a> <a href="https://x.example/2">b</a></p>',
    ],
    ["中文**粗**文", "<p>中文<strong>粗</strong>文</p>"],
  ])("%j", async (text, expected) => {
    expect((await outline(text)).replace(/^<div>|<\/div>$/g, "")).toBe(expected);
  });

  it("aligns the columns of a table", async () => {
    const element = await render(["| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n| x \\| y | | |"]);
    expect([...element.querySelectorAll("th")].map((th) => th.dataset.align)).toEqual(["left", "center", "right"]);
    expect([...element.querySelectorAll("td")].map((td) => td.textContent)).toEqual(["1", "2", "3", "x | y", "", ""]);
  });

  it("shows tasks as boxes that cannot be ticked", async () => {
    const element = await render(["- [ ] a\n- [x] b\n\n- c"]);
    const boxes = [...element.querySelectorAll("input")];
    expect(boxes.map((box) => [box.checked, box.disabled])).toEqual([
      [false, true],
      [true, true],
    ]);
    expect([...element.querySelectorAll("li")].map((item) => item.textContent)).toEqual(["a", "b", "c"]);
  });

  it("gives each block its own direction, and code none but its own", async () => {
    const element = await render(["שלום\n\n- abc\n\n```\nx\n```"]);
    expect([...element.querySelectorAll("p, ul, li")].every((block) => block.getAttribute("dir") === "auto")).toBe(
      true,
    );
    expect(element.querySelector(".bcw-md-code")?.getAttribute("dir")).toBe("ltr");
  });

  it("makes what scrolls reachable with the keyboard, and names it", async () => {
    const element = await render(["| a |\n|---|\n| 1 |\n\n```python\nx\n```"]);
    const regions = [...element.querySelectorAll('[role="region"][tabindex="0"]')];
    expect(regions.map((region) => region.getAttribute("aria-label"))).toEqual(["Table", "Code, python"]);
  });
});

describe("HTML is text", () => {
  it.each([
    "a <b onclick='x()'>c</b>",
    "<div>\n*a*\n</div>",
    "<script>x()</script>",
    "<!-- c -->",
    "<img src=x onerror=y()>",
  ])("%j", async (text) => {
    const element = await render([text]);
    expect(element.textContent).toBe(text);
    expect([...element.querySelectorAll("*")].map((node) => node.tagName)).toEqual(["DIV", "P"]);
  });
});

describe("links", () => {
  it("go to http, https and mailto, in a new tab, with nothing passed on", async () => {
    const element = await render(["[a](https://x.example/p?q=1 'T') <me@x.example> www.x.example/y http://x.example"]);
    const links = [...element.querySelectorAll("a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual([
      "https://x.example/p?q=1",
      "mailto:me@x.example",
      "http://www.x.example/y",
      "http://x.example/",
    ]);
    expect(new Set(links.map((link) => `${link.target} ${link.rel}`))).toEqual(
      new Set(["_blank noopener noreferrer nofollow"]),
    );
    expect(links[0]?.title).toBe("T");
  });

  it.each([
    "javascript:x()",
    "JaVaScRiPt&colon;x()",
    "java\tscript:x()",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc",
    "//x.example",
    "/lab",
    "#a",
    "blob:https://x",
  ])("elsewhere are text: %s", async (address) => {
    const element = await render([`[label](<${address}>)`]);
    expect(element.textContent).toContain("label");
    expect(element.querySelector("[href]")).toBeNull();
  });
});

describe("images", () => {
  it("from elsewhere are loaded when the reader asks", async () => {
    const element = await render(["See ![a *cat*](https://pics.example/cat.png) here"]);
    expect(element.querySelector("img")).toBeNull();
    const button = element.querySelector("button");
    expect(button?.textContent).toBe("Load image: a cat (pics.example)");
    button?.click();
    const image = element.querySelector("img");
    expect([image?.getAttribute("src"), image?.referrerPolicy, image?.alt]).toEqual([
      "https://pics.example/cat.png",
      "no-referrer",
      "a cat",
    ]);
    expect(element.querySelector("button")).toBeNull();
  });

  it("stay loaded while the text goes on", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append("![a](https://pics.example/a.png) and");
    element.querySelector("button")?.click();
    const image = element.querySelector("img");
    view.append(" more **text**");
    await view.finish();
    expect(element.textContent).toBe(" and more text");
    expect(element.querySelector("img")).toBe(image);
    expect(image).not.toBeNull();
  });

  it("in the text itself are shown, pictures only", async () => {
    const element = await render([
      "![a](data:image/png;base64,iVBORw0KGgo=) ![b](data:image/svg+xml;base64,PHN2Zz4=) ![c](x.png)",
    ]);
    expect([...element.querySelectorAll("img")].map((image) => image.alt)).toEqual(["a"]);
    expect(element.textContent).toBe(" b c");
  });
});

describe("code", () => {
  it("is copied as it was written", async () => {
    const source = "def f():\n\treturn '<b>' # é\n\n\nf()\n";
    const writeText = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue(undefined);
    const copied = vi.fn();
    const element = document.createElement("div");
    const view = createMarkdown(element, { onCopy: copied });
    for (const piece of pieces(`\`\`\`py\n${source}\n\`\`\`\n`, 3)) view.append(piece);
    await view.finish();
    const button = element.querySelector<HTMLButtonElement>('button[aria-label="Copy code"]');
    button?.click();
    await eventually(() => expect(copied).toHaveBeenCalledWith(source));
    expect(writeText).toHaveBeenCalledWith(source);
    expect(button?.textContent).toBe("Copied");
  });

  it("keeps long blocks in short text nodes", async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i}`);
    const element = await render(pieces(`\`\`\`\n${lines.join("\n")}\n\`\`\``, 100));
    const code = element.querySelector("code");
    expect(code?.textContent).toBe(lines.join("\n"));
    expect(code?.childNodes.length).toBe(8);
  });

  it("is plain while it is written, and coloured when its fence has closed", async () => {
    const element = document.createElement("div");
    const loadColours = vi.fn(async () => colourSpans);
    const view = createMarkdown(element, { loadColours });
    view.append("```python\ndef f(): return 1\n");
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(element.querySelector("code")?.childElementCount).toBe(0);
    expect(loadColours).not.toHaveBeenCalled();
    view.append("```\n");
    await eventually(() => expect(element.querySelector("code .bcw-hl-keyword")?.textContent).toBe("def"));
    expect(element.querySelector("code")?.textContent).toBe("def f(): return 1");
    view.append("```python\nclass A: pass\n```\n");
    await eventually(() => expect(element.querySelectorAll(".bcw-hl-keyword")[2]?.textContent).toBe("class"));
    expect(loadColours).toHaveBeenCalledTimes(1);
    view.destroy();
  });

  it("stays plain while what colours it cannot be loaded; the next block asks again", async () => {
    const element = document.createElement("div");
    const loadColours = vi.fn(async () => colourSpans).mockRejectedValueOnce(new Error("the kernel is gone"));
    const view = createMarkdown(element, { loadColours });
    view.append("```python\ndef f(): return 1\n```\n\nafter\n");
    await eventually(() => expect(loadColours.mock.settledResults[0]?.type).toBe("rejected"));
    view.append("\n```python\nclass A: pass\n```\n");
    await eventually(() => expect(element.querySelector(".bcw-hl-keyword")?.textContent).toBe("class"));
    expect(element.querySelector("code")?.innerHTML).toBe("def f(): return 1");
    view.destroy();
  });
});

describe("math", () => {
  const renderer = (tex: string, display: boolean, into: HTMLElement) => {
    into.textContent = `${display ? "D" : "I"}<${tex}>`;
  };

  it("is rendered wherever it is written, once the renderer is there", async () => {
    const loadMath = vi.fn(async () => renderer);
    const element = await render(["a $x*y*z$ b \\(p\\) c \\[q\\] d $$r$$\n\n$$\ns\n$$\n\ntext\n\\[\nt\n\\]"], {
      loadMath,
    });
    await eventually(() => expect(element.textContent).toContain("D<t>"));
    expect([...element.querySelectorAll(".bcw-md-math")].map((math) => math.textContent)).toEqual([
      "I<x*y*z>",
      "I<p>",
      "D<q>",
      "D<r>",
      "D<s>",
      "D<t>",
    ]);
    expect(loadMath).toHaveBeenCalledTimes(1);
  });

  it.each([
    "It costs $5 and $10.",
    "$5/$10",
    "5$ and 6$",
    "`$x$`",
    "```\n$$x$$\n```",
    "US$5 to US$6",
    "$ x $",
    "\\$x\\$",
    "from $20 to 30$",
  ])("is not %j", async (text) => {
    const loadMath = vi.fn(async () => renderer);
    const element = await render([text], { loadMath });
    expect(element.querySelector(".bcw-md-math")).toBeNull();
    expect(loadMath).not.toHaveBeenCalled();
  });

  it("shows its source while it is open, without a renderer, and when the renderer fails", async () => {
    const element = document.createElement("div");
    const fails = vi.fn(() => {
      throw new Error("no such command");
    });
    const view = createMarkdown(element, { loadMath: async () => fails });
    view.append("$$\nx + ");
    expect(element.textContent).toBe("$$\nx +");
    expect(fails).not.toHaveBeenCalled();
    view.append("y\n$$\n\n");
    await eventually(() => expect(fails).toHaveBeenCalled());
    expect(element.textContent).toBe("$$\nx + y\n$$");
    view.destroy();
    expect((await render(["\\(z\\)"])).textContent).toBe("\\(z\\)");
    expect((await render(["\\(z\\)"], { loadMath: () => Promise.reject(new Error("gone")) })).textContent).toBe(
      "\\(z\\)",
    );
  });
});

describe("the view", () => {
  it("never touches a finished block again", async () => {
    const element = document.createElement("div");
    document.body.append(element);
    const view = createMarkdown(element);
    view.append("# T\n\none **two**\n\n- a\n- b\n\n```\ncode\n```\n\n| a |\n|---|\n| 1 |\n\nlast\n\nopen");
    const done = [...element.querySelectorAll("*")].slice(0, -1);
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    for (const block of element.querySelectorAll(".bcw-md-part > *:not(:last-child)")) {
      observer.observe(block, { subtree: true, childList: true, characterData: true, attributes: true });
    }
    for (const piece of pieces(` end.\n\n${answer(2000)}`, 5)) view.append(piece);
    await view.finish();
    changes.push(...observer.takeRecords());
    expect(changes).toEqual([]);
    expect(done.every((node) => element.contains(node))).toBe(true);
    view.destroy();
    element.remove();
  });

  it("keeps what is shown when the whole text is given again, and starts anew for another", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append("one\n\ntwo\r");
    const first = element.querySelector("p");
    view.replace("one\n\ntwo\r\n\r\nthree");
    await view.finish();
    expect(element.querySelector("p")).toBe(first);
    expect(element.textContent).toBe("onetwothree");
    view.replace("other");
    await view.finish();
    expect(element.textContent).toBe("other");
  });

  it("refuses text after the end, and leaves nothing behind", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append("text");
    await view.finish();
    expect(() => view.append("more")).toThrow(/finished/);
    view.destroy();
    expect(element.outerHTML).toBe('<div class=""></div>');
  });

  it("renders much text at once in slices, and all of it", async () => {
    const text = answer(60_000);
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append(text);
    const shown = element.textContent?.length ?? 0;
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(text.length / 2);
    await view.finish();
    expect(structure(element)).toBe(structure(await render(pieces(text, 997))));
  });

  it("stops when it is destroyed in the middle", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append(answer(60_000));
    const finished = view.finish();
    view.destroy();
    await finished;
    expect(element.childNodes.length).toBe(0);
  });
});

describe("what no one would write", () => {
  it.each([
    ["emphasis without end", "*a ".repeat(5000)],
    ["brackets without end", "[".repeat(5000)],
    ["quotes in quotes", `${"> ".repeat(5000)}a`],
    ["prices without end", "$a ".repeat(5000)],
    ["a line of pipes", "|a".repeat(5000)],
    ["a very long word", "a".repeat(100_000)],
  ])("is shown all the same: %s", async (_, text) => {
    const element = await render([text.slice(0, -7), text.slice(-7)]);
    expect(
      element.textContent?.endsWith("a") || element.textContent?.endsWith("a ") || element.textContent?.endsWith("["),
    ).toBe(true);
    expect(structure(element)).toBe(structure(await render([text])));
  });

  it("keeps half a character for the rest of it", async () => {
    const element = document.createElement("div");
    const view = createMarkdown(element);
    view.append("a\ud83d");
    expect(element.textContent).toBe("a");
    view.append("\ude00");
    await view.finish();
    expect(element.textContent).toBe("a😀");
    expect((await render(["a\ud83d"])).textContent).toBe("a\ud83d");
  });
});
