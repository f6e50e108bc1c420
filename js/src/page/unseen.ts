// A browser has six connections to a server at most, for all its pages together, and each page's stream is one. So a page that nobody
// looks at, and that waits for nothing, gives its own back; when it is seen again, it is told what has happened.
import type { HttpChannel } from "./channel";

export const UNSEEN_MS = 20_000;

/** Do so until `signal` aborts. */
export function restUnseen(
  channel: Pick<HttpChannel, "rest" | "hurry">,
  isIdle: () => boolean,
  signal: AbortSignal,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (isIdle()) channel.rest();
    else timer = setTimeout(look, UNSEEN_MS);
  };
  const turn = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(look, UNSEEN_MS);
    else channel.hurry();
  };
  // Until it is seen, the network's return is no reason: all pages that nobody looks at would take their connections again.
  const back = () => document.hidden || channel.hurry();
  addEventListener("online", back, { signal });
  addEventListener("pageshow", back, { signal });
  document.addEventListener("visibilitychange", turn, { signal });
  if (document.hidden) turn();
  signal.addEventListener("abort", () => clearTimeout(timer));
}
