// The clocks of a turn while it runs: asked of the kernel, as long as a timeline shows the turn and there is something new to ask about.
import { computed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Turn, View } from "../protocol.gen";
import type { Kept } from "./kept";
import type { TurnProps } from "./Timeline";
import { stepsOf } from "./turnScene";

/** So often at most, in milliseconds. Each question makes the kernel busy and idle again. */
export const LIVE_MS = 1000;

/**
 * Ask for the clocks of the turn while it runs, when this page has painted something that it has not asked about yet, and the last
 * question is answered: a page that hears nothing, or that nobody looks at, asks nothing.
 */
export function useLiveClocks({ store, turn, branch }: TurnProps, kept: Kept): void {
  const runs = turn.status === "running" && store.connection.value !== "lost";
  useEffect(() => {
    if (!runs) return;
    const { asking } = kept.clocksOf(branch, turn);
    /** What is seen now, null while nothing may be asked about it. */
    const due = computed(() => {
      const rests = asking.value === "asked" || asking.value === "failed" || store.quiz.value?.asks.value === true;
      return rests || isThinned(store.view.value, turn) ? null : store.view.value;
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      // A second timeline on the page may have been sooner.
      if (document.hidden || due.peek() === kept.asked.view) return;
      kept.asked = { at: performance.now(), view: due.peek() };
      void kept.ask(branch, turn);
    };
    const plan = () => {
      clearTimeout(timer);
      if (due.peek() === null) return;
      timer = setTimeout(ask, Math.max(0, kept.asked.at + LIVE_MS - performance.now()));
    };
    const stop = due.subscribe(plan);
    document.addEventListener("visibilitychange", plan);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", plan);
    };
  }, [store, kept, branch, turn.key, runs]);
}

/** Whether the turn has more deltas than have marks: then there is so much to ask for that only the reader does. */
export function isThinned(view: View | null, turn: Turn): boolean {
  return view === null || stepsOf(view, turn).some(({ thinned }) => thinned);
}
