/**
 * Colours for finished code, in idle time.
 *
 * With spans: ranges of the CSS Custom Highlight API leave the DOM alone, but the browser goes through all of them again in
 * every frame that changes the page, so that a long answer slows down with each block of code in it. The text nodes are
 * replaced a few lines at a time, and a selection in them is set again.
 */

import { highlighter as hljs } from "./languages";

/** Colours cost more than they tell in longer code. */
const LIMIT = 60_000;

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
  /** What is left to do, once the code has been read. */
  spans: Span[] | null;
  nodes: Text[];
  /** Where the first of `nodes` starts in the code. */
  at: number;
}

/** Colours the code blocks of one document. */
export class Highlighter {
  readonly #view: Window | null;
  #queue: Job[] = [];
  #scheduled = false;

  constructor(document: Document) {
    this.#view = document.defaultView;
  }

  /** Colours `code`, the text of `element`, when the page is idle. */
  add(element: HTMLElement, code: string, language: string): void {
    if (language === "") return;
    this.#queue.push({ element, code, language: language.toLowerCase(), spans: null, nodes: [], at: 0 });
    this.#schedule();
  }

  /** Forgets about `element`, or about all: what is coloured already stays. */
  cancel(element?: HTMLElement): void {
    this.#queue = element ? this.#queue.filter((job) => job.element !== element) : [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    const run = (deadline?: IdleDeadline) => {
      this.#scheduled = false;
      const job = this.#queue[0];
      if (job && colourSome(job, () => (deadline?.timeRemaining() ?? 0) > 4)) this.#queue.shift();
      this.#schedule();
    };
    if (this.#view?.requestIdleCallback) this.#view.requestIdleCallback(run, { timeout: 2000 });
    else setTimeout(run, 50);
  }
}

/** Does a part of a job, while there is time; true when all is done. */
function colourSome(job: Job, isTime: () => boolean): boolean {
  if (job.spans === null) {
    job.spans = colourSpans(job.code, job.language);
    job.nodes = [...job.element.childNodes] as Text[];
    if (job.spans.length > 0 && !isTime()) return false;
  }
  if (job.spans.length === 0) return true;
  do {
    const node = job.nodes.shift();
    if (!node) return true;
    const length = node.length;
    colourNode(node, job.at, job.spans);
    job.at += length;
  } while (isTime());
  return job.nodes.length === 0;
}

/** Puts the text of `node`, which starts at `start`, into spans; takes those that end in it from `spans`. */
function colourNode(node: Text, start: number, spans: Span[]): void {
  const document = node.ownerDocument;
  const end = start + node.length;
  const parts = document.createDocumentFragment();
  let at = start;
  let used = 0;
  for (const span of spans) {
    if (span.from >= end) break;
    const from = Math.max(span.from, start);
    const to = Math.min(span.to, end);
    if (from > at) parts.append(node.data.slice(at - start, from - start));
    const element = document.createElement("span");
    element.className = `bcw-hl-${span.colour}`;
    element.textContent = node.data.slice(from - start, to - start);
    parts.append(element);
    at = to;
    if (span.to <= end) used++;
  }
  spans.splice(0, used);
  if (at === start) return;
  if (at < end) parts.append(node.data.slice(at - start));
  keepSelection(node, parts);
}

/** Replaces `node` by `parts` of the same text; a selection that starts or ends in it is kept. */
function keepSelection(node: Text, parts: DocumentFragment): void {
  const root = node.getRootNode() as Partial<Pick<Document, "getSelection">>;
  const selection = root.getSelection?.() ?? node.ownerDocument.getSelection();
  const { anchorNode = null, anchorOffset = 0, focusNode = null, focusOffset = 0 } = selection ?? {};
  const texts = [...parts.childNodes].map((child) => (child.firstChild ?? child) as Text);
  node.replaceWith(parts);
  if (!selection || !anchorNode || !focusNode || (anchorNode !== node && focusNode !== node)) return;
  const place = (container: Node, offset: number): [Node, number] => {
    if (container !== node) return [container, offset];
    let left = offset;
    for (const text of texts) {
      if (left <= text.length) return [text, left];
      left -= text.length;
    }
    return [texts.at(-1) as Text, 0];
  };
  selection.setBaseAndExtent(...place(anchorNode, anchorOffset), ...place(focusNode, focusOffset));
}
