/** What is coloured in code, and how, by highlight.js: an asset of its own, loaded when a chat meets its first code. */

import type { ColourSpans, Span } from "./highlight";
import { highlighter as hljs } from "./languages";

/** Colours cost more than they tell in longer code. */
const LIMIT = 60_000;

const COLOURS: Record<string, string> = {
  keyword: "keyword",
  "selector-tag": "keyword",
  operator: "keyword",
  name: "keyword",
  string: "string",
  regexp: "string",
  symbol: "string",
  char: "string",
  addition: "string",
  number: "number",
  literal: "number",
  comment: "comment",
  quote: "comment",
  doctag: "comment",
  title: "title",
  section: "title",
  built_in: "builtin",
  type: "builtin",
  class: "builtin",
  attr: "attribute",
  attribute: "attribute",
  variable: "attribute",
  "selector-class": "attribute",
  "selector-id": "attribute",
  meta: "meta",
  tag: "meta",
  deletion: "deletion",
};

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

/** The coloured parts of `code`, in order; empty for a language that is not known. */
export const colourSpans: ColourSpans = (code, language) => {
  if (code.length > LIMIT || !hljs.getLanguage(language)) return [];
  const { value } = hljs.highlight(code, { language, ignoreIllegals: true });
  const spans: Span[] = [];
  const open: (string | undefined)[] = [];
  let at = 0;
  // The result is highlight.js's markup: spans with classes around escaped text. It is read here, and never parsed as HTML.
  for (const [part] of value.matchAll(/<span class="[^"]*">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+/g)) {
    if (part.startsWith("</")) open.pop();
    else if (part.startsWith("<")) open.push(COLOURS[/hljs-([\w-]+)/.exec(part)?.[1] ?? ""] ?? open.at(-1));
    else {
      const length = part in ENTITIES ? 1 : part.length;
      const colour = open.at(-1);
      const last = spans.at(-1);
      if (colour !== undefined) {
        if (last?.to === at && last.colour === colour) last.to += length;
        else spans.push({ from: at, to: at + length, colour });
      }
      at += length;
    }
  }
  return spans;
};
