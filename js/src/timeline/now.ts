// How far a turn has come while it runs, told by the page's clock.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Turn } from "../protocol.gen";
import type { Store } from "../store/store";
import { lastKnown, stepsOf } from "./turnScene";

/** So often the end of a running turn is moved on, in milliseconds. */
const TICK_MS = 100;

/** How far the turn has come while it runs, in seconds since it began; the page's clock is put by what came soonest. */
export function useNow(store: Store, turn: Turn | null): ReadonlySignal<number | null> {
  const now = useSignal<number | null>(null);
  const runs = turn?.status === "running" && store.connection.value !== "lost";
  useEffect(() => {
    if (!runs) {
      now.value = null;
      return;
    }
    let behind = Number.POSITIVE_INFINITY;
    const timer = setInterval(() => {
      const view = store.view.peek();
      if (view === null || turn === null) return;
      const here = performance.now() / 1000;
      behind = Math.min(behind, here - lastKnown(turn, stepsOf(view, turn), null));
      now.value = here - behind;
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [store, turn?.key, runs]);
  return now;
}
