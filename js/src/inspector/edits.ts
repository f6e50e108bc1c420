// What the reader has changed in the state of a step, to go on from it so: kept here until it is sent.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Edit, Row, Step, View } from "../protocol.gen";
import type { Store } from "../store/store";
import { lastThatCounts } from "./counts";
import type { Entry } from "./values";

export type Path = readonly string[];

export interface Change {
  /** The keys of rows, from the top. */
  path: Path;
  value: unknown;
  /** `add`: there was no such key. */
  does: "set" | "add" | "remove";
}

/** See `sinceIn`. */
export type Since = Step["by_hand"] | null;

/** What was changed. */
export interface Made {
  since: Since;
  changes: readonly Change[];
}

/** The steps, and how each is changed; while a view lives. */
export class Editing {
  readonly #store: Store;
  readonly #edits = new Map<string, Edits>();

  constructor(store: Store) {
    this.#store = store;
  }

  of({ turn, step }: Step): Edits {
    const key = `${turn} ${step}`;
    const edits = this.#edits.get(key) ?? new Edits(this.#store);
    this.#edits.set(key, edits);
    return edits;
  }
}

/** What the kernel says against what stands at a path. */
interface Wrong {
  at: Path;
  why: string;
}

/** What was asked, and the paths of its changes. */
interface Sent {
  request: string;
  paths: readonly Path[];
}

export class Edits {
  readonly changes: Signal<readonly Change[]> = signal([]);
  /** The path of the row whose editor is open. */
  readonly open: Signal<Path | null> = signal(null);
  /** What the kernel says against which change. */
  readonly #errors: ReadonlySignal<readonly Wrong[]>;
  /** What was sent, and what of it has been changed since. */
  readonly #sent: Signal<Sent | null> = signal(null);
  readonly #since: Signal<Path[]> = signal([]);
  readonly #made: Signal<Made | null> = signal(null);
  readonly #store: Store;
  /** The request that was refused for what is said at the fields, once nothing is said there any more. */
  readonly mended: ReadonlySignal<string | null>;

  constructor(store: Store) {
    this.#store = store;
    const refusal = computed(() => {
      const sent = this.#sent.value;
      return store.view.value?.refused.find(({ request }) => request === sent?.request);
    });
    this.#errors = computed(() => {
      const paths = this.#sent.value?.paths ?? [];
      const settled = this.#since.value;
      return Object.entries(refusal.value?.fields ?? {})
        .map(([at, why]) => ({ at: pathOf(at, paths), why }))
        .filter(({ at }) => !settled.some((path) => isIn(at, path)));
    });
    this.mended = computed(() => {
      const refused = refusal.value;
      if (refused === undefined || Object.keys(refused.fields).length === 0) return null;
      const isOpen = this.#errors.value.length > 0 && this.changes.value.length > 0;
      return isOpen ? null : refused.request;
    });
  }

  at(path: Path): Change | undefined {
    return this.changes.value.find((change) => isSame(change.path, path));
  }

  /** What is said of the change at that path, or of what is inside it. */
  errorAt(path: Path): string | null {
    const found = this.#errors.value.filter(({ at }) => isIn(at, path));
    const words = found.map(({ at, why }) => (isSame(at, path) ? why : `${dotted(at.slice(path.length))}: ${why}`));
    return words.length === 0 ? null : words.join(" ");
  }

  /** Keep a change. Those of what is inside go with it. */
  make(change: Change): void {
    this.undo(change.path);
    this.changes.value = [...this.changes.peek(), change];
  }

  undo(path: Path): void {
    this.changes.value = this.changes.peek().filter((each) => !isIn(each.path, path));
    this.#since.value = [...this.#since.peek(), path];
  }

  /** How the state was changed by hand since, where this page has asked for that. */
  madeIn(view: View): Made | null {
    return this.#made.value?.since === sinceIn(view) ? this.#made.value : null;
  }

  /** As the kernel makes them, one after the other: what is removed from a list last comes first, or places would move. */
  toSend(): Edit[] {
    const changes = this.changes.peek();
    const removed = changes.filter(({ does }) => does === "remove");
    removed.sort((a, b) => compare(b.path, a.path));
    return [...changes.filter(({ does }) => does !== "remove"), ...removed].map(({ path, value, does }) => ({
      path: [...path],
      value: does === "remove" ? null : value,
      remove: does === "remove",
    }));
  }

  sent(request: string): void {
    this.#sent.value = { request, paths: this.changes.peek().map(({ path }) => path) };
    this.#since.value = [];
  }

  /** Once what was sent is done, nothing of it is pending. */
  settle(): void {
    const sent = this.#sent.peek();
    const view = this.#store.view.peek();
    if (sent === null || !view?.accepted.includes(sent.request)) return;
    const changes = this.changes.peek();
    this.#made.value = changes.length > 0 ? { since: sinceIn(view), changes } : null;
    this.#sent.value = null;
    this.changes.value = [];
    this.open.value = null;
  }
}

/** Another object each time that the state is changed by hand, by whomever. */
export function sinceIn(view: View): Since {
  return lastThatCounts(view)?.by_hand ?? null;
}

