/** The fast path for a code block that is being written: its lines need no lexer. */

/** What was read of an open fence. */
export interface FencePart {
  /** The code to add to what is shown. */
  code: string;
  /** Where the text after the closing fence starts; null while the fence is open. */
  end: number | null;
}

/** Follows one open fence, from the start of its content. */
export class FenceReader {
  readonly #marker: string;
  readonly #length: number;
  /** The line so far, as long as it may be the closing fence. */
  #line = "";
  /** A part of the line is shown: it is code, however it goes on. */
  #inLine = false;
  #first = true;

  /** @param opening  the marks that opened the fence. */
  constructor(opening: string) {
    this.#marker = opening[0] ?? "`";
    this.#length = opening.length;
  }

  /** Takes more of the source, up to the closing fence. */
  read(text: string): FencePart {
    let code = "";
    for (let from = 0; ; ) {
      const end = text.indexOf("\n", from);
      this.#line += end < 0 ? text.slice(from) : text.slice(from, end);
      if (end < 0) return { code: this.#mayClose() ? code : code + this.#rest(), end: null };
      if (this.#closes()) return { code, end: end + 1 };
      code += this.#rest();
      this.#inLine = false;
      this.#first = false;
      from = end + 1;
    }
  }

  /** The text has ended: what was held back, as it may have been the closing fence. */
  finish(): string {
    return this.#line === "" || this.#closes() ? "" : this.#rest();
  }

  /** What of the line is not shown yet, after the end of the line before it. */
  #rest(): string {
    const rest = (this.#inLine || this.#first ? "" : "\n") + this.#line;
    this.#line = "";
    this.#inLine = true;
    return rest;
  }

  #closes(): boolean {
    return this.#mayClose() && this.#line.trim().length >= this.#length;
  }

  #mayClose(): boolean {
    if (this.#inLine) return false;
    const line = this.#line.replace(/ +$/, "");
    const marks = line.trimStart();
    return line.length - marks.length <= 3 && marks === this.#marker.repeat(marks.length);
  }
}
