/**
 * Half-written Markdown, as it will most likely be read when the rest has come.
 *
 * Two moves, so that what is shown need not be taken back: close what is open (emphasis, code, the address of a link), and
 * hold back what is undecided (a lone `*`, `[label`, `&am`).
 */

import { matchInlineMath, OPEN_MARK } from "./math-syntax";
import { labelEnd, linkEnd } from "./mend-links";

interface Opener {
  char: string;
  count: number;
  /** Where its run starts and where its content starts. */
  from: number;
  to: number;
}

const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const UNDECIDED_REFERENCE = /^&[#\w]{0,31}$/;
const UNDECIDED_TAG = /^<(?:[a-zA-Z/!?][^<>\n]{0,200})?$/;
const TAG = /^<[a-zA-Z/!?][^<>]*>/;
const UNDECIDED_FORMULA = /^\$[^\s\d$](?:(?!\*\*|\]\()[^\n$`]){0,100}$/;
const BARE_URL = /^(?:https?:\/\/|www\.)[^\s<]*/;

function runLength(src: string, at: number): number {
  let end = at + 1;
  while (end < src.length && src[end] === src[at]) end++;
  return end - at;
}

/** More open emphasis than this is no emphasis, and closing it all would nest it as deep. */
const OPENERS_LIMIT = 32;

/** Closes the emphasis that is open at the end of `src`; an opener with nothing after it is held back. */
function close(src: string, openers: Opener[], tail = ""): string {
  if (openers.length === 0 || openers.length > OPENERS_LIMIT) return src + tail;
  let out = src;
  if (tail === "") {
    out = src.trimEnd();
    for (let top = openers.at(-1); top !== undefined && top.to >= out.length; top = openers.at(-1)) {
      out = src.slice(0, top.from).trimEnd();
      openers.pop();
    }
    if (openers.length === 0) return out;
  }
  for (const { char, count } of openers.reverse()) tail += char.repeat(count);
  return out + tail;
}

/** Takes one run of `*`, `_` or `~~` into account, by the flanking rules of CommonMark. */
function delimit(src: string, at: number, count: number, openers: Opener[]): void {
  const char = src[at] ?? "";
  const before = src[at - 1] ?? " ";
  const after = src[at + count] ?? " ";
  const left = !SPACE.test(after) && (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
  const right = !SPACE.test(before) && (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
  let unused = count;
  if (right && (char !== "_" || !left || PUNCTUATION.test(after))) {
    for (let i = openers.length - 1; i >= 0 && unused > 0; i--) {
      const opener = openers[i];
      if (opener?.char !== char) continue;
      const used = Math.min(opener.count, unused);
      opener.count -= used;
      unused -= used;
      openers.length = opener.count > 0 ? i + 1 : i;
      i = Math.min(i, openers.length);
    }
  }
  if (unused > 0 && left && (char !== "_" || !right || PUNCTUATION.test(before))) {
    openers.push({ char, count: unused, from: at, to: at + count });
  }
}

/** `src`, the inline source of the leaf that is being written, made whole for display. */
export function mendInline(src: string): string {
  const openers: Opener[] = [];
  let at = 0;
  while (at < src.length) {
    const char = src[at] ?? "";
    const rest = () => src.slice(at);
    switch (char) {
      case "\\": {
        const next = src[at + 1];
        if (next === undefined) return close(src.slice(0, at), openers);
        if (next === "(" || next === "[") {
          const formula = matchInlineMath(rest());
          const end = next === "(" ? "\\)" : "\\]";
          if (formula) at += formula.raw.length - 2;
          else if (src.indexOf(end, at) < 0) return openMath(src, at, end, openers);
        }
        at += 2;
        break;
      }
      case "`": {
        const ticks = "`".repeat(runLength(src, at));
        let end = at + ticks.length;
        do {
          end = src.indexOf(ticks, end);
          if (end < 0 || runLength(src, end) === ticks.length) break;
          end += runLength(src, end);
        } while (end < src.length);
        if (end >= 0 && end < src.length) {
          at = end + ticks.length;
          break;
        }
        const code = src.slice(at + ticks.length).replace(/`+$/, "");
        if (code.trim() === "") return close(src.slice(0, at), openers);
        // One space on each side is dropped from code: one at the start alone would be shown until the end comes.
        const pad = code.startsWith(" ") && !code.endsWith(" ") ? " " : "";
        return close(src.slice(0, at), openers, ticks + code + pad + ticks);
      }
      case "$": {
        if (at === src.length - 1) return close(src.slice(0, at), openers);
        const formula = /[\p{L}\p{N}]/u.test(src[at - 1] ?? "") ? undefined : matchInlineMath(rest());
        if (formula) at += formula.raw.length;
        else if (src[at + 1] === "$") return openMath(src, at, "$$", openers);
        else if (UNDECIDED_FORMULA.test(src.slice(at, at + 102))) {
          // Perhaps a formula, so no emphasis in it; perhaps a price, so no formula yet.
          return close(src.slice(0, at), openers, src.slice(at).replace(/[\\*_~[\]<>&!]/g, "\\$&"));
        } else at++;
        break;
      }
      case "<": {
        if (UNDECIDED_TAG.test(rest())) return close(src.slice(0, at), openers);
        at += TAG.exec(rest())?.[0].length ?? 1;
        break;
      }
      case "&": {
        if (UNDECIDED_REFERENCE.test(src.slice(at, at + 34))) return close(src.slice(0, at), openers);
        at++;
        break;
      }
      case "!":
      case "[": {
        if (char === "!" && src[at + 1] !== "[") {
          if (at === src.length - 1) return close(src.slice(0, at), openers);
          at++;
          break;
        }
        const label = char === "!" ? at + 1 : at;
        const end = linkEnd(src, label);
        if (end === "undecided") return close(src.slice(0, at), openers);
        if (end === "address") {
          if (char === "!") return close(src.slice(0, at), openers);
          return close(src.slice(0, labelEnd(src, label) + 1), openers, "(<>)");
        }
        at = end === "text" ? label + 1 : end;
        break;
      }
      case "*":
      case "_":
      case "~": {
        const count = runLength(src, at);
        if (at + count === src.length) return close(src.slice(0, at), openers);
        if (char !== "~" || count === 2) delimit(src, at, count, openers);
        at += count;
        break;
      }
      case "h":
      case "w": {
        const url = /\w/.test(src[at - 1] ?? "") ? null : BARE_URL.exec(src.slice(at, at + 2000));
        at += url ? url[0].replace(/[*_~.,;:!?)'"]+$/, "").length || 1 : 1;
        break;
      }
      default:
        at++;
    }
  }
  return close(src, openers);
}

function openMath(src: string, at: number, end: string, openers: Opener[]): string {
  // A lone `$` or `\` may be the first half of the end.
  const tex = src.slice(at + 2).replace(/[$\\]$/, "");
  if (tex.trim() === "") return close(src.slice(0, at), openers);
  return close(src.slice(0, at), openers, src.slice(at, at + 2) + tex + OPEN_MARK + end);
}

const MARKERS = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/;
const UNDECIDED_LINE = /^(?:[-*+_=#~`:|>\s]*|\d{1,9}[.)]?|`{3,}[^`]*|~{3,}.*|\\)$/;

/**
 * `src` without a last line that may still become anything: a list item, a rule, a heading's underline, a fence, the
 * second line of a table.
 */
export function holdLine(src: string): string {
  const start = src.lastIndexOf("\n") + 1;
  const line = src.slice(start);
  return UNDECIDED_LINE.test(line.replace(MARKERS, "")) ? src.slice(0, start) : src;
}

/** A wider table is not shown before its second line has come. */
const CELLS_LIMIT = 100;

/** The lines of a paragraph that end in the first line of a table, and that table; null when there is none. */
export function splitPendingTable(text: string): { before: string; table: string } | null {
  const start = text.lastIndexOf("\n") + 1;
  const header = text.slice(start);
  if (!/^ {0,3}\|/.test(header)) return null;
  const cells = header.replace(/\\\|/g, "").trim().replace(/^\|/, "").replace(/\|$/, "").split("|").length;
  if (cells > CELLS_LIMIT) return null;
  return { before: text.slice(0, Math.max(0, start - 1)), table: `${header}\n${"|-".repeat(cells)}|` };
}
