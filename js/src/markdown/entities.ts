/**
 * Named character references.
 *
 * marked decodes numeric references and leaves named ones to the HTML parser. There is none here, so the names are
 * asked of the browser once each, in a document that has no scripts, no styles and no network.
 */

const known = new Map<string, string>([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&nbsp;", "\u00a0"],
]);

const NAMED = /&[a-zA-Z][a-zA-Z0-9]{1,31};/g;

function lookUp(reference: string): string {
  let text = known.get(reference);
  if (text === undefined) {
    text = reference;
    try {
      // The pattern admits letters and digits only: no markup can reach the parser.
      text = new DOMParser().parseFromString(reference, "text/html").body.textContent || reference;
    } catch {
      // A page that forbids the parser (Trusted Types) shows the rarer names as they were written.
    }
    known.set(reference, text);
  }
  return text;
}

/** `text` with its named character references replaced by their characters; unknown names stay. */
export function decodeEntities(text: string): string {
  return text.includes("&") ? text.replace(NAMED, lookUp) : text;
}
