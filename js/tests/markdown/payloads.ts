/**
 * Text that tries to run code or to fetch something in a page that renders it carelessly.
 *
 * `alarm()` is the code to be run; anything fetched would go to `leak.example`. The tests of the whole page read the same file.
 */
import payloads from "./payloads.json";

export const PAYLOADS: readonly string[] = Object.values(payloads).flat();
