// Stands for the kernel where values are looked into: rows of what was and what is, as bridge/rows.py makes them.

import type { Fetch } from "../../src/inspector/values";
import type { Inspected, Row } from "../../src/protocol.gen";

/** How many rows and characters come at a time. */
export const PAGE = 100;
export const PIECE = 2000;
const SHORT = 80;

type Entries = [key: string, value: unknown][];
interface Pair {
  key: string;
  was: unknown;
  is: unknown;
}

const nothing = Symbol("nothing");

export const hidden = { hidden: true };

export function fetchOf(was: unknown, is: unknown): Fetch {
  return async (path, start) => {
    let at: Pair = { key: "", was, is };
    for (const step of path) at = pairs(at)[step] as Pair;
    const answer: Inspected = {
      type: "inspected",
      client: "me",
      request: "",
      rows: [],
      text: null,
      start,
      more: 0,
      error: null,
    };
    if (typeof at.is === "string") {
      // In characters as Python counts them.
      const all = [...at.is];
      const piece = all.slice(start, start + PIECE);
      return { ...answer, text: piece.join(""), more: all.length - start - piece.length };
    }
    const all = pairs(at);
    const rows = all.slice(start, start + PAGE).map(rowOf);
    return { ...answer, rows, more: all.length - start - rows.length };
  };
}

function pairs({ was, is }: Pair): Pair[] {
  const before = new Map(entries(was));
  const after = new Map(entries(is));
  const keys = [...after.keys(), ...[...before.keys()].filter((key) => !after.has(key))];
  return keys.map((key) => ({
    key,
    was: was === nothing ? nothing : before.has(key) ? before.get(key) : nothing,
    is: after.has(key) ? after.get(key) : nothing,
  }));
}

function entries(value: unknown): Entries {
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value) ? value.map((each, index) => [String(index), each]) : Object.entries(value);
}

function rowOf(pair: Pair): Row {
  const { key, was, is } = pair;
  const shown = is === nothing ? was : is;
  const redacted = shown === hidden;
  const same = JSON.stringify(was) === JSON.stringify(is);
  const change = is === nothing ? "removed" : was === nothing ? "added" : same ? null : "changed";
  return {
    key,
    kind: Array.isArray(shown)
      ? "list"
      : shown === null
        ? "NoneType"
        : Number.isNaN(shown)
          ? "float"
          : ({ object: "dict", string: "str", number: "int", boolean: "bool" }[typeof shown as string] ?? ""),
    text: redacted ? "" : short(shown),
    before: change === "changed" ? short(was) : null,
    change,
    rows: redacted ? 0 : pairs(pair).length,
    length: typeof shown === "string" && shown.length > SHORT ? [...shown].length : null,
    redacted,
  };
}

function short(value: unknown): string {
  const words = new Map<unknown, string>([
    [null, "None"],
    [true, "True"],
    [false, "False"],
    [Number.NaN, "nan"],
  ]);
  const text = words.get(value) ?? JSON.stringify(value) ?? "";
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}
