/** What a model may link to and show: the only place where an address is judged. */

import { decodeEntities } from "./entities";

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+$/i;

function parse(address: string): URL | null {
  try {
    // No base: an address without a scheme of its own would point into the notebook server.
    return new URL(decodeEntities(address));
  } catch {
    return null;
  }
}

/** The address to open for a link, normalised; null when it is not http, https or mailto. */
export function linkTarget(address: string): string | null {
  const url = parse(address);
  return url !== null && LINK_SCHEMES.has(url.protocol) ? url.href : null;
}

/** An image's source: `remote` ones are fetched only when the reader asks; null when it must never be shown. */
export function imageSource(address: string): { src: string; remote: boolean; host: string } | null {
  const decoded = decodeEntities(address).trim();
  if (INLINE_IMAGE.test(decoded)) return { src: decoded, remote: false, host: "" };
  const url = parse(decoded);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  return { src: url.href, remote: true, host: url.host };
}
