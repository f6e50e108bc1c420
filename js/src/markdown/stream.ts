/**
 * One growing Markdown document.
 *
 * 1. Text is appended. Only the part from the last uncommitted block on (the tail) is lexed, and patched onto the page.
 * 2. A block is committed when a later one has a complete line: from then on nothing of it can change, and it is not
 *    looked at again. The content of an open fence does not pass the lexer at all.
 * 3. `finish` lexes the block structure of the whole once, without half-open readings, and patches what differs: links
 *    whose definition came after them, and whatever was left open. So the end is that of a document rendered in one go.
 * 4. Work on much text at once is cut into slices between which the page can do other things.
 */

import { isClosedFence, patchBlock, truncate, visibleTokens } from "./blocks";
import type { CodeView } from "./code";
import { type Context, make } from "./context";
import { FenceReader } from "./fence";
import { type ColourSpans, Highlighter } from "./highlight";
import type { BlockView } from "./leaf";
import { type Definitions, lexBlocks, type Token } from "./lexer";
import { MathPainter, type MathRenderer } from "./math-view";
import { holdLine } from "./mend";

export interface MarkdownOptions {
  /** Loads the renderer of formulas; called once, when the first one is complete. Without it their source is shown. */
  loadMath?: () => Promise<MathRenderer>;
  /** Loads what colours code; called when the first block of code is complete. Without it code is plain. */
  loadColours?: () => Promise<ColourSpans>;
  /** Told what was copied with a code block's button. */
  onCopy?: (text: string) => void;
}

export interface MarkdownView {
  /** Adds text to the end. Throws after `finish`. */
  append(text: string): void;
  /** Makes `text` the whole text so far; what is shown of it already stays. */
  replace(text: string): void;
  /**
   * The text is complete. A short rest is rendered before this returns, a long one in slices.
   *
   * @returns when the page shows what a render of the whole text in one go would show.
   */
  finish(): Promise<void>;
  /** Empties the element, and takes back what was put outside it (timers, work for idle time). */
  destroy(): void;
}

/** Characters of source that are rendered in one go: about 10 ms of work. */
const SLICE = 12_000;
/** Blocks in one part of the page; parts out of view cost neither layout nor paint, however long the document. */
const PART = 16;
/** After an update that took longer than this (ms), the next one waits for twice as long as it took. */
const SLOW = 8;
/** What may be half of something: a line end of two characters, a character of two code units. */
const HALF = /[\r\ud800-\udbff]$/;

/** Renders Markdown into `element`, whose content it owns from then on. */
export function createMarkdown(element: HTMLElement, options: MarkdownOptions = {}): MarkdownView {
  return new MarkdownStream(element, options);
}

class MarkdownStream implements MarkdownView {
  readonly #root: HTMLElement;
  readonly #context: Context;
  #source = "";
  #half = "";
  /** Where the tail starts in the source, and how many blocks are committed before it. */
  #from = 0;
  #committed = 0;
  #views: BlockView[] = [];
  #committedDefinitions: Definitions = {};
  #fence: { reader: FenceReader; view: CodeView } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: "open" | "finishing" | "finished" | "destroyed" = "open";
  #finished: Promise<void> = Promise.resolve();
  #settle: () => void = () => undefined;

