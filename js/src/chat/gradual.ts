import { useEffect, useReducer, useRef } from "preact/hooks";

/** So many messages are shown at once; more than fill the log, so that nobody sees the rest arrive. */
const FIRST = 30;
const BATCH = 50;

/**
 * How many of `count` messages to leave out for now. When many come at once, as in a reloaded page, the last ones are
 * shown first and the others follow, from the end to the beginning, while the page has nothing else to do. With `whole` none is left out.
 */
export function useLeftOut(count: number, whole = false): number {
  const before = useRef(0);
  const leftOut = useRef(0);
  const [, render] = useReducer((n: number) => n + 1, 0);

  if (whole) leftOut.current = 0;
  else if (count - before.current > FIRST) leftOut.current = count - FIRST;
  before.current = count;
  const now = Math.min(leftOut.current, count);

  useEffect(() => {
    if (now === 0) return;
    return whenIdle(() => {
      leftOut.current = Math.max(0, now - BATCH);
      render(undefined);
    });
  }, [now]);

  return now;
}

/** Returns how to call it off. */
function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback === "function") {
    const handle = requestIdleCallback(run, { timeout: 500 });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(run, 16);
  return () => clearTimeout(timer);
}
