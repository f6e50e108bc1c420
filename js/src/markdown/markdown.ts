/** Streaming Markdown: `append` what arrives, `finish` when it ends. HTML is text; nothing is fetched unasked. */

export { copyText } from "./copy";
export type { ColourSpans } from "./highlight";
export type { MathRenderer } from "./math-view";
export { createMarkdown, type MarkdownOptions, type MarkdownView } from "./stream";
