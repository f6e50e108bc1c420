/**
 * marked's lexer, in two halves: block structure first, the inline content of one leaf when it is needed.
 *
 * Inline content is most of the work, and most leaves of a growing block have not changed; so `lexBlocks` leaves it out.
 */

import { getDefaults, Lexer, type Links, type Token, Tokenizer, type Tokens, type TokensList } from "marked";
import { blockMath, inlineMath, maskMath, mathStart } from "./math-syntax";

export type Definitions = Links;
export type { Token, Tokens };

class InertTokenizer extends Tokenizer {
  /** HTML is text here, so a tag changes nothing about what follows it; it still shields its attributes from emphasis. */
  override tag(src: string): Tokens.Tag | undefined {
    if (src.charCodeAt(0) !== 60) return undefined;
    const found = this.rules.inline.tag.exec(src);
    if (!found) return undefined;
    return { type: "html", raw: found[0], text: found[0], block: false, inLink: false, inRawBlock: false };
  }

  /** Plain text ends before a `$` that may open math; marked's own rule stops only at its own delimiters. */
  override inlineText(src: string): Tokens.Text | undefined {
    let end = src.indexOf("$", 1);
    while (end > 0 && /[\p{L}\p{N}$]/u.test(src[end - 1] ?? "")) end = src.indexOf("$", end + 1);
    return super.inlineText(end > 0 ? src.slice(0, end) : src);
  }
}

/** Blocks in so many others are shown as they were written, as HTML is: views recurse, and marked's time grows with the depth squared. */
const DEEPEST = 64;

/** Remembers what is being lexed: marked's hook for masks is given the mask alone. */
class InlineLexer extends Lexer {
  #sources: string[] = [];
  #depth = 0;

  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped?: boolean): TokensList {
    const deepest = this.#depth === DEEPEST;
    this.#depth++;
    try {
      if (!deepest) return super.blockTokens(src, tokens, lastParagraphClipped) as TokensList;
      tokens.push({ type: "html", raw: src, text: src, block: true, pre: false });
      return tokens as TokensList;
    } finally {
      this.#depth--;
    }
  }

  override inlineTokens(src: string, tokens?: Token[]): Token[] {
    this.#sources.push(src);
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#sources.pop();
    }
  }

  mask(masked: string): string {
    const src = this.#sources.at(-1) ?? "";
    return src.length === masked.length ? maskMath(src, masked) : masked;
  }
}

function makeLexer(definitions: Definitions, live: boolean): InlineLexer {
  const options = { ...getDefaults(), tokenizer: new InertTokenizer(), silent: true };
  const lexer: InlineLexer = new InlineLexer({
    ...options,
    hooks: { emStrongMask: (masked: string) => lexer.mask(masked) } as unknown as NonNullable<typeof options.hooks>,
    extensions: {
      childTokens: {},
      renderers: {},
      block: [(src: string) => blockMath(src, live)],
      startBlock: [mathStart],
      inline: [(src: string, tokens: Token[]) => inlineMath(src, tokens)],
      startInline: [],
    } as unknown as NonNullable<typeof options.extensions>,
  });
  Object.assign(lexer.tokens.links, definitions);
  return lexer;
}

/**
 * The block structure of `src`, with the link definitions that it and `definitions` hold.
 *
 * @param live  the text may go on: an open `$$` is math already.
 */
export function lexBlocks(
  src: string,
  definitions: Definitions,
  live: boolean,
): { tokens: Token[]; definitions: Definitions } {
  const lexer = makeLexer(definitions, live);
  lexer.blockTokens(src, lexer.tokens);
  return { tokens: lexer.tokens, definitions: lexer.tokens.links };
}

/** A table has hundreds of leaves, and a lexer costs as much as lexing a short one. */
const inlineLexers = new WeakMap<Definitions, InlineLexer>();

/** The inline content of one leaf: a paragraph, heading, table cell. */
export function lexInline(src: string, definitions: Definitions): Token[] {
  let lexer = inlineLexers.get(definitions);
  if (!lexer) {
    lexer = makeLexer(definitions, false);
    inlineLexers.set(definitions, lexer);
  }
  try {
    return lexer.inlineTokens(src);
  } catch {
    inlineLexers.delete(definitions); // Its state is that of where it failed.
    return [{ type: "text", raw: src, text: src, escaped: false }];
  }
}
