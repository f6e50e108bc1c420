/** Shows formulas: the source at once, the typeset form when the renderer is there. */

import { setText } from "./context";
import type { MathToken } from "./math-syntax";

/** Renders `tex` into `into`; throws when it cannot. Temml is one: loaded by the caller, on demand. */
export type MathRenderer = (tex: string, display: boolean, into: HTMLElement) => void;

/** Asks for the renderer once, when the first formula is complete, and then paints what has waited. */
export class MathPainter {
  readonly #load: (() => Promise<MathRenderer>) | undefined;
  #renderer: MathRenderer | null = null;
  #waiting: Map<HTMLElement, MathToken> | null = null;

  constructor(load: (() => Promise<MathRenderer>) | undefined) {
    this.#load = load;
  }

  /** Shows one formula in `element`, which holds nothing else. */
  show(element: HTMLElement, token: MathToken): void {
    const text = element.firstChild;
    if (text && text === element.lastChild && text.nodeType === Node.TEXT_NODE) setText(text as Text, token.source);
    else element.textContent = token.source;
    element.classList.add("bcw-md-math-source");
    if (token.open) return;
    if (this.#renderer) this.#paint(this.#renderer, element, token);
    else this.#wait(element, token);
  }

  /** Forgets the formulas that wait: their document is gone. */
  clear(): void {
    this.#waiting?.clear();
  }

  #wait(element: HTMLElement, token: MathToken): void {
    if (this.#load === undefined) return;
    if (this.#waiting !== null) {
      this.#waiting.set(element, token);
      return;
    }
    const waiting = new Map([[element, token]]);
    this.#waiting = waiting;
    this.#load().then(
      (renderer) => {
        this.#renderer = renderer;
        for (const [place, formula] of waiting) this.#paint(renderer, place, formula);
        waiting.clear();
      },
      // The source stays: it is readable, and whoever loads the renderer knows why it failed.
      () => {
        // Whoever comes next may ask again.
        if (this.#waiting === waiting) this.#waiting = null;
      },
    );
  }

  #paint(renderer: MathRenderer, element: HTMLElement, token: MathToken): void {
    const typeset = element.ownerDocument.createElement("span");
    try {
      renderer(token.tex, token.display, typeset);
    } catch {
      return; // The source is the best that can be shown of TeX that does not parse.
    }
    element.replaceChildren(typeset);
    element.classList.remove("bcw-md-math-source");
  }
}
