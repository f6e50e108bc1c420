/** How far a link or image has been written. */

/** Longer labels and addresses are taken for text: holding them back would hide what a person waits for. */
const LABEL_LIMIT = 300;
const ADDRESS_LIMIT = 2000;

/** The index of the `]` for the `[` at `open`; -1 when it has not come, or is too far to be one. */
export function labelEnd(src: string, open: number): number {
  let depth = 0;
  const limit = Math.min(src.length, open + LABEL_LIMIT);
  for (let at = open; at < limit; at++) {
    const char = src[at];
    if (char === "\\") at++;
    else if (char === "`") {
      let end = at;
      while (src[end] === "`") end++;
      const close = src.indexOf(src.slice(at, end), end);
      if (close >= 0 && close < limit) at = close + (end - at) - 1;
    } else if (char === "[") depth++;
    else if (char === "]" && --depth === 0) return at;
  }
  return -1;
}

/** The index of the `)` for the `(` at `open`; -1 when it has not come, -2 when this is no address. */
function addressEnd(src: string, open: number): number {
  let depth = 0;
  let quote = "";
  const limit = Math.min(src.length, open + ADDRESS_LIMIT);
  for (let at = open; at < limit; at++) {
    const char = src[at] ?? "";
    if (char === "\\") at++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if ((char === '"' || char === "'") && /\s/.test(src[at - 1] ?? "")) quote = char;
    else if (char === "<" && src[at - 1] === "(") quote = ">";
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at;
    else if (/\s/.test(char) && /^\s+[^\s"'()]/.test(src.slice(at, at + 9)) && src[at - 1] !== "(") return -2;
  }
  return limit < src.length ? -2 : -1;
}

/**
 * Where the link whose `[` is at `open` ends: the index after it; `"undecided"` while it may become one, `"address"` when
 * only its address is unfinished, `"text"` when it is none.
 */
export function linkEnd(src: string, open: number): number | "undecided" | "address" | "text" {
  const label = labelEnd(src, open);
  if (label < 0) return src.length - open < LABEL_LIMIT ? "undecided" : "text";
  const next = src[label + 1];
  if (next === undefined) return "undecided";
  if (next === "(") {
    const end = addressEnd(src, label + 1);
    if (end === -2) return "text";
    return end === -1 ? "address" : end + 1;
  }
  if (next === "[") {
    const end = labelEnd(src, label + 1);
    if (end < 0) return src.length - label < LABEL_LIMIT ? "undecided" : "text";
    return end + 1;
  }
  // A task's box and a definition are read with what follows them.
  if (open === 0 && /^[:\s]\s*$/.test(src.slice(label + 1))) return "undecided";
  return "text";
}