  constructor(element: HTMLElement, options: MarkdownOptions) {
    const document = element.ownerDocument;
    this.#root = element;
    this.#root.classList.add("bcw-md");
    this.#context = {
      document,
      definitions: {},
      relink: false,
      highlighter: new Highlighter(document, options.loadColours),
      math: new MathPainter(options.loadMath),
      onCopy: options.onCopy,
    };
  }

  append(text: string): void {
    if (this.#state !== "open") throw new Error(`Markdown is ${this.#state}: nothing can be appended; use replace()`);
    const whole = this.#half + text;
    this.#half = HALF.exec(whole)?.[0] ?? "";
    this.#add(whole.slice(0, whole.length - this.#half.length));
  }

  replace(text: string): void {
    if (this.#state === "destroyed") return;
    const clean = normalise(text);
    if (this.#state === "open" && clean.startsWith(this.#source + normalise(this.#half))) {
      this.#half = "";
      const rest = clean.slice(this.#source.length);
      this.append(text.endsWith("\r") ? rest.replace(/\n$/, "\r") : rest);
      return;
    }
    this.#reset();
    this.#state = "open";
    this.append(text);
  }

  finish(): Promise<void> {
    if (this.#state !== "open") return this.#finished;
    this.#state = "finishing";
    this.#cancel();
    this.#fence = null;
    this.#source += normalise(this.#half);
    this.#half = "";
    this.#finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { tokens, definitions } = lexBlocks(this.#source, {}, false);
    this.#context.definitions = definitions;
    this.#context.relink = Object.keys(definitions).length > 0;
    this.#finishFrom(0, visibleTokens(this.#context, tokens, false));
    return this.#finished;
  }

  destroy(): void {
    this.#reset();
    this.#state = "destroyed";
    this.#root.classList.remove("bcw-md");
  }

  #reset(): void {
    this.#cancel();
    this.#settle();
    this.#truncate(0);
    this.#context.highlighter.cancel();
    this.#context.math.clear();
    this.#context.definitions = {};
    this.#context.relink = false;
    this.#committedDefinitions = {};
    this.#source = "";
    this.#half = "";
    this.#from = 0;
    this.#committed = 0;
    this.#fence = null;
  }

  #add(text: string): void {
    if (text === "") return;
    const clean = normalise(text);
    this.#source += clean;
    if (this.#timer !== undefined) return;
    const code = this.#fence?.reader.read(clean) ?? null;
    if (code === null) this.#update();
    else this.#fence?.view.append(code);
  }

  #update(): void {
    this.#fence = null;
    const start = performance.now();
    const tail = this.#source.slice(this.#from);
    const shown = holdLine(tail);
    const { tokens, definitions } = lexBlocks(shown, this.#committedDefinitions, true);
    if (Object.keys(definitions).length !== Object.keys(this.#context.definitions).length) {
      this.#context.definitions = definitions;
    }
    const more = this.#commit(shown, tokens);
    const took = performance.now() - start;
    if (more) this.#later(0);
    else if (took > SLOW) this.#later(took * 2);
  }

  /** Shows the tail, and commits what of it is complete; true when a slice is full and there is more to do. */
  #commit(shown: string, tokens: Token[]): boolean {
    let last = tokens.length - 1;
    while (last >= 0 && tokens[last]?.type === "space") last--;
    let done = 0;
    let length = 0;
    let work = 0;
    // Tokens before the last one are complete once the last one has a line of its own.
    const before = tokens.slice(0, last).reduce((sum, token) => sum + token.raw.length, 0);
    if (shown.indexOf("\n", before) >= 0) {
      for (; done < last && work < SLICE; done++) {
        const token = tokens[done] as Token;
        length += token.raw.length;
        if (token.type === "space") continue;
        if (token.type === "def") {
          this.#committedDefinitions = {
            [token.tag]: { href: token.href, title: token.title },
            ...this.#committedDefinitions,
          };
          continue;
        }
        this.#patch(this.#committed++, token, false);
        work += token.raw.length;
      }
      this.#from += length;
      if (done < last) return true;
    }
    const rest = tokens.slice(done);
    const visible = visibleTokens(this.#context, rest, true);
    for (const [index, token] of visible.entries()) {
      this.#patch(this.#committed + index, token, index === visible.length - 1);
    }
    this.#truncate(this.#committed + visible.length);
    const open = rest.find((token) => token.type !== "space");
    if (open?.type === "code") this.#enterFence(open.raw);
    return false;
  }

  /** From here on the lines of the open block go to the page directly, if that is what the tail is. */
  #enterFence(raw: string): void {
    const tail = this.#source.slice(this.#from);
    const opening = /^(`{3,}|~{3,})[^\n]*\n/.exec(tail);
    const view = this.#views[this.#committed] as (BlockView & { code?: CodeView }) | undefined;
    if (!opening?.[1] || !view?.code || this.#views.length !== this.#committed + 1 || isClosedFence(raw)) return;
    const reader = new FenceReader(opening[1]);
    const code = reader.read(tail.slice(opening[0].length));
    if (code === null) return;
    view.code.setText(code);
    this.#fence = { reader, view: view.code };
  }

  #finishFrom(index: number, tokens: readonly Token[]): void {
    let at = index;
    for (let work = 0; at < tokens.length && work < SLICE; at++) {
      const token = tokens[at] as Token;
      if (this.#views[at]?.raw !== token.raw || (this.#context.relink && token.raw.includes("[")))
        work += token.raw.length;
      this.#patch(at, token, false);
    }
    if (at < tokens.length) {
      this.#timer = setTimeout(() => this.#finishFrom(at, tokens), 0);
      return;
    }
    this.#timer = undefined;
    this.#truncate(tokens.length);
    this.#state = "finished";
    this.#settle();
  }

  #patch(index: number, token: Token, open: boolean): void {
    const part = Math.floor(index / PART);
    if (part === this.#root.children.length) this.#root.append(make(this.#context, "div", "bcw-md-part"));
    patchBlock(this.#context, this.#root.children[part] as Element, this.#views, index, token, open);
  }

  #truncate(length: number): void {
    truncate(this.#views, length);
    while (this.#root.children.length > Math.ceil(length / PART)) this.#root.lastElementChild?.remove();
  }

  #later(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#update();
    }, delay);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function normalise(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
