/** One code block: a label, a copy button, and text that grows without touching what is there. */

import { type Context, make } from "./context";
import { copyText } from "./copy";
import { LANGUAGE_NAMES } from "./highlight";
import { Pieces } from "./pieces";

export class CodeView {
  readonly element: HTMLElement;
  readonly #context: Context;
  readonly #code: HTMLElement;
  readonly #pre: HTMLElement;
  readonly #label: HTMLElement;
  #language = "";
  readonly #pieces: Pieces;
  #text = "";
  #highlighted = false;

  constructor(context: Context) {
    this.#context = context;
    this.element = make(context, "div", "bcw-md-code", { dir: "ltr" });
    this.#label = make(context, "span", "bcw-md-code-label");
    const button = make(context, "button", "bcw-md-copy", { type: "button", "aria-label": "Copy code" });
    button.textContent = "Copy";
    button.addEventListener("click", () => void this.#copy(button));
    const header = make(context, "div", "bcw-md-code-header");
    header.append(this.#label, button);
    this.#pre = make(context, "pre", "", { tabindex: "0", role: "region", "aria-label": "Code" });
    this.#code = make(context, "code");
    this.#pieces = new Pieces(this.#code);
    this.#pre.append(this.#code);
    this.element.append(header, this.#pre);
  }

  /** The code as written, without the line end before the closing fence. */
  get text(): string {
    return this.#text;
  }

  setLanguage(info: string): void {
    const language = info.trim().split(/\s/, 1)[0] ?? "";
    if (language === this.#language) return;
    this.#clear();
    this.#language = language;
    this.#label.textContent = LANGUAGE_NAMES[language.toLowerCase()] ?? language;
    this.#pre.setAttribute("aria-label", language === "" ? "Code" : `Code, ${language}`);
  }

  setText(text: string): void {
    if (text === this.#text) return;
    if (text.startsWith(this.#text)) {
      this.append(text.slice(this.#text.length));
      return;
    }
    this.#clear();
    this.#pieces.clear();
    this.#text = "";
    this.append(text);
  }

  append(text: string): void {
    if (text === "") return;
    this.#clear();
    this.#text += text;
    this.#pieces.append(text);
  }

  /** No more text is expected: colours follow when the page is idle. */
  close(): void {
    if (this.#highlighted || this.#text === "") return;
    this.#highlighted = true;
    this.#context.highlighter.add(this.#code, this.#text, this.#language);
  }

  destroy(): void {
    this.#context.highlighter.cancel(this.#code);
  }

  /** Takes the colours away: the text goes on after all. */
  #clear(): void {
    if (!this.#highlighted) return;
    this.#highlighted = false;
    this.#context.highlighter.cancel(this.#code);
    this.#pieces.clear();
    this.#pieces.append(this.#text);
  }

  async #copy(button: HTMLElement): Promise<void> {
    const text = this.#text;
    const copied = await copyText(text, this.#context.document);
    button.textContent = copied ? "Copied" : "Not copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
    if (copied) this.#context.onCopy?.(text);
  }
}
