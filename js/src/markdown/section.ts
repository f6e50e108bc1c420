/**
 * A part of a growing document that is read on its own.
 *
 * 1. While it is open, text is appended. Only the part from the last uncommitted block on (the tail) is lexed, and patched
 *    onto the page. A block is committed when a later one has a complete line: from then on nothing of it can change, and it
 *    is not looked at again. The content of an open fence does not pass the lexer at all.
 * 2. `close` lexes the whole once more, without half-open readings, and `work` patches what differs, a slice at a time.
 * 3. It may be closed again, when links have got definitions that came after them.
 */

import { isClosedFence, patchBlock, truncate, visibleTokens } from "./blocks";
import type { CodeView } from "./code";
import { type Context, make } from "./context";
import { type Carry, openFence } from "./cut";
import { FenceReader } from "./fence";
import type { BlockView } from "./leaf";
import { type Definitions, lexBlocks, type Token } from "./lexer";
import { holdLine } from "./mend";

/** Characters of source that are rendered in one go: about 10 ms of work. */
export const SLICE = 12_000;
/** Blocks in one part of the page; parts out of view cost neither layout nor paint, however long the document. */
const PART = 16;

export class Section {
  readonly #context: Context;
  readonly #root: HTMLElement;
  readonly #carry: Carry;
  /** Those of the sections before. */
  readonly given: Definitions;
  #source: string;
  /** Where the tail starts in the source, and how many blocks are committed before it. */
  #from = 0;
  #committed = 0;
  readonly #views: BlockView[] = [];
  readonly #parts: HTMLElement[] = [];
  #definitions: Definitions;
  #fence: { reader: FenceReader; view: CodeView } | null = null;
  /** It is one block of code, which is never read as a whole. */
  #isCode = false;
  /** The blocks of a closed section that are not all shown yet, and how many are. */
  #blocks: Token[] | null = null;
  #done = 0;
  #inside = false;
  /** An update has more to do. */
  #more = false;

  constructor(context: Context, root: HTMLElement, carry: Carry, definitions: Definitions) {
    this.#context = context;
    this.#root = root;
    this.#carry = carry;
    this.#source = carry.prefix;
    this.#definitions = this.given = definitions;
  }

  get source(): string {
    return this.#source;
  }

  get carry(): Carry {
    return this.#carry;
  }

  get isCode(): boolean {
    return this.#isCode;
  }

  /** Whether links in it may depend on definitions elsewhere. */
  get hasLinks(): boolean {
    return !this.#isCode && this.#source.includes("[");
  }

  /** Shows the source with `text` at its end, or a slice of it. */
  append(text: string): void {
    this.#source += text;
    const part = this.#fence?.reader.read(text);
    if (part?.end === null) this.#fence?.view.append(part.code);
    else this.#update();
  }

  /** Shows `source`, the beginning of what it was, and is open again: of blocks that stay the same nothing is touched. */
  shorten(source: string): void {
    this.#source = source;
    this.#from = this.#committed = 0;
    this.#definitions = this.given;
    this.#blocks = null;
    this.#inside = false;
    for (const part of this.#parts) part.classList.remove("bcw-md-cut");
    this.#update();
  }

  /** From now on it is the code of the fence that `source` begins with, and nothing else. */
  openCode(source: string): void {
    this.#source = source;
    this.#isCode = true;
    this.#patch(0, this.#lex(source, true)[0] as Token, true);
    this.#enterFence(source);
  }

  /** Adds to the code; says where in `text` that ended, null when it goes on. */
  code(text: string): number | null {
    if (!this.#fence) return 0;
    const { code, end } = this.#fence.reader.read(text);
    this.#fence.view.append(code);
    return end;
  }

  /**
   * The source is complete.
   *
   * @param definitions  those before it, or all of the document when it is closed again.
   * @param inside  the next section goes on with its last block.
   * @returns the definitions up to its end.
   */
  close(source: string, definitions: Definitions, inside = this.#inside): Definitions {
    this.#inside = inside;
    this.#more = false;
    if (this.#isCode) {
      this.#fence?.view.append(this.#fence.reader.finish());
      this.#fence?.view.close();
      return definitions;
    }
    this.#fence = null;
    this.#source = source;
    this.#from = 0;
    this.#definitions = definitions;
    const tokens = this.#lex(source, false);
    this.#blocks = visibleTokens(this.#context, tokens, false);
    this.#done = 0;
    return this.#definitions;
  }

  /** Shows a slice of what is not shown yet; says how many characters of source, 0 when that is done. */
  work(): number {
    if (this.#more) {
      this.#update();
      return SLICE;
    }
    const blocks = this.#blocks;
    if (blocks === null) return 0;
    let work = 1;
    for (; this.#done < blocks.length && work < SLICE; this.#done++) {
      const token = blocks[this.#done] as Token;
      if (this.#views[this.#done]?.raw !== token.raw || (this.#context.relink && token.raw.includes("[")))
        work += token.raw.length;
      this.#patch(this.#done, token, false);
    }
    if (this.#done === blocks.length) {
      this.#truncate(blocks.length);
      this.#blocks = null;
      if (this.#inside) this.#parts.at(-1)?.classList.add("bcw-md-cut");
    }
    return work;
  }

  destroy(): void {
    this.#truncate(0);
  }

  #update(): void {
    this.#fence = null;
    const shown = holdLine(this.#source.slice(this.#from));
    this.#more = this.#commit(shown, this.#lex(shown, true));
  }

  /** The tokens of `src`, the source from the tail on; the definitions are those of the document so far. */
  #lex(src: string, live: boolean): Token[] {
    const { tokens, definitions } = lexBlocks(src, this.#definitions, live);
    if (Object.keys(definitions).length !== Object.keys(this.#context.definitions).length) {
      this.#context.definitions = definitions;
    }
    if (!live) this.#definitions = definitions;
    const first = tokens.find(({ type }) => type !== "space");
    if (this.#from === 0 && this.#carry.start !== null && first?.type === "list") first.start = this.#carry.start;
    return tokens;
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
          this.#definitions = { [token.tag]: { href: token.href, title: token.title }, ...this.#definitions };
          continue;
        }
        if (this.#views[this.#committed]?.raw !== token.raw) work += token.raw.length;
        this.#patch(this.#committed++, token, false);
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
    if (open?.type === "code" && !isClosedFence(open.raw)) this.#enterFence(this.#source.slice(this.#from));
    return false;
  }

  /** From here on the lines of the open block go to the page directly, if that is what the tail is. */
  #enterFence(tail: string): void {
    const opening = openFence(tail);
    const view = this.#views[this.#committed] as (BlockView & { code?: CodeView }) | undefined;
    if (!opening || !view?.code || this.#views.length !== this.#committed + 1) return;
    const reader = new FenceReader(opening.marks);
    const { code, end } = reader.read(tail.slice(opening.at));
    if (end !== null) return;
    view.code.setText(code);
    this.#fence = { reader, view: view.code };
  }

  #patch(index: number, token: Token, open: boolean): void {
    const part = Math.floor(index / PART);
    let parent = this.#parts[part];
    if (!parent) {
      parent = make(this.#context, "div", "bcw-md-part");
      this.#parts.push(parent);
      this.#root.append(parent);
    }
    patchBlock(this.#context, parent, this.#views, index, token, open);
  }

  #truncate(length: number): void {
    truncate(this.#views, length);
    for (const part of this.#parts.splice(Math.ceil(length / PART))) part.remove();
  }
}
