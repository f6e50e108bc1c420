/** What every view of one Markdown document shares. */

import type { Highlighter } from "./highlight";
import type { Definitions } from "./lexer";
import type { MathPainter } from "./math-view";

export interface Context {
  document: Document;
  /** The link definitions known so far; a new object when they change. */
  definitions: Definitions;
  /** Links are being resolved once more, against all definitions: what may hold one is looked at again. */
  relink: boolean;
  highlighter: Highlighter;
  math: MathPainter;
  /** Called with the text once it is on the clipboard. */
  onCopy: ((text: string) => void) | undefined;
}

/** Creates an element with a class and attributes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  context: Pick<Context, "document">,
  tag: K,
  className = "",
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const element = context.document.createElement(tag);
  if (className !== "") element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Sets or removes an attribute, and leaves one that is right already alone. */
export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Changes a text node where it differs, so that a selection in what stays is kept. */
export function setText(node: Text, text: string): void {
  const old = node.data;
  if (old === text) return;
  if (text.startsWith(old)) {
    node.appendData(text.slice(old.length));
    return;
  }
  let same = 0;
  while (same < old.length && old[same] === text[same]) same++;
  node.replaceData(same, old.length - same, text.slice(same));
}
