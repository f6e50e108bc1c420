/**
 * Text that grows without end, as it is written.
 *
 * The browser lays out all text of a block again whenever some of it changes. So the text is cut into blocks, by a rule that
 * looks at the text alone: a block is the same however the text came, and it is not touched again when the next one has begun.
 */

/** A block ends with the first line that ends after so many characters, */
const LINES = 16_384;
/** or after the first blank, */
const BLANK = 32_768;
/** or anywhere. */
const ANYWHERE = 34_000;

/** A long text node costs more with each piece that is added; short ones do not. */
const LINES_PER_NODE = 50;

/** The text of `host`. The first block is the element itself, so that a short text is nothing but text. */
export class Pieces {
  readonly #host: HTMLElement;
  #block: HTMLElement;
  #length = 0;
  #node: Text | null = null;
  #lines = 0;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#block = host;
  }

  append(text: string): void {
    for (let from = 0; from < text.length; ) {
      const end = this.#blockEnd(text, from);
      this.#add(text.slice(from, end ?? text.length));
      from = end ?? text.length;
      if (end !== null) this.#next();
    }
  }

  clear(): void {
    this.#host.replaceChildren();
    this.#block = this.#host;
    this.#length = 0;
    this.#node = null;
  }

  /** Where in `text`, of which what is before `from` is shown, the block ends; null when it goes on after it. */
  #blockEnd(text: string, from: number): number | null {
    const start = from - this.#length;
    const at = (length: number) => Math.max(from, start + length);
    const first = (pattern: RegExp, after: number, before: number) => {
      const found = text.slice(at(after), at(before)).search(pattern);
      return found < 0 ? null : at(after) + found + 1;
    };
    const blank = first(/\n/, LINES, BLANK) ?? first(/\s/, BLANK, ANYWHERE);
    if (blank !== null) return blank;
    const end = at(ANYWHERE);
    if (end > text.length) return null;
    // Not between the two halves of a character.
    return /[\ud800-\udbff]/.test(text[end - 1] ?? "") ? Math.min(end + 1, text.length) : end;
  }

  /** The next character begins a new block. */
  #next(): void {
    this.#block = this.#host.ownerDocument.createElement("span");
    this.#block.className = "bcw-piece";
    this.#length = 0;
    this.#node = null;
  }

  #add(text: string): void {
    if (text === "") return;
    if (this.#block !== this.#host && this.#length === 0) this.#host.append(this.#block);
    this.#length += text.length;
    for (let from = 0; from < text.length; ) {
      if (this.#node === null || this.#lines >= LINES_PER_NODE) {
        this.#node = this.#host.ownerDocument.createTextNode("");
        this.#block.append(this.#node);
        this.#lines = 0;
      }
      let to = from;
      while (to < text.length && this.#lines < LINES_PER_NODE) {
        const end = text.indexOf("\n", to);
        to = end < 0 ? text.length : end + 1;
        if (end >= 0) this.#lines++;
      }
      this.#node.appendData(text.slice(from, to));
      from = to;
    }
  }
}
