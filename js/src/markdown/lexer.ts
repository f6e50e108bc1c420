/**
 * marked's lexer, in two halves: block structure first, the inline content of one leaf when it is needed.
 *
 * Inline content is most of the work, and most leaves of a growing block have not changed; so `lexBlocks` leaves it out.
 */

import { getDefaults, Lexer, type Links, type Token, Tokenizer, type Tokens } from "marked";
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
    const token = super.inlineText(src);
    if (token === undefined) return undefined;
    for (let at = token.raw.indexOf("$", 1); at > 0; at = token.raw.indexOf("$", at + 1)) {
      if (!/[\p{L}\p{N}$]/u.test(token.raw[at - 1] ?? "")) return super.inlineText(src.slice(0, at));
    }
    return token;
  }
}

/** Remembers what is being lexed: marked's hook for masks is given the mask alone. */
class InlineLexer extends Lexer {
  #sources: string[] = [];

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

/** The inline content of one leaf: a paragraph, heading, table cell. */
export function lexInline(src: string, definitions: Definitions): Token[] {
  return makeLexer(definitions, false).inlineTokens(src);
}
