// How long to wait before something is tried again: longer each time, and not all pages at once. Who looks at the page sees soon that
// the server is back.

const FIRST_MS = 250;
const LONGEST_MS = 1500;
const UNSEEN_LONGEST_MS = 8000;

export class Patience {
  #tries = 0;

  /** The next wait, in milliseconds. */
  next(): number {
    const wait = Math.min(FIRST_MS * 2 ** this.#tries++, document.hidden ? UNSEEN_LONGEST_MS : LONGEST_MS);
    return wait * (0.75 + Math.random() / 2);
  }

  /** It went well. */
  reset(): void {
    this.#tries = 0;
  }
}
