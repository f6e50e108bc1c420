/** Where math is in Markdown: `$$..$$` and `\[..\]` blocks, `$..$`, `\(..\)` and their display forms in running text. */

import type { Token } from "marked";

/** A formula: what the lexer took for it (`raw`), as written (`source`), its TeX; `open` while its end has not arrived. */
export interface MathToken {
  type: "math";
  raw: string;
  source: string;
  tex: string;
  display: boolean;
  open: boolean;
}

/** Put before a closing delimiter by the mending of half-open text: this formula has not ended yet. */
export const OPEN_MARK = "\0";

const LINE = String.raw`(?:(?!\n[ \t]*\n)[\s\S])`;
const CLOSED_BLOCK = new RegExp(String.raw`^ {0,3}(?:\$\$(${LINE}+?)\$\$|\\\[(${LINE}+?)\\\])[ \t]*(?:\n|$)`);
const OPEN_BLOCK = new RegExp(String.raw`^ {0,3}(?:\$\$(?!${LINE}*?\$\$)|\\\[(?!${LINE}*?\\\]))(${LINE}*)$`);
const BLOCK_START = /\n {0,3}(?:\$\$|\\\[)/;
const INLINE = [
  { pattern: /^\$\$((?:\\[\s\S]|[^\\$`])+?)\$\$/, display: true },
  { pattern: /^\$(?![\s$])((?:\\[^\n]|[^\\$`\n])+?)(?<!\s)\$(?![\d$])/, display: false },
  { pattern: /^\\\(([\s\S]{1,2000}?)\\\)/, display: false },
  { pattern: /^\\\[([\s\S]{1,2000}?)\\\]/, display: true },
];

/** "$5 to 6$": an amount, words and a stray sign are not a formula. */
function isMoney(tex: string): boolean {
  return /^\d/.test(tex) && /\s/.test(tex) && !/[\\^_={}+*/<>]/.test(tex);
}

function token(raw: string, tex: string, display: boolean, open: boolean): MathToken {
  const mended = tex.endsWith(OPEN_MARK);
  const source = mended ? raw.slice(0, raw.lastIndexOf(OPEN_MARK)) : raw.trim();
  return { type: "math", raw, source, tex: tex.trim(), display, open: open || mended };
}

/** A formula that starts at the start of `src`, a line of its own. */
export function blockMath(src: string, live: boolean): MathToken | undefined {
  if (!/^ {0,3}(?:\$\$|\\\[)/.test(src)) return undefined;
  const closed = CLOSED_BLOCK.exec(src);
  if (closed) return token(closed[0], closed[1] ?? closed[2] ?? "", true, false);
  const open = live ? OPEN_BLOCK.exec(src) : null;
  return open ? token(open[0], open[1] ?? "", true, true) : undefined;
}

/** Where the paragraph that starts `src` may be cut by a formula block; looks no further than that paragraph. */
export function mathStart(src: string): number | undefined {
  const end = src.search(/\n[ \t]*\n/);
  const found = BLOCK_START.exec(end < 0 ? src : src.slice(0, end));
  return found ? found.index : undefined;
}

/** The formula that starts at the start of `src`, in running text. */
export function matchInlineMath(src: string): MathToken | undefined {
  const first = src.charCodeAt(0);
  if (first !== 36 && (first !== 92 || (src[1] !== "(" && src[1] !== "["))) return undefined;
  for (const { pattern, display } of INLINE) {
    const found = pattern.exec(src);
    const source = found?.[1];
    if (found && source !== undefined && source.trim() !== "" && !(src[1] !== "$" && first === 36 && isMoney(source))) {
      return token(found[0], source, display, false);
    }
  }
  return undefined;
}

/** As `matchInlineMath`, refused where the text before it makes the sign a currency's or part of a word. */
export function inlineMath(src: string, before: readonly Token[]): MathToken | undefined {
  if (src.charCodeAt(0) === 36 && /[\p{L}\p{N}$]$/u.test(before.at(-1)?.raw ?? "")) return undefined;
  return matchInlineMath(src);
}

/**
 * Blanks formulas out of the text in which marked looks for emphasis.
 *
 * @param src     the text as written.
 * @param masked  marked's own mask of it, as long as `src`: code is gone already, and a backslash escape is `++`.
 */
export function maskMath(src: string, masked: string): string {
  let out = "";
  let done = 0;
  const sign = /[$\\]/g;
  for (let found = sign.exec(src); found; found = sign.exec(src)) {
    const at = found.index;
    if (masked[at] !== "$" && masked[at] !== "+") continue;
    if (found[0] === "$" && /[\p{L}\p{N}$]$/u.test(src.slice(Math.max(0, at - 2), at))) continue;
    const formula = matchInlineMath(src.slice(at));
    if (formula) {
      out += `${masked.slice(done, at)}[${"a".repeat(formula.raw.length - 2)}]`;
      done = at + formula.raw.length;
      sign.lastIndex = done;
    } else if (found[0] === "\\") {
      sign.lastIndex = at + 2;
    }
  }
  return done === 0 ? masked : out + masked.slice(done);
}
