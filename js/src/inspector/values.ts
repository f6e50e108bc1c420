// Values of the kernel, known as far as the reader has unfolded them: rows of rows, and pieces of long texts.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Inspected, Row } from "../protocol.gen";

/** The rows at `path`, or the text there, from `start` on. */
export type Fetch = (path: readonly number[], start: number) => Promise<Inspected>;

/** So many values that were changed are unfolded without being asked for. */
const UNFOLDED = 4;

/** What there is at one place, as far as it has been fetched: rows, or a text. */
export class Place {
  readonly rows: Signal<readonly Entry[]> = signal([]);
  readonly text: Signal<string | null> = signal(null);
  /** How many rows or characters follow. */
  readonly more: Signal<number> = signal(0);
  readonly loading: Signal<boolean> = signal(false);
  readonly error: Signal<string | null> = signal(null);
  readonly path: readonly number[];
  /** The rows that lead here, from the top. */
  readonly rowsTo: readonly Row[];
  readonly #fetch: Fetch;
  #asked = false;
  #coming: Promise<void> = Promise.resolve();
  /** How much of a text has come, in characters as Python counts them: some are two code units here. */
  #characters = 0;

  constructor(fetch: Fetch, path: readonly number[], rowsTo: readonly Row[] = []) {
    this.#fetch = fetch;
    this.path = path;
    this.rowsTo = rowsTo;
  }

  /** Fetch the beginning, unless that was done; it can be called again after an error. */
  begin(): Promise<void> {
    return this.#asked ? this.#coming : this.next();
  }

  /** Fetch what follows. */
  next(): Promise<void> {
    if (!this.loading.peek()) {
      this.#asked = true;
      this.#coming = this.#next();
    }
    return this.#coming;
  }

  async #next(): Promise<void> {
    batch(() => {
      this.loading.value = true;
      this.error.value = null;
    });
    const start = this.text.peek() === null ? this.rows.peek().length : this.#characters;
    try {
      const { rows, text, more } = await this.#fetch(this.path, start);
      batch(() => {
        this.loading.value = false;
        this.more.value = more;
        if (text !== null) {
          this.#characters += [...text].length;
          this.text.value = (this.text.peek() ?? "") + text;
        } else this.rows.value = [...this.rows.peek(), ...rows.map((row, at) => this.#entry(row, start + at))];
      });
    } catch (error) {
      batch(() => {
        this.loading.value = false;
        this.error.value = error instanceof Error ? error.message : String(error);
        if (this.rows.peek().length === 0 && this.text.peek() === null) this.#asked = false;
      });
    }
  }

  /** Fetch the beginning, and unfold the first values that were changed inside. */
  async beginChanged(): Promise<void> {
    // Only once: what the reader has folded since stays so.
    if (this.#asked) return;
    await this.begin();
    const changed = this.rows.peek().filter(({ row }) => row.change === "changed" && row.rows > 0);
    for (const entry of changed.slice(0, UNFOLDED)) entry.unfold();
  }

  #entry(row: Row, at: number): Entry {
    return new Entry(row, new Place(this.#fetch, [...this.path, at], [...this.rowsTo, row]));
  }
}

/** One row, and what is inside it. */
export class Entry {
  readonly open: Signal<boolean> = signal(false);
  readonly row: Row;
  readonly inside: Place;

  constructor(row: Row, inside: Place) {
    this.row = row;
    this.inside = inside;
  }

  get unfolds(): boolean {
    return this.row.rows > 0 || this.row.length !== null;
  }

  unfold(): void {
    this.open.value = true;
    void this.inside.begin();
  }

  fold(): void {
    this.open.value = false;
  }
}

/** One line of a tree as it is shown. */
export type Line =
  | { kind: "row"; key: string; level: number; entry: Entry }
  | { kind: "text" | "rest"; key: string; level: number; place: Place };

/** The lines that are to be seen now, from the top. */
export function linesOf(root: Place, changedOnly: ReadonlySignal<boolean>): ReadonlySignal<Line[]> {
  return computed(() => {
    const lines: Line[] = [];
    const add = (place: Place, level: number): void => {
      const key = place.path.join(".");
      for (const entry of place.rows.value) {
        if (changedOnly.value && entry.row.change === null) continue;
        lines.push({ kind: "row", key: entry.inside.path.join("."), level, entry });
        if (entry.open.value) add(entry.inside, level + 1);
      }
      if (place.text.value !== null) lines.push({ kind: "text", key: `${key}:text`, level, place });
      if (place.more.value > 0 || place.loading.value || place.error.value !== null) {
        lines.push({ kind: "rest", key: `${key}:rest`, level, place });
      }
    };
    add(root, 1);
    return lines;
  });
}
