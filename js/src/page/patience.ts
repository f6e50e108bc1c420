// How long to wait before something is tried again: longer each time, and not all pages at once.

const FIRST_MS = 250;
const LONGEST_MS = 8000;

export class Patience {
  #tries = 0;

  /** The next wait, in milliseconds. */
  next(): number {
    const wait = Math.min(FIRST_MS * 2 ** this.#tries++, LONGEST_MS);
    return wait * (0.75 + Math.random() / 2);
  }

  /** It went well. */
  reset(): void {
    this.#tries = 0;
  }
}
