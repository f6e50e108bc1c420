/** The fast path for a code block that is being written: lines go straight to the page, without a lexer. */

import type { CodeView } from "./code";

/** Follows one open fence, from the start of its content. */
export class FenceReader {
  readonly #code: CodeView;
  readonly #marker: string;
  readonly #length: number;
  #line = "";
  #shown = 0;
  #first = true;

  /** @param code  shows nothing of the content yet, or just what `read` is given first. */
  constructor(code: CodeView, opening: string) {
    this.#code = code;
    this.#marker = opening[0] ?? "`";
    this.#length = opening.length;
  }

  /** Takes more of the source; true when the closing fence has come, with what follows left to the lexer. */
  read(text: string): boolean {
    for (let from = 0; ; ) {
      const end = text.indexOf("\n", from);
      this.#line += end < 0 ? text.slice(from) : text.slice(from, end);
      if (end < 0) {
        if (!this.#mayClose()) this.#show();
        return false;
      }
      if (this.#closes()) return true;
      this.#show();
      this.#line = "";
      this.#shown = 0;
      this.#first = false;
      from = end + 1;
    }
  }

  #show(): void {
    const separator = this.#shown === 0 && !this.#first ? "\n" : "";
    this.#code.append(separator + this.#line.slice(this.#shown));
    this.#shown = this.#line.length;
  }

  #closes(): boolean {
    const line = this.#line.trim();
    return this.#mayClose() && line.length >= this.#length;
  }

  #mayClose(): boolean {
    if (this.#shown > 0) return false;
    const line = this.#line.replace(/ +$/, "");
    const marks = line.trimStart();
    return line.length - marks.length <= 3 && marks === this.#marker.repeat(marks.length);
  }
}
