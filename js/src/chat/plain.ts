import type { MarkdownView } from "../markdown/markdown";

/** Text as it is, shown in `element`: for prompts, code and lines of items. What was shown is not touched again. */
export function createPlain(element: HTMLElement): MarkdownView {
  return {
    append(text) {
      element.append(text);
    },
    replace(text) {
      element.replaceChildren(text);
    },
    finish: () => Promise.resolve(),
    destroy() {
      element.replaceChildren();
    },
  };
}
