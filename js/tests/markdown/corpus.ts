/** Answers as a language model writes them: seeded, of any size, with every construct the renderer knows. */

/** A small seeded generator: numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS =
  "the stream arrives in pieces and each piece is small so a page must keep what it has shown while more of it comes from an application whose state moves from one action to the next without waiting for anyone to ask".split(
    " ",
  );
const OTHER = [
  "流式传输让读者立即看到文字。",
  "応答は少しずつ届きます。",
  "يصل النص على دفعات صغيرة.",
  "הטקסט מגיע בחלקים.",
];
const CODE = {
  python: [
    "def total(values):",
    "    # only what is new",
    "    return sum(v for v in values if v > 0)",
    "",
    "print(total([1, -2, 3]))",
  ],
  javascript: ["export function once(fn) {", "  let result;", '  return () => (result ??= fn("now"));', "}"],
  bash: ["for name in *.txt; do", '  echo "$name" | tr a-z A-Z', "done"],
  sql: ["select action, count(*) as steps", "from turns where status = 'done'", "group by action;"],
};

type Random = () => number;
const pick = <T>(next: Random, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;

function words(next: Random, count: number): string {
  const chosen = Array.from({ length: count }, () => pick(next, WORDS));
  return chosen.join(" ");
}

function phrase(next: Random): string {
  const plain = words(next, 2 + Math.floor(next() * 5));
  const kind = next();
  if (kind < 0.1) return `**${plain}**`;
  if (kind < 0.16) return `*${plain}*`;
  if (kind < 0.24) return `\`${plain.replace(/ /g, "_")}()\``;
  if (kind < 0.29) return `[${plain}](https://example.org/${plain.replace(/ /g, "-")})`;
  if (kind < 0.31) return `~~${plain}~~`;
  if (kind < 0.33) return `***${plain}***`;
  if (kind < 0.35) return `\\(x_{${Math.floor(next() * 9)}} + y^2\\)`;
  if (kind < 0.37) return "$\\alpha + \\beta$";
  if (kind < 0.39) return `https://example.org/${plain.split(" ")[0]}`;
  if (kind < 0.41) return "R&amp;D costs 5 &lt; 6";
  if (kind < 0.43) return pick(next, OTHER);
  if (kind < 0.45) return `snake_case_name and 2 * 3`;
  return plain;
}

function sentence(next: Random): string {
  const text = Array.from({ length: 1 + Math.floor(next() * 4) }, () => phrase(next)).join(", ");
  return `${text}.`;
}

function paragraph(next: Random, sentences = 1 + Math.floor(next() * 5)): string {
  return Array.from({ length: sentences }, () => sentence(next)).join(next() < 0.1 ? "  \n" : " ");
}

function code(next: Random, lines: number): string {
  const language = pick(next, Object.keys(CODE) as (keyof typeof CODE)[]);
  const body: string[] = [];
  while (body.length < lines) body.push(...CODE[language]);
  return `\`\`\`${language}\n${body.join("\n")}\n\`\`\``;
}

function table(next: Random, rows: number): string {
  const line = () => `| ${words(next, 2)} | ${phrase(next).replace(/\|/g, "")} | ${Math.floor(next() * 1000)} |`;
  return [
    "| Name | What it does | Count |",
    "|:-----|:------------:|------:|",
    ...Array.from({ length: rows }, line),
  ].join("\n");
}

function list(next: Random): string {
  const kind = next();
  const items = 2 + Math.floor(next() * 4);
  const lines: string[] = [];
  for (let i = 1; i <= items; i++) {
    const marker = kind < 0.4 ? `${i}.` : "-";
    const box = kind > 0.85 ? `[${i % 2 ? "x" : " "}] ` : "";
    lines.push(`${marker} ${box}${sentence(next)}`);
    if (next() < 0.3) lines.push(`${" ".repeat(marker.length + 1)}- ${sentence(next)}`);
  }
  return lines.join(kind > 0.3 && kind < 0.4 ? "\n\n" : "\n");
}

function block(next: Random): string {
  const kind = next();
  if (kind < 0.12) return `${"#".repeat(1 + Math.floor(next() * 4))} ${words(next, 4)}`;
  if (kind < 0.28) return list(next);
  if (kind < 0.4) return code(next, 4 + Math.floor(next() * 20));
  if (kind < 0.47) return table(next, 2 + Math.floor(next() * 6));
  if (kind < 0.52) return `> ${sentence(next)}\n> ${sentence(next)}`;
  if (kind < 0.55) return "$$\n\\int_0^1 x^2 \\, dx = \\frac{1}{3}\n$$";
  if (kind < 0.57) return "---";
  if (kind < 0.6) return `1. ${sentence(next)}\n\n   ${code(next, 3).replace(/\n/g, "\n   ")}\n\n2. ${sentence(next)}`;
  return paragraph(next);
}

/** An answer of at least `size` characters; `long`: with a long paragraph, a long fence and a long table. */
export function answer(size: number, seed = 1, long = size >= 40_000): string {
  const next = random(seed);
  const large: Record<number, () => string> = {
    4: () => paragraph(next, 40),
    9: () => code(next, 400),
    14: () => table(next, 120),
  };
  const parts: string[] = [];
  let length = 0;
  while (length < size) {
    const part = (long && large[parts.length % 200]?.()) || block(next);
    parts.push(part);
    length += part.length + 2;
  }
  return parts.join("\n\n");
}