/** A path as a reader is told of it. Keys may have dots of their own: it does not tell paths apart. */
export function dotted(path: Path): string {
  return path.join(".");
}

export function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && isIn(a, b);
}

function isIn(path: Path, outer: Path): boolean {
  return outer.every((key, at) => path[at] === key);
}

/** The path that the kernel names with dots: of what was sent, or of what is inside that or around it, as far as it says so. */
function pathOf(named: string, sent: readonly Path[]): Path {
  const around = sent.flatMap((path) => path.map((_, at) => path.slice(0, at + 1)));
  const same = around.find((path) => dotted(path) === named);
  if (same !== undefined) return same;
  const outer = sent.filter((path) => named.startsWith(`${dotted(path)}.`));
  const [nearest = []] = outer.sort((a, b) => dotted(b).length - dotted(a).length);
  const rest = nearest.length === 0 ? named : named.slice(dotted(nearest).length + 1);
  return [...nearest, ...rest.split(".")];
}

function compare(a: Path, b: Path): number {
  for (const [at, key] of a.entries()) {
    const order = key.localeCompare(b[at] ?? "", "en", { numeric: true });
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const LEAVES: readonly string[] = ["str", "int", "float", "bool", "NoneType"];
const SETS: readonly string[] = ["set", "frozenset"];
const LISTS: readonly string[] = ["list", "tuple", ...SETS];
const MOST_ROWS = 50;
const MOST_CHARACTERS = 20_000;

/** Whether the value of a row can be written anew, as far as its own kind says; see `whyClosed` too. */
export function isEditable({ row, inside }: Entry): boolean {
  if (row.redacted || row.change === "removed" || isInSet(inside.rowsTo)) return false;
  if (LEAVES.includes(row.kind)) return (row.length ?? 0) <= MOST_CHARACTERS;
  return (row.kind === "dict" || LISTS.includes(row.kind)) && row.rows <= MOST_ROWS;
}

/** Why what is written could not stand for the value of a row: as far as what is inside has been fetched. */
export function whyClosed({ row, inside }: Entry): string | null {
  const parts = inside.rows.value.filter((each) => each.row.change !== "removed");
  return unsaid(row) ?? parts.map(whyClosed).find((why) => why !== null) ?? null;
}

/** Why JSON has no word for what the row itself is. */
function unsaid({ key, kind, text, redacted }: Row): string | null {
  if (redacted) return `${key} stays in the kernel. Edit what is beside it.`;
  if (kind === "float" && /^-?(?:nan|inf)$/.test(text)) {
    return `${key} is ${text}, which JSON cannot say. Give it from Python, with state={...}.`;
  }
  if (LEAVES.includes(kind) || kind === "dict" || LISTS.includes(kind)) return null;
  return `${key} is of ${kind}, which JSON cannot say. Edit what is beside it.`;
}

/** Whether a row can be taken away: a key, or an item of a list. */
export function isRemovable({ row, inside }: Entry): boolean {
  if (row.redacted || row.change === "removed" || isInSet(inside.rowsTo)) return false;
  const above = inside.rowsTo.at(-2)?.kind;
  return above === undefined || above === "dict" || LISTS.includes(above);
}

/** Its places change with its items. */
function isInSet(rows: Entry["inside"]["rowsTo"]): boolean {
  return rows.slice(0, -1).some(({ kind }) => SETS.includes(kind));
}

/** The value of a row, as JSON. Rejects with words where it has parts that are too many, not JSON or hidden. */
export async function jsonOf(entry: Entry): Promise<unknown> {
  let left = MOST_ROWS;
  const read = async ({ row, inside }: Entry): Promise<unknown> => {
    left -= 1;
    if (left < 0) throw new Error("It is too large. Edit what is inside.");
    const why = unsaid(row);
    if (why !== null) throw new Error(why);
    if (row.kind === "NoneType") return null;
    if (row.kind === "bool") return row.text === "True";
    if (row.kind === "int" || row.kind === "float") return parse(row.text);
    await inside.begin();
    const error = inside.error.peek();
    if (error !== null) throw new Error(error);
    if (inside.more.peek() > 0) throw new Error("It is too large. Edit what is inside.");
    if (row.kind === "str") return inside.text.peek() ?? "";
    const entries = inside.rows.peek().filter((each) => each.row.change !== "removed");
    const values: unknown[] = [];
    for (const each of entries) values.push(await read(each));
    return row.kind === "dict" ? Object.fromEntries(entries.map((each, n) => [each.row.key, values[n]])) : values;
  };
  return await read(entry);
}

/** Whether a page's number is what was written; a fraction is as near as it can be. */
function isHeld(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

/** The JSON that was written. Throws words for the reader. */
export function parse(text: string): unknown {
  let tooLarge = false;
  let value: unknown;
  try {
    value = JSON.parse(text, (_, each) => {
      if (typeof each === "number" && !isHeld(each)) tooLarge = true;
      return each;
    });
  } catch {
    throw new Error('This is not JSON: texts are in "quotes"; other words are true, false and null.');
  }
  if (tooLarge) throw new Error("A page cannot hold such a large number. Give it from Python.");
  return value;
}
