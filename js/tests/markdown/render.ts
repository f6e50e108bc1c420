/** Rendering for tests: whole, in pieces, and what a reader sees of it. */

import { createMarkdown, type MarkdownOptions } from "../../src/markdown/markdown";

/** The element that shows `parts`, appended one by one and finished. */
export async function render(parts: readonly string[], options?: MarkdownOptions): Promise<HTMLElement> {
  const element = document.createElement("div");
  const view = createMarkdown(element, options);
  for (const part of parts) view.append(part);
  await view.finish();
  return element;
}

/** What is read: the text without the labels and buttons that the renderer adds. */
export function visibleText(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const extra of copy.querySelectorAll(".bcw-md-code-header, button")) extra.remove();
  return copy.textContent ?? "";
}

/** The markup, without the colours of code, which come when the page is idle. */
export function structure(element: Element): string {
  return element.innerHTML.replace(/<span class="bcw-hl-\w+">(.*?)<\/span>/gs, "$1");
}
