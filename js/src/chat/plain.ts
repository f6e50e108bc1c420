import type { MarkdownView } from "../markdown/markdown";
import { Pieces } from "../markdown/pieces";

/** Text as it is, shown in `element`: for prompts, code and lines of items. What was shown is not touched again. */
export function createPlain(element: HTMLElement): MarkdownView {
  const pieces = new Pieces(element);
  return {
    append: (text) => pieces.append(text),
    replace(text) {
      pieces.clear();
      pieces.append(text);
    },
    finish: () => Promise.resolve(),
    destroy: () => pieces.clear(),
  };
}
