// JSON as it comes: whole, or the beginning of what is still being written.

export type Json = null | boolean | number | Numeral | string | Branch;
export type Branch = Json[] | { [key: string]: Json };

/** A number that a page would say in other words than its source: it is larger or finer than a page's numbers, or is `1.0`. */
export class Numeral {
  constructor(readonly source: string) {}
}

/** Whether there are values in it. */
export function isBranch(value: Json | undefined): value is Branch {
  return typeof value === "object" && value !== null && !(value instanceof Numeral);
}

/** The number that it stands for; null where it is none. */
export function numberOf(value: Json | undefined): number | null {
  if (value instanceof Numeral) return Number(value.source);
  return typeof value === "number" ? value : null;
}

/** The value of whole JSON; undefined when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text, asWritten) as Json;
  } catch {
    return undefined;
  }
}

/** Keeps a number's source. Browsers that do not tell of it show what a page makes of the number. */
function asWritten(_: string, value: Json, context?: { source?: string }): Json {
  const source = context?.source;
  return typeof value !== "number" || source === undefined || source === String(value) ? value : new Numeral(source);
}

/** Texts, signs, and words and numbers between them. */
const PARTS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** Whole JSON with a line for each of its values: numbers and the order of keys are as they were written. Other text as it is. */
export function indented(text: string): string {
  if (parseJson(text) === undefined) return text;
  let depth = 0;
  let before = "";
  let shown = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [part] of text.matchAll(PARTS)) {
    const opened = before === "{" || before === "[";
    if (part === "}" || part === "]") {
      depth--;
      shown += opened ? part : line() + part;
    } else {
      if (opened || before === ",") shown += line();
      shown += part === ":" ? ": " : part.startsWith('"') ? JSON.stringify(JSON.parse(part)) : part;
      if (part === "{" || part === "[") depth++;
    }
    before = part;
  }
  return shown;
}

/** The value that the beginning of a JSON text holds so far; undefined when there is nothing to see yet. */
export function parseBeginning(text: string): Json | undefined {
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  // The last value may be half: what is closed after it is tried first, then what stands before it.
  for (const end of ends(text)) {
    const value = parseJson(end);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The text, closed at its end, then closed at the last places where a value was complete. */
function* ends(text: string): Generator<string> {
  const open: string[] = [];
  let quoted = false;
  let complete = -1;
  let closers = "";
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (quoted) {
      if (c === "\\") at++;
      else if (c === '"') quoted = false;
      continue;
    }
    if (c === '"') quoted = true;
    else if (c === "{") open.push("}");
    else if (c === "[") open.push("]");
    else if (c === "}" || c === "]") open.pop();
    if (c === "," || c === "{" || c === "[") {
      complete = c === "," ? at : at + 1;
      closers = [...open].reverse().join("");
    }
  }
  const rest = [...open].reverse().join("");
  if (quoted) {
    // An escape that is cut in the middle is left out.
    const string = text.replace(/\\(u[0-9a-fA-F]{0,3})?$/, "");
    yield `${string}"${rest}`;
  } else {
    yield text + rest;
  }
  if (complete >= 0) yield text.slice(0, complete) + closers;
}

/** A short line of what a value holds. */
export function preview(value: Json, room = 80): string {
  const text = brief(value, room);
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

function brief(value: Json, room: number): string {
  if (typeof value === "string") return JSON.stringify(value.length > room ? `${value.slice(0, room)}…` : value);
  if (!isBranch(value)) return leaf(value);
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[${count(value.length, "item")}]`;
  const fields: string[] = [];
  let length = 0;
  for (const [key, each] of Object.entries(value)) {
    if (length > room) break;
    const inner = isBranch(each) ? short(each) : brief(each, room - length);
    fields.push(`${key}: ${inner}`);
    length += key.length + inner.length + 4;
  }
  return fields.length === 0 ? "{}" : fields.join(", ");
}

/** What holds no values, or none that are shown, as it was written. */
export function leaf(value: Json): string {
  return value instanceof Numeral ? value.source : JSON.stringify(value);
}

function short(value: Branch): string {
  return Array.isArray(value)
    ? `[${value.length === 0 ? "" : count(value.length, "item")}]`
    : Object.keys(value).length === 0
      ? "{}"
      : "{…}";
}

export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}
