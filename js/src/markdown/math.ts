/** Typeset formulas, by Temml: an asset of its own, loaded when a chat meets its first formula. */

import temml from "temml";
import type { MathRenderer } from "./math-view";

/** Renders MathML into `into`; throws on TeX that does not parse. No command that links, loads or styles is allowed. */
export const renderMath: MathRenderer = (tex, display, into) => {
  temml.render(tex, into, {
    displayMode: display,
    throwOnError: true,
    trust: false,
    maxExpand: 500,
    maxSize: [20, 20],
  });
  unname(into);
};

/** Names that the model chose, and links to them, would be names of the page that the chat is in. */
function unname(into: HTMLElement): void {
  for (const named of into.querySelectorAll("[id]")) named.removeAttribute("id");
  for (const link of into.querySelectorAll("a")) link.replaceWith(...link.childNodes);
}
