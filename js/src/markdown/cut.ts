/**
 * Where a document is cut into sections.
 *
 * The work for a piece of text must not grow with the text before it, also if that is one paragraph of megabytes. So a long
 * document is rendered as sections, each of them read on its own. Where one ends follows from its first `WINDOW` characters,
 * so that it is the same however the text came: before the last block in them, or else, in that one block, between two
 * items, rows or words.
 */

import { FenceReader } from "./fence";
import { type Definitions, lexBlocks, type Token, type Tokens } from "./lexer";

/** A section is cut from so many characters. */
export const WINDOW = 32_768;

/** What the next section needs to go on where one was cut. */
export interface Carry {
  /** Source that is read before its own: the head of a table, the mark of a quote. */
  prefix: string;
  /** The number of its first item, when it begins with a list. */
  start: number | null;
}

export interface Cut {
  at: number;
  /** A block goes on behind it. */
  inside: boolean;
  carry: Carry;
}

export const NOTHING: Carry = { prefix: "", start: null };

/** The marks that open the fenced code that `src` begins with, and where that starts. */
export function openFence(src: string): { marks: string; at: number } | null {
  const found = /^(`{3,}(?=[^`\n]*\n)|~{3,})[^\n]*\n/.exec(src);
  return found ? { marks: found[1] as string, at: found[0].length } : null;
}

/** Where the section that begins with `window` ends; `"fence"`: where its code does, which goes on after the window. */
export function cutSection(window: string, given: Carry, definitions: Definitions): Cut | "fence" {
  const fence = openFence(window);
  if (fence) {
    const { end } = new FenceReader(fence.marks).read(window.slice(fence.at));
    if (end === null) return "fence";
  }
  // What an unfinished line is may still change; a very long one is what it is.
  const lines = window.lastIndexOf("\n", window.length - 2) + 1;
  const tokens = blocks(lines > window.length / 2 ? window.slice(0, lines) : window, definitions);
  const at = tokens.slice(0, -1).reduce((sum, token) => sum + token.raw.length, 0);
  if (at > given.prefix.length) return { at, inside: false, carry: NOTHING };
  return cutBlock(window, lines, tokens[0], given);
}

function blocks(src: string, definitions: Definitions): Token[] {
  const { tokens } = lexBlocks(src, definitions, false);
  while (tokens.at(-1)?.type === "space") tokens.pop();
  return tokens;
}

function cutBlock(window: string, lines: number, token: Token | undefined, given: Carry): Cut {
  const cut = (at: number, carry: Partial<Carry> = {}): Cut => ({ at, inside: true, carry: { ...NOTHING, ...carry } });
  switch (token?.type) {
    case "list": {
      const { items, ordered, start } = token as Tokens.List;
      const before = items.slice(0, -1);
      const at = before.reduce((sum, item) => sum + item.raw.length, 0);
      if (at === 0) break;
      return cut(at, ordered ? { start: (given.start ?? Number(start)) + before.length } : {});
    }
    case "table": {
      const head = window.slice(0, window.indexOf("\n", window.indexOf("\n") + 1) + 1);
      if (lines <= head.length || head.length > WINDOW / 4) break;
      return cut(lines, window[lines] === "\n" ? {} : { prefix: head });
    }
    case "blockquote":
      return lines > 0 && window[lines] === ">" ? cut(lines) : cut(blank(window), { prefix: "> " });
    case "code":
      if (lines > 0) return cut(lines);
  }
  return cut(blank(window));
}

/** A word that begins no block where it stands at the start of a line. */
const WORD = /^(?:\p{L}|\d{1,9}[^\d.)])/u;

/** After the last blank in the second half of `window` that a plain word follows. */
function blank(window: string): number {
  for (let at = window.length - 12; at > window.length / 2; at--) {
    if (/\s/.test(window[at - 1] as string) && WORD.test(window.slice(at, at + 12))) return at;
  }
  // Not between the two halves of a character.
  return /[\ud800-\udbff]$/.test(window) ? window.length - 1 : window.length;
}
