/** The fast path for a code block that is being written: its lines need no lexer. */

/** Follows one open fence, from the start of its content. */
export class FenceReader {
  readonly #marker: string;
  readonly #length: number;
  #line = "";
  #shown = 0;
  #first = true;

  /** @param opening  the marks that opened the fence. */
  constructor(opening: string) {
    this.#marker = opening[0] ?? "`";
    this.#length = opening.length;
  }

  /** Takes more of the source, and gives the code to add to what is shown; null when the closing fence has come. */
  read(text: string): string | null {
    let code = "";
    for (let from = 0; ; ) {
      const end = text.indexOf("\n", from);
      this.#line += end < 0 ? text.slice(from) : text.slice(from, end);
      if (end < 0) return this.#mayClose() ? code : code + this.#rest();
      if (this.#mayClose() && this.#line.trim().length >= this.#length) return null;
      code += this.#rest();
      this.#line = "";
      this.#shown = 0;
      this.#first = false;
      from = end + 1;
    }
  }

  /** What of the line is not shown yet, after the end of the line before it. */
  #rest(): string {
    const separator = this.#shown === 0 && !this.#first ? "\n" : "";
    const rest = separator + this.#line.slice(this.#shown);
    this.#shown = this.#line.length;
    return rest;
  }

  #mayClose(): boolean {
    if (this.#shown > 0) return false;
    const line = this.#line.replace(/ +$/, "");
    const marks = line.trimStart();
    return line.length - marks.length <= 3 && marks === this.#marker.repeat(marks.length);
  }
}
