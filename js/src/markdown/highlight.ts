/**
 * Colours for finished code, in idle time.
 *
 * With spans: ranges of the CSS Custom Highlight API leave the DOM alone, but the browser goes through all of them again in
 * every frame that changes the page, so that a long answer slows down with each block of code in it. The text nodes are
 * replaced a few lines at a time, and a selection in them is set again.
 */

/** How languages are called by people, where the fence says something shorter. */
export const LANGUAGE_NAMES: Record<string, string> = {
  py: "python",
  js: "javascript",
  ts: "typescript",
  sh: "bash",
  yml: "yaml",
};

/** A longer code stays plain: it would be read in one go, and few people would. */
const LIMIT = 200_000;

export interface Span {
  from: number;
  to: number;
  colour: string;
}

/** The coloured parts of a code, in order; empty for a language that is not known. */
export type ColourSpans = (code: string, language: string) => Span[];

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

/** Colours the code blocks of one document: when the first is complete, what does it is loaded. */
export class Highlighter {
  readonly #view: Window | null;
  readonly #load: (() => Promise<ColourSpans>) | undefined;
  #colourSpans: ColourSpans | null = null;
  #queue: Job[] = [];
  #scheduled = false;

  constructor(document: Document, load: (() => Promise<ColourSpans>) | undefined) {
    this.#view = document.defaultView;
    this.#load = load;
  }

  /** Colours `code`, the text of `element`, when the page is idle. */
  add(element: HTMLElement, code: string, language: string): void {
    if (language === "" || code.length > LIMIT || this.#load === undefined) return;
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
    if (this.#colourSpans === null) {
      this.#fetch();
      return;
    }
    const colourSpans = this.#colourSpans;
    const run = (deadline?: IdleDeadline) => {
      this.#scheduled = false;
      const job = this.#queue[0];
      if (job && colourSome(job, colourSpans, () => (deadline?.timeRemaining() ?? 0) > 4)) this.#queue.shift();
      this.#schedule();
    };
    if (this.#view?.requestIdleCallback) this.#view.requestIdleCallback(run, { timeout: 2000 });
    else setTimeout(run, 50);
  }

  #fetch(): void {
    this.#load?.().then(
      (colourSpans) => {
        this.#colourSpans = colourSpans;
        this.#scheduled = false;
        this.#schedule();
      },
      () => {
        // The code stays plain, which is readable; the next one asks again.
        this.#scheduled = false;
        this.#queue = [];
      },
    );
  }
}

/** Does a part of a job, while there is time; true when all is done. */
function colourSome(job: Job, colourSpans: ColourSpans, isTime: () => boolean): boolean {
  if (job.spans === null) {
    job.spans = colourSpans(job.code, job.language);
    job.nodes = [...job.element.childNodes].flatMap((node) =>
      node.firstChild ? [...node.childNodes] : node,
    ) as Text[];
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
