/** What a model may link to and show: the only place where an address is judged. */

import { decodeEntities } from "./entities";

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+$/i;

function parse(address: string): URL | null {
  try {
    // No base: an address without a scheme of its own would point into the notebook server.
    return new URL(address);
  } catch {
    return null;
  }
}

/** The address to open for a link, normalised; null when it is not http, https or mailto. */
export function linkTarget(address: string): string | null {
  const url = parse(decodeEntities(address));
  return url !== null && LINK_SCHEMES.has(url.protocol) ? url.href : null;
}

export interface ImageSource {
  src: string;
  /** Fetched only when the reader asks. */
  remote: boolean;
  host: string;
}

/** The source of an image in Markdown, where an address may hold character references; null when it must never be shown. */
export function imageSource(address: string): ImageSource | null {
  return imageAt(decodeEntities(address));
}

/** The source of an image at an address as it is; null when it must never be shown. */
export function imageAt(address: string): ImageSource | null {
  const plain = address.trim();
  if (INLINE_IMAGE.test(plain)) return { src: plain, remote: false, host: "" };
  const url = parse(plain);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  return { src: url.href, remote: true, host: url.host };
}
