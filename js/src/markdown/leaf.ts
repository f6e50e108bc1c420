/** What all blocks have in common, and the leaves: elements that hold running text. */

import type { Context } from "./context";
import { type InlineViews, patchInline } from "./inline";
import { lexInline, type Token } from "./lexer";
import { mendInline } from "./mend";

/** One block on the page. */
export interface BlockView {
  /** What kind of block it can show; a token of another kind needs another view. */
  readonly key: string;
  readonly element: HTMLElement;
  /** The source that it shows in full; null while it is being written. */
  raw: string | null;
  /** @param open  the block is the last one of a text that goes on. */
  update(token: Token, open: boolean): void;
  destroy?(): void;
}

/** A function that makes `element` show inline source; `open` while the source is still being written. */
export function leaf(context: Context, element: HTMLElement): (src: string, open: boolean) => void {
  const views: InlineViews = [];
  let shown: string | null = null;
  let definitions = context.definitions;
  return (src, open) => {
    const whole = open ? mendInline(src) : src;
    if (whole === shown && (definitions === context.definitions || !whole.includes("["))) return;
    shown = whole;
    definitions = context.definitions;
    patchInline(context, element, views, lexInline(whole, definitions));
  };
}
