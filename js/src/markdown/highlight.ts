/**
 * Colours for finished code, in idle time.
 *
 * Where the browser has the CSS Custom Highlight API the text nodes are not touched, so a selection survives; elsewhere
 * spans take their place. Ranges are static: live ones would be adjusted by the browser with every change of the page.
 */

import { highlighter as hljs } from "./languages";

/** Colours cost more than they tell in longer code. */
const LIMIT = 100_000;

/** How languages are called by people, where the fence says something shorter. */
export const LANGUAGE_NAMES: Record<string, string> = {
  py: "python",
  js: "javascript",
  ts: "typescript",
  sh: "bash",
  yml: "yaml",
};

const COLOURS: Record<string, string> = {
  keyword: "keyword",
  "selector-tag": "keyword",
  operator: "keyword",
  name: "keyword",
  string: "string",
  regexp: "string",
  symbol: "string",
  char: "string",
  addition: "string",
  number: "number",
  literal: "number",
  comment: "comment",
  quote: "comment",
  doctag: "comment",
  title: "title",
  section: "title",
  built_in: "builtin",
  type: "builtin",
  class: "builtin",
  attr: "attribute",
  attribute: "attribute",
  variable: "attribute",
  "selector-class": "attribute",
  "selector-id": "attribute",
  meta: "meta",
  tag: "meta",
  deletion: "deletion",
};

export interface Span {
  from: number;
  to: number;
  colour: string;
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

/** The coloured parts of `code`, in order; empty for a language that is not known. */
export function colourSpans(code: string, language: string): Span[] {
  if (code.length > LIMIT || !hljs.getLanguage(language)) return [];
  const { value } = hljs.highlight(code, { language, ignoreIllegals: true });
  const spans: Span[] = [];
  const open: (string | undefined)[] = [];
  let at = 0;
  // The result is highlight.js's markup: spans with classes around escaped text. It is read here, and never parsed as HTML.
  for (const [part] of value.matchAll(/<span class="[^"]*">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+/g)) {
    if (part.startsWith("</")) open.pop();
    else if (part.startsWith("<")) open.push(COLOURS[/hljs-([\w-]+)/.exec(part)?.[1] ?? ""] ?? open.at(-1));
    else {
      const length = part in ENTITIES ? 1 : part.length;
      const colour = open.at(-1);
      const last = spans.at(-1);
      if (colour !== undefined) {
        if (last?.to === at && last.colour === colour) last.to += length;
        else spans.push({ from: at, to: at + length, colour });
      }
      at += length;
    }
  }
  return spans;
}

interface Job {
  element: HTMLElement;
  code: string;
  language: string;
}

/** Colours the code blocks of one document. */
export class Highlighter {
  readonly #view: (Window & typeof globalThis) | null;
  #queue: Job[] = [];
  #scheduled = false;
  #ranges = new Map<HTMLElement, { colour: string; range: StaticRange }[]>();
  #spanned = new Set<HTMLElement>();

  constructor(document: Document) {
    this.#view = document.defaultView;
  }

  /** Colours `code`, the text of `element`, when the page is idle. */
  add(element: HTMLElement, code: string, language: string): void {
    if (language === "") return;
    this.#queue.push({ element, code, language: language.toLowerCase() });
    this.#schedule();
  }

  /** Takes the colours of `element` away; true when its text nodes have to be made anew. */
  remove(element: HTMLElement): boolean {
    this.#queue = this.#queue.filter((job) => job.element !== element);
    for (const { colour, range } of this.#ranges.get(element) ?? []) {
      // The registry is the page's: only what was put there is taken out.
      this.#view?.CSS.highlights.get(`bcw-${colour}`)?.delete(range);
    }
    this.#ranges.delete(element);
    return this.#spanned.delete(element);
  }

  /** Takes all colours away, and those that were to come. */
  clear(): void {
    this.#queue = [];
    for (const element of [...this.#ranges.keys()]) this.remove(element);
    this.#spanned.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    const run = () => {
      this.#scheduled = false;
      const job = this.#queue.shift();
      if (job) this.#colour(job);
      this.#schedule();
    };
    if (this.#view?.requestIdleCallback) this.#view.requestIdleCallback(run, { timeout: 2000 });
    else setTimeout(run, 50);
  }

  #colour({ element, code, language }: Job): void {
    const spans = colourSpans(code, language);
    if (spans.length === 0) return;
    if (this.#view?.CSS?.highlights && typeof this.#view.Highlight === "function") this.#addRanges(element, spans);
    else this.#addSpans(element, code, spans);
  }

  #addRanges(element: HTMLElement, spans: Span[]): void {
    const view = this.#view as Window & typeof globalThis;
    const ranges: { colour: string; range: StaticRange }[] = [];
    const nodes = [...element.childNodes] as Text[];
    let index = 0;
    let start = 0;
    const locate = (offset: number): [Text, number] => {
      let node = nodes[index] as Text;
      while (offset - start > node.length && index + 1 < nodes.length) {
        start += node.length;
        node = nodes[++index] as Text;
      }
      return [node, offset - start];
    };
    for (const { from, to, colour } of spans) {
      const [startContainer, startOffset] = locate(from);
      const [endContainer, endOffset] = locate(to);
      const range = new view.StaticRange({ startContainer, startOffset, endContainer, endOffset });
      const name = `bcw-${colour}`;
      let highlight = view.CSS.highlights.get(name);
      if (!highlight) {
        highlight = new view.Highlight();
        view.CSS.highlights.set(name, highlight);
      }
      highlight.add(range);
      ranges.push({ colour, range });
    }
    this.#ranges.set(element, ranges);
  }

  #addSpans(element: HTMLElement, code: string, spans: Span[]): void {
    const document = element.ownerDocument;
    const parts: (Node | string)[] = [];
    let at = 0;
    for (const { from, to, colour } of spans) {
      const span = document.createElement("span");
      span.className = `bcw-hl-${colour}`;
      span.textContent = code.slice(from, to);
      parts.push(code.slice(at, from), span);
      at = to;
    }
    element.replaceChildren(...parts, code.slice(at));
    this.#spanned.add(element);
  }
}