/** `text` in pieces of `size` code units, or of random sizes up to it when `next` is given. */
export function pieces(text: string, size: number, next?: () => number): string[] {
  const result: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = next ? 1 + Math.floor(next() * size) : size;
    result.push(text.slice(at, at + length));
    at += length;
  }
  return result;
}

/** Small documents, one for each thing that has a rule of its own. */
export const DOCUMENTS: Record<string, string> = {
  emphasis:
    "A **bold** word, *one* more, ***both***, ~~gone~~, and snake_case with 2 * 3 * 4.\n\nNext **bold *nested* text** end.",
  code: "Use `a * b` and ``x ` y`` here.\n\n```python\ndef f():\n    return 1\n\n\nprint(f())\n```\n\nAfter.",
  tilde: "~~~text\n```\nnot the end\n~~~\n\ndone",
  indented: "Text:\n\n    indented code\n      more\n\nafter",
  links:
    'See [the docs](https://example.org/a_b "A title") and <https://example.org> or https://example.org/x_y, [no](javascript:void0).',
  references:
    'First [the one][1] and [Two].\n\nMore text.\n\n[1]: https://example.org/1\n[two]: https://example.org/2 "Two"\n\nLast.',
  images: "An image: ![a cat](https://example.org/cat.png) in text.\n\n![dot](data:image/png;base64,iVBORw0KGgo=)",
  table: "Before\n\n| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | `3` |\n| x \\| y | | z |\n\nafter",
  tasks: "- [ ] one\n- [x] two\n  - [ ] nested\n- three",
  lists:
    "1. one\n2. two\n   - a\n   - b\n     1. deep\n3. three\n\ntext\n\n* loose\n\n* items\n\n  with a second paragraph\n\n10. ten",
  quote: "> quoted **text**\n> more\n>\n> - list\n>   - in it\n\nafter",
  headings: "# One\n\ntext\n\nTwo\n---\n\n### Three ###\n\nFour\n====\n\n***\n\nend",
  breaks: "one  \ntwo\\\nthree\nfour",
  entities: "&copy; &amp;lt; &#65; &lt;b&gt; AT&T &nosuch; &hearts;",
  html: 'A <b onclick="x">word</b> and\n\n<div class="x">\n<script>alert(1)</script>\n</div>\n\n<!-- hidden -->\n\nend',
  math: "Inline $a*b*c$ and \\(x_1\\) but $5 and $10.\n\n$$\nx = y\n$$\n\nText with $$z$$ in it, `$code$`.\n\n\\[\n\\frac{1}{2}\n\\]\nend",
  scripts: "中文**加粗**文本。\n\nשלום **עולם** abc\n\nمرحبا بالعالم\n\n👩‍👩‍👧 family 🎉",
  escapes: "\\*not em\\* \\[not math but a formula\\] \\# \\`x\\`",
  endings: "one\r\ntwo\r\n\r\n- a\r\n- b\r\n\r\n```\r\nx\r\n```\r\n",
  lookalikes: "|\n|---|---|\n\n> $$word\n- [ ] 1.\n\n> quote $$\n\n| a\nb |\n\n| x | y |\nno table",
  unclosed: "Text **open and `code\n\n```js\nlet x = 1;\n\n",
};

const many = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join("");

/** One block each, of several times the length at which it is cut. */
export const ENDLESS: Record<string, string> = {
  "one paragraph": many(20_000, (n) => `${n} `),
  "one paragraph of marked text": many(4000, (n) => `**a${n}** \`b\` [c](https://example.org/${n}) *d* e `),
  "one paragraph of many lines": many(8000, (n) => `line ${n}\n`),
  "one word": "abcdef😀".repeat(12_000),
  "one heading": `# ${many(12_000, (n) => `${n} `)}`,
  "one list": many(5000, (n) => `- item ${n}\n`),
  "one numbered list": many(5000, (n) => `${n + 3}. item\n`),
  "one item": `- ${many(15_000, (n) => `${n} `)}`,
  "a list with lists in it": many(3000, (n) => `- item ${n}\n  - a\n  - b\n`),
  "one quote": many(5000, (n) => `> said ${n}\n`),
  "one line of a quote": `> ${many(15_000, (n) => `${n} `)}`,
  "one table": `| a | b |\n|---|--:|\n${many(3000, (n) => `| ${n} | **b** |\n`)}\nafter`,
  "one block of code": `\`\`\`python\n${many(8000, (n) => `x = ${n}\n`)}\`\`\`\n\nafter **it**\n`,
  "one line of code": `\`\`\`\n${many(20_000, (n) => `${n} `)}`,
  "one word of code": `~~~\n${"abcdef😀".repeat(12_000)}\n~~`,
  "code that is indented": many(5000, (n) => `    x = ${n}\n`),
  "one formula": `$$\n${many(12_000, (n) => `x_${n} + `)}`,
  HTML: `<div>\n${many(8000, (n) => `<b>${n}</b>\n`)}`,
  marks: "* ".repeat(40_000),
  rules: "-".repeat(80_000),
  "blank lines": `a${"\n".repeat(80_000)}b`,
  "links that are defined at the end": `${many(6000, (n) => `see [this${n % 3}] and `)}\n\n[this1]: https://example.org/1\n[this2]: https://example.org/2\n`,
};
